"""The data standard of a place: elements as packs define them, items and code lists of standards that were imported (数据标准)."""
