"""Forms typed by data elements."""
