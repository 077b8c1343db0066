"""What each organisation opened, closed and owes: a few grouped queries, however many cases."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from yiwang.kernel.cases.contracts import OrgSummary, Summary
from yiwang.kernel.workdays.queries import day_begins

_SCOPE = (
    "(%(orgs)s::bigint[] IS NULL OR {org} = ANY(%(orgs)s)) AND (%(kinds)s::text[] IS NULL OR {kind} = ANY(%(kinds)s))"
)
_OF_CASE = _SCOPE.format(org="c.org_id", kind="c.kind")
_OF_TASK = _SCOPE.format(org="t.org_id", kind="t.case_kind")
_OPENED = f"""
SELECT c.org_id, count(*) AS opened FROM cases_case c
WHERE c.opened_at >= %(since)s AND c.opened_at < %(until)s AND {_OF_CASE} GROUP BY GROUPING SETS ((c.org_id), ())
"""
_CLOSED = f"""
SELECT c.org_id, count(*) AS closed,
  count(*) FILTER (WHERE timed.n > 0 AND timed.late = 0) AS on_time, count(*) FILTER (WHERE timed.late > 0) AS late,
  avg(statutory.n + statutory.extra) AS statutory_days, avg(promised.n + promised.extra) AS promised_days,
  avg(coalesce(promised.used, statutory.used)) AS actual_days
FROM cases_case c
LEFT JOIN cases_clock statutory
  ON statutory.case_id = c.id AND statutory.name = 'statutory' AND statutory.unit NOT IN ('workhour', 'hour')
LEFT JOIN cases_clock promised
  ON promised.case_id = c.id AND promised.name = 'promised' AND promised.unit NOT IN ('workhour', 'hour')
CROSS JOIN LATERAL (
  SELECT count(*) AS n, count(*) FILTER (WHERE k.due_fired_at IS NOT NULL OR k.stopped_at >= k.due_at) AS late
  FROM cases_clock k WHERE k.case_id = c.id AND k.task_id IS NULL
) timed
WHERE c.status = 'closed' AND c.closed_at >= %(since)s AND c.closed_at < %(until)s AND {_OF_CASE}
GROUP BY GROUPING SETS ((c.org_id), ())
"""
_OPEN = f"""
SELECT t.org_id, count(*) AS open_now, count(*) FILTER (WHERE t.due_at <= %(at)s) AS overdue_now
FROM cases_task t WHERE t.status = 'open' AND t.kind = 'post' AND {_OF_TASK} GROUP BY GROUPING SETS ((t.org_id), ())
"""
_WHOLE = 0


def by_org(
    since: date, until: date, at: datetime, *, org_ids: Sequence[int] | None = None, kinds: Sequence[str] | None = None
) -> Summary:
    """Three grouped queries; None is no restriction."""
    values: dict[str, Any] = {"since": day_begins(since), "until": day_begins(until + timedelta(days=1)), "at": at}
    values |= {"orgs": None if org_ids is None else list(org_ids), "kinds": None if kinds is None else list(kinds)}
    found: dict[int, dict[str, Any]] = {_WHOLE: {}}
    for sql in (_OPENED, _CLOSED, _OPEN):
        for row in rows(sql, values):
            found.setdefault(row["org_id"] or _WHOLE, {}).update(row)
    units = tuple(_summary(org_id, found[org_id]) for org_id in sorted(found) if org_id != _WHOLE)
    return Summary(units, _summary(_WHOLE, found[_WHOLE]))


def rows(sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
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
