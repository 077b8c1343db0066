"""The five levels of a place and the organisations that act in it; not who works there (people)."""
