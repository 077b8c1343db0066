"""What took how long: the work days a case spent at each of its steps, and where it was too long."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext

from yiwang.kernel.cases.contracts import TaskStatus
from yiwang.kernel.cases.models import Task
from yiwang.kernel.workdays import queries as workdays


@dataclass(frozen=True, slots=True)
class Taken:
    """Work days from opening to closing (or to now), all rounds of a step together; first days not counted."""

    days: int
    is_late: bool

    def __str__(self) -> str:
        return (
            ngettext("%(days)d个工作日", "%(days)d个工作日", self.days) % {"days": self.days}
            if self.days
            else gettext("当天")
        )


def taken(tasks: Iterable[Task], at: datetime) -> Mapping[str, Taken]:
    """Every step that was worked on, by name; a task that was cancelled was not, and many at a time count once."""
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    late: set[str] = set()
    for task in tasks:
        if task.status != TaskStatus.CANCELLED:
            until = task.closed_at or at
            spans.setdefault(task.step, []).append((task.opened_at, max(until, task.opened_at)))
            if until >= task.due_at:
                late.add(task.step)
    return {step: Taken(_days(found), step in late) for step, found in spans.items()}


def _days(spans: list[tuple[datetime, datetime]]) -> int:
    """Work days of stretches of time, where they overlap only once."""
    days, (begun, over) = 0, min(spans)
    for since, until in sorted(spans)[1:]:
        if since > over:
            days += workdays.workdays_between(begun, over)
            begun, over = since, until
        over = max(over, until)
    return days + workdays.workdays_between(begun, over)
