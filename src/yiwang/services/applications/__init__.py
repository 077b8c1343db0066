"""办件: one matter, or one thing, as filed by somebody and handled by a body."""
