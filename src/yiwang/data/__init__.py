"""数据基座: registries and, later, the lake."""
