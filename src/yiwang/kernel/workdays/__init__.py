"""The law's days: which are work days, when a limit ends, how long is left."""
