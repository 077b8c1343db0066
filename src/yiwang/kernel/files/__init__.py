"""Uploaded and issued files by their content."""
