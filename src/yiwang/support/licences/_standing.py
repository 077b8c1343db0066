"""What may be done to a licence in which standing, and how it stands on a day. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from yiwang.support.licences.contracts import Change, Operation, Status


@dataclass(frozen=True, slots=True)
class Step:
    """From which standings a change leads to which one, under which operation code."""

    before: frozenset[Status]
    after: Status
    operation: Operation


_ALIVE = frozenset({Status.VALID, Status.SUSPENDED})
STEPS = {
    Change.SUSPEND: Step(frozenset({Status.VALID}), Status.SUSPENDED, Operation.SUSPEND),
    Change.RESUME: Step(frozenset({Status.SUSPENDED}), Status.VALID, Operation.RESUME),
    Change.CANCEL: Step(_ALIVE, Status.CANCELLED, Operation.CANCEL),
    Change.REVOKE: Step(_ALIVE, Status.REVOKED, Operation.OTHER),
    Change.WITHDRAW: Step(_ALIVE, Status.WITHDRAWN, Operation.OTHER),
}


def status_on(stored: str, valid_to: date | None, on: date) -> Status:
    """The stored status, or 失效 once the last day is over."""
    status = Status(stored)
    if status in _ALIVE and valid_to is not None and on > valid_to:
        return Status.LAPSED
    return status


def valid_until(kind: str, years: int | None, start: date) -> date | None:
    """The last day by the rule of the type; a year ends on the day before the same date."""
    if kind != "years" or not years:
        return None
    try:
        end = start.replace(year=start.year + years)
    except ValueError:  # from a 29 February: the year ends on the 28th
        return start.replace(year=start.year + years, day=28)
    return end - timedelta(days=1)
