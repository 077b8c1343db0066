"""What data a place has: systems, resources and their items, who answers for each and who may use it (目录)."""
