"""How often a job is tried again: soon at first, then ever later, and never at once.

A killed database is back after seconds, a full disk or a lost database after minutes or hours; ten tries in a row would all fail in the same second.
"""

from procrastinate import RetryStrategy

# 2, 4, 8 seconds and so on: the last try is nine hours after the first.
PATIENTLY = RetryStrategy(max_attempts=14, exponential_wait=2)
# 2, 7, 12 seconds and so on for four minutes, never a whole one: for what comes again within the hour anyway.
SOON = RetryStrategy(max_attempts=10, wait=2, linear_wait=5)
