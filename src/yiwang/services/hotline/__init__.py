"""12345: what people call in or write, who must see to it, and whether it was solved; it owns no work of the units themselves."""
