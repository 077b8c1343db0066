"""场所与网格: grids under villages and communities, who walks them, and standard addresses with where they are."""
