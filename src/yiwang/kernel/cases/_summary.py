"""What each organisation opened, closed and owes: a few grouped queries, however many cases."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from yiwang.kernel.cases.contracts import OrgSummary
from yiwang.kernel.workdays.contracts import LEGAL_TIME

_OPENED = "SELECT org_id, count(*) AS opened FROM cases_case WHERE opened_at >= %s AND opened_at < %s GROUP BY org_id"
_CLOSED = """
SELECT c.org_id, count(*) AS closed,
  count(*) FILTER (WHERE NOT late.is_late) AS on_time, count(*) FILTER (WHERE late.is_late) AS late,
  avg(statutory.n + statutory.extra) AS statutory_days, avg(promised.n + promised.extra) AS promised_days,
  avg(coalesce(promised.used, statutory.used)) AS actual_days
FROM cases_case c
LEFT JOIN cases_clock statutory ON statutory.case_id = c.id AND statutory.name = 'statutory'
LEFT JOIN cases_clock promised ON promised.case_id = c.id AND promised.name = 'promised'
CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM cases_clock k WHERE k.case_id = c.id AND k.task_id IS NULL
  AND k.due_fired_at IS NOT NULL OR k.case_id = c.id AND k.task_id IS NULL AND k.stopped_at >= k.due_at) AS is_late) late
WHERE c.status = 'closed' AND c.closed_at >= %s AND c.closed_at < %s GROUP BY c.org_id
"""
_OPEN = """
SELECT org_id, count(*) AS open_now, count(*) FILTER (WHERE due_at <= %s) AS overdue_now
FROM cases_task WHERE status = 'open' AND kind = 'post' GROUP BY org_id
"""


def by_org(since: date, until: date, at: datetime) -> list[OrgSummary]:
    """One line for each organisation with anything to show, in order of id."""
    period = (_midnight(since), _midnight(until + timedelta(days=1)))
    found: dict[int, dict[str, Any]] = {}
    for sql, values in ((_OPENED, period), (_CLOSED, period), (_OPEN, (at,))):
        for row in _rows(sql, values):
            found.setdefault(row["org_id"], {}).update(row)
    return [_summary(org_id, found[org_id]) for org_id in sorted(found)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LEGAL_TIME)


def _rows(sql: str, values: tuple[Any, ...]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _summary(org_id: int, row: Mapping[str, Any]) -> OrgSummary:
    def days(name: str) -> float | None:
        return None if row.get(name) is None else round(float(row[name]), 1)

    return OrgSummary(
        org_id=org_id,
        opened=row.get("opened", 0),
        closed=row.get("closed", 0),
        on_time=row.get("on_time", 0),
        late=row.get("late", 0),
        open_now=row.get("open_now", 0),
        overdue_now=row.get("overdue_now", 0),
        statutory_days=days("statutory_days"),
        promised_days=days("promised_days"),
        actual_days=days("actual_days"),
    )
