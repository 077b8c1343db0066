"""The staff desk: everything that waits, and one case on one page."""
