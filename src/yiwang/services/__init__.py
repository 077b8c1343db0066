"""一网通办: what residents and firms come for."""
