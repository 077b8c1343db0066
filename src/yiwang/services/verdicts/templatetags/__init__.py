"""Template tags of verdicts."""
