"""Yiwang 一网: an open platform that runs a place's digital government."""
