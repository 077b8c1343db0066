"""门户: pages that cross apps."""
