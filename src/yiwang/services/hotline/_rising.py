"""Whether a topic grows: its last days against its own past, exact for small numbers."""

from math import comb

from yiwang.services.hotline._topic_shapes import Rising

RECENT_DAYS, PAST_DAYS = 7, 56
RECENT_MIN, CHANCE_MAX = 3, 0.01
"""Fewer than three is no trend, whatever the past; and chance must be unlikelier than one in a hundred."""


def rising(recent: int, before: int, *, days: int = RECENT_DAYS, past_days: int = PAST_DAYS) -> Rising:
    """`recent` in the last `days` and `before` in the `past_days` before those.

    If nothing had changed, each of all these messages would fall into the last days with the same odds: the chance is that of at
    least so many falling there (the conditional test of two Poisson rates). With three against nothing it says one in 729.
    """
    both, odds = recent + before, days / (days + past_days)
    chance = _at_least(recent, both, odds) if both else 1.0
    expected = round(before * days / past_days, 2)
    return Rising(recent, expected, chance, recent >= RECENT_MIN and recent > expected and chance <= CHANCE_MAX)


def _at_least(k: int, n: int, p: float) -> float:
    """How likely at least `k` of `n` are."""
    if n > 500:
        # Terms of a long sum by the one before, so that nothing overflows.
        return _tail(k, n, p)
    return min(1.0, sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1)))


def _tail(k: int, n: int, p: float) -> float:
    from math import exp, lgamma, log

    logs = [
        lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(p) + (n - i) * log(1 - p) for i in range(k, n + 1)
    ]
    return min(1.0, sum(exp(one) for one in logs))
