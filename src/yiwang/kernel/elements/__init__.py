"""Data elements (数据元) and code lists: what a value is called, how it is written, who answers for it."""
