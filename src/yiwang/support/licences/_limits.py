"""How often one visitor may look up codes: generous to a counter that scans all day, hopeless for guessing."""

from datetime import datetime, timedelta

from django.db import connection

from yiwang.kernel.base.fields import sealed_index
from yiwang.support.licences.contracts import TooManyLookups
from yiwang.support.licences.models import Lookup

WINDOW = timedelta(minutes=5)
PER_WINDOW = 60
# A code that does not exist counts as many: six wrong ones fill a window.
MISS_WEIGHT = 10
KEPT = timedelta(days=1)

_COUNT = """
INSERT INTO licences_lookup (visitor, "window", count) VALUES (%s, %s, %s)
ON CONFLICT (visitor, "window") DO UPDATE SET count = licences_lookup.count + EXCLUDED.count RETURNING count
"""


def count(visitor: str, at: datetime, *, weight: int = 1) -> None:
    """Raises TooManyLookups over the limit."""
    start = at - timedelta(seconds=at.timestamp() % WINDOW.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [sealed_index(f"visitor:{visitor}"), start.replace(microsecond=0), weight])
        (reached,) = cursor.fetchone()
    if reached > PER_WINDOW:
        raise TooManyLookups("查验得太频繁了。", hint="请五分钟后再试，或到签发单位窗口核验。")


def forget(at: datetime) -> int:
    """Drop windows past a day; returns how many."""
    return Lookup.objects.filter(window__lt=at - KEPT).delete()[0]
