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


ALIVE = frozenset({Status.VALID, Status.SUSPENDED, Status.MOVING})
STEPS = {
    Change.SUSPEND: Step(frozenset({Status.VALID}), Status.SUSPENDED, Operation.SUSPEND),
    Change.RESUME: Step(frozenset({Status.SUSPENDED}), Status.VALID, Operation.RESUME),
    Change.CANCEL: Step(ALIVE, Status.CANCELLED, Operation.CANCEL),
    Change.REVOKE: Step(ALIVE, Status.REVOKED, Operation.OTHER),
    Change.WITHDRAW: Step(ALIVE, Status.WITHDRAWN, Operation.OTHER),
    Change.MOVE_OUT: Step(frozenset({Status.VALID}), Status.MOVING, Operation.OTHER),
    Change.STAY: Step(frozenset({Status.MOVING}), Status.VALID, Operation.STAY),
}
# What may be done under which permission.
PERMISSIONS = dict.fromkeys(Change, "licences.revoke") | {
    Change.SUSPEND: "licences.suspend",
    Change.RESUME: "licences.suspend",
    Change.MOVE_OUT: "licences.issue",
    Change.STAY: "licences.issue",
}


def status_on(stored: str, valid_to: date | None, on: date) -> Status:
    """The stored status, or 失效 once the last day is over."""
    status = Status(stored)
    if status in ALIVE and valid_to is not None and on > valid_to:
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
