"""What is known of a cause at an instant: the facts that the rules of a policy are asked with."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, ClockView, TaskKind
from yiwang.kernel.workdays import queries as workdays
from yiwang.office.supervision.contracts import CardStatus, Colour
from yiwang.office.supervision.models import Card, Cause

OVERDUE, URGED = "overdue", "urged"


@dataclass(frozen=True, slots=True)
class Weight:
    """The facts of a cause; without `facts` there is nothing to hold against anybody (any more, or yet)."""

    facts: dict[str, object] | None
    is_over: bool
    words: str = ""


def responsible(case: CaseView, task_id: int) -> int | None:
    """The unit that a late step is held against; None when it is the applicant's step."""
    tasks = [task for task in cases.tasks(case.id) if task.id == task_id] if task_id else list(case.steps_open)
    ours = [task for task in tasks if task.kind is not TaskKind.APPLICANT]
    if tasks and not ours:
        return None
    return ours[0].org_id if ours and ours[0].kind is not TaskKind.SUBCASES else case.org_id


def weigh(cause: Cause, case: CaseView, at: datetime) -> Weight:
    """A cause as it stands at an instant."""
    common: dict[str, object] = {
        "event": cause.event,
        "kind": case.kind,
        "clock": cause.clock,
        "level": "step" if cause.task_id else "case",
        "urged_times": cases.urges(case.id),
        "same_unit_this_month": this_month(cause.org_id, at),
        "over_days": 0,
    }
    if cause.event == URGED:
        return Weight(common, not case.is_open, f"已催办{common['urged_times']}次")
    clock = next((one for one in case.clocks if (one.name, one.task_id or 0) == (cause.clock, cause.task_id)), None)
    if clock is None or clock.due_at is None:
        return Weight(None, clock is None or not case.is_open)
    until, is_over = clock.stopped_at or at, clock.stopped_at is not None
    if until < clock.due_at:
        return Weight(None, is_over)
    days = max(0, workdays.workdays_between(clock.due_at, until))
    return Weight(common | {"over_days": days}, is_over, _late(clock, days))


def this_month(org_id: int, at: datetime) -> int:
    """Cards of a unit since the first of the legal month, without those that were dropped or lifted."""
    first = workdays.day_begins(workdays.legal_day(at).replace(day=1))
    rows = Card.objects.filter(org=org_id, proposed_at__gte=first).exclude(colour=Colour.WARNING)
    return rows.exclude(status__in=(CardStatus.DROPPED, CardStatus.LIFTED)).count()


def _late(clock: ClockView, days: int) -> str:
    assert clock.due_at is not None
    due = workdays.legal_day(clock.due_at)
    over = f"，已是其后第{days}个工作日" if days else ""
    return f"{clock.title}应于{due.year}年{due.month}月{due.day}日办结{over}"
