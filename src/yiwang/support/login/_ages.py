"""How old something is, by a clock that may have been wrong: what seems to come from the future is of no age."""

from datetime import datetime, timedelta

# Machines of one installation may differ by so much.
SKEW = timedelta(minutes=1)


def is_younger(since: datetime, limit: timedelta, *, at: datetime) -> bool:
    """Whether it is less than `limit` since then.

    A machine whose clock ran ahead for an hour leaves times behind that have not come yet. A code, a lock or a sitting
    of such a time would last until then: it is taken for over.
    """
    return -SKEW <= at - since < limit
