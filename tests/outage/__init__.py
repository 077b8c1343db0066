"""Trials of a whole installation that is broken under load; slow, run one at a time: `./yiwang test tests/outage -m slow -n0`."""
