"""What the lake does by night: fewer, larger files, and no old ones."""

from django.utils import timezone

from yiwang.data.engine import actions, queries
from yiwang.data.engine.contracts import Superseded
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY


@repeats("37 2 * * *", name="engine.tidy", retry=PATIENTLY)
def tidy(timestamp: int) -> None:
    """Compact what has many files, then let go of what is old."""
    for table in queries.tables():
        if table.files > actions.FILES_BEFORE_COMPACTION:
            try:
                actions.compact(table=table.name, by=SYSTEM, at=timezone.now())
            except Superseded:
                continue  # its writer is at work; tomorrow, then
    actions.expire(by=SYSTEM, at=timezone.now())
