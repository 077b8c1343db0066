"""数据质量: how good the data of each resource is, who owes what, and the way back to the source."""
