"""实体归一: which records of the registers are the same person or firm, with a number that stays, and whose value survives."""
