"""Figures over many cases, as boards show them. No Django."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OrgSummary:
    """What one organisation handled in a period; the three figures of days are averages over its closed cases."""

    org_id: int
    opened: int
    closed: int
    on_time: int
    late: int
    open_now: int
    overdue_now: int
    statutory_days: float | None
    promised_days: float | None
    actual_days: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One line for each organisation with anything to show, and one for all of them (`org_id` 0)."""

    units: tuple[OrgSummary, ...]
    whole: OrgSummary


@dataclass(frozen=True, slots=True)
class DayCount:
    """What came in and what was finished on one legal day."""

    on: date
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Funnel:
    """How far the cases that came in within a period have got by now; `closed` counts accepted ones only."""

    opened: int
    accepted: int
    decided: int
    closed: int
    turned_away: int


@dataclass(frozen=True, slots=True)
class KindCount:
    """What came in and was finished of one kind within a period, what runs now and how many of its steps are late."""

    kind: str
    opened: int
    closed: int
    open_now: int
    overdue_now: int


@dataclass(frozen=True, slots=True)
class OverdueUnit:
    """One organisation's steps past their due moment, and the one that waits longest."""

    org_id: int
    count: int
    since: datetime
    case_number: str
    case_title: str
    step_name: str
    post: str
    assignee_id: int | None
