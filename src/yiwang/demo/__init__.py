"""演示: what exists only to be shown; above every page, known by nobody."""
