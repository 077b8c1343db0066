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
    """Every step that was worked on, by name; a task that was cancelled was not."""
    found: dict[str, Taken] = {}
    for task in tasks:
        if task.status != TaskStatus.CANCELLED:
            before = found.get(task.step, Taken(0, False))
            until = task.closed_at or at
            days = max(0, workdays.workdays_between(task.opened_at, until))
            found[task.step] = Taken(before.days + days, before.is_late or until >= task.due_at)
    return found
