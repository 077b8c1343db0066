"""Instant decisions (秒批): what a rule says of a case, what follows of it, and the checks made of it afterwards; not the rules themselves."""
