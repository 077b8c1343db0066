"""Template tags of codes."""
