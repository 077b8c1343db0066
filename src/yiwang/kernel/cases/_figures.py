"""Figures of a board over some organisations: per day, how far, and what is overdue where.

Every query names its organisations, so that it reads the indexes that begin with them.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yiwang.kernel.cases import _book
from yiwang.kernel.cases._summary import rows
from yiwang.kernel.cases._views import step_name
from yiwang.kernel.cases.contracts import DayCount, Funnel, KindCount, OverdueUnit
from yiwang.kernel.workdays.queries import day_begins

_IN_SCOPE = "org_id = ANY(%(orgs)s) AND kind = ANY(%(kinds)s)"
_DAILY = f"""
SELECT on_day, sum(opened)::int AS opened, sum(closed)::int AS closed FROM (
  SELECT (opened_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day, 1 AS opened, 0 AS closed FROM cases_case
  WHERE {_IN_SCOPE} AND opened_at >= %(since)s AND opened_at < %(until)s AND (root_id IS NULL OR NOT %(roots)s)
  UNION ALL
  SELECT (closed_at AT TIME ZONE 'Asia/Shanghai')::date, 0, 1 FROM cases_case
  WHERE {_IN_SCOPE} AND status = 'closed' AND closed_at >= %(since)s AND closed_at < %(until)s
    AND (root_id IS NULL OR NOT %(roots)s)
) AS moved GROUP BY on_day
"""
# A part of a family comes to its office accepted: its root was.
_FUNNEL = f"""
SELECT count(*) AS opened, count(*) FILTER (WHERE is_accepted) AS accepted,
  count(*) FILTER (WHERE is_accepted AND (decided_at IS NOT NULL OR status = 'closed')) AS decided,
  count(*) FILTER (WHERE is_accepted AND status = 'closed') AS closed,
  count(*) FILTER (WHERE NOT is_accepted AND status = 'closed') AS turned_away
FROM (
  SELECT status, decided_at, (accepted_at IS NOT NULL OR root_id IS NOT NULL) AS is_accepted
  FROM cases_case WHERE {_IN_SCOPE} AND opened_at >= %(since)s AND opened_at < %(until)s
) AS counted
"""
_BY_KIND = f"""
SELECT kind, sum(opened)::int AS opened, sum(closed)::int AS closed, sum(running)::int AS open_now,
  sum(late)::int AS overdue_now
FROM (
  SELECT kind, 1 AS opened, 0 AS closed, 0 AS running, 0 AS late FROM cases_case
  WHERE {_IN_SCOPE} AND opened_at >= %(since)s AND opened_at < %(until)s
  UNION ALL
  SELECT kind, 0, 1, 0, 0 FROM cases_case
  WHERE {_IN_SCOPE} AND status = 'closed' AND closed_at >= %(since)s AND closed_at < %(until)s
  UNION ALL
  SELECT kind, 0, 0, 1, 0 FROM cases_case WHERE {_IN_SCOPE} AND status = 'open'
  UNION ALL
  SELECT c.kind, 0, 0, 0, 1 FROM cases_task t JOIN cases_case c ON c.id = t.case_id
  WHERE t.status = 'open' AND t.org_id = ANY(%(orgs)s) AND t.kind IN ('post', 'outside') AND t.due_at <= %(at)s
    AND c.kind = ANY(%(kinds)s)
) AS counted GROUP BY kind
"""
# Steps of applicants are theirs to take; ours and those of outside systems are somebody's duty.
_OVERDUE = """
SELECT late.*, c.number, c.title, c.flow_id, c.flow_hash FROM (
  SELECT t.case_id, t.org_id, t.step, t.post, t.assignee_id, t.due_at,
    count(*) OVER (PARTITION BY t.org_id) AS n, row_number() OVER (PARTITION BY t.org_id ORDER BY t.due_at, t.id) AS place
  FROM cases_task t
  WHERE t.status = 'open' AND t.org_id = ANY(%(orgs)s) AND t.kind IN ('post', 'outside') AND t.due_at <= %(at)s
) AS late JOIN cases_case c ON c.id = late.case_id WHERE late.place = 1 ORDER BY late.n DESC, late.due_at
"""
_SOON = """
SELECT count(*) AS n FROM cases_task t WHERE t.status = 'open' AND t.org_id = ANY(%(orgs)s)
AND t.kind IN ('post', 'outside') AND t.due_at > %(at)s AND t.yellow_at <= %(at)s
"""


def daily(
    since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str], roots_only: bool
) -> list[DayCount]:
    values = _scope(since, until, org_ids, kinds) | {"roots": roots_only}
    found = {row["on_day"]: row for row in rows(_DAILY, values)}
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    nothing = {"opened": 0, "closed": 0}
    return [DayCount(day, found.get(day, nothing)["opened"], found.get(day, nothing)["closed"]) for day in days]


def funnel(since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str]) -> Funnel:
    (row,) = rows(_FUNNEL, _scope(since, until, org_ids, kinds))
    return Funnel(**row)


def by_kind(
    since: date, until: date, at: datetime, *, org_ids: Sequence[int], kinds: Sequence[str]
) -> dict[str, KindCount]:
    found = rows(_BY_KIND, _scope(since, until, org_ids, kinds) | {"at": at})
    return {row["kind"]: KindCount(**row) for row in found}


def overdue_by_org(at: datetime, *, org_ids: Sequence[int]) -> list[OverdueUnit]:
    return [_unit(row) for row in rows(_OVERDUE, {"orgs": list(org_ids), "at": at})]


def due_soon(at: datetime, *, org_ids: Sequence[int]) -> int:
    (row,) = rows(_SOON, {"orgs": list(org_ids), "at": at})
    return int(row["n"])


def _scope(since: date, until: date, org_ids: Sequence[int], kinds: Sequence[str]) -> dict[str, Any]:
    ends = {"since": day_begins(since), "until": day_begins(until + timedelta(days=1))}
    return ends | {"orgs": list(org_ids), "kinds": list(kinds)}


def _unit(row: dict[str, Any]) -> OverdueUnit:
    return OverdueUnit(
        org_id=row["org_id"],
        count=row["n"],
        since=row["due_at"],
        case_number=row["number"],
        case_title=row["title"],
        step_name=step_name(_book.pinned(row["flow_id"], row["flow_hash"]), row["step"]),
        post=row["post"],
        assignee_id=row["assignee_id"],
    )
