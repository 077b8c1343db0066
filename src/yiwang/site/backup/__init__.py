"""Backup and restore: one folder that holds a whole installation, can be checked by hand, and comes back whole or not at all."""
