"""How often a job is tried again: soon at first, then ever later, for most of a working day.

A full disk or a lost database lasts minutes or hours; ten tries in a row would all fail in the same second.
"""

from procrastinate import RetryStrategy

# 2, 4, 8 seconds and so on: the last try is nine hours after the first.
PATIENTLY = RetryStrategy(max_attempts=14, exponential_wait=2)
