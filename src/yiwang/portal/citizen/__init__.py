"""门户: the resident's own pages that cross apps."""
