"""The lists of a desk, in own SQL: each seat's nearest rows first, then the nearest of all.

Asking every seat for its first rows costs one look into an index per seat, whether the table has a hundred rows or
a million; one `IN` over all seats would sort all their rows, or read past a million of others' by due date.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import rows as stored
from yiwang.kernel.base.contracts import Actor, Invalid
from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.base.paging import Page, seek
from yiwang.kernel.cases import _book
from yiwang.kernel.cases._rights import ACT, VIEW
from yiwang.kernel.cases._views import lamp, step_name, task_view
from yiwang.kernel.cases.contracts import Box, Lamp, TaskKind, TaskStatus, TaskView, WorkRow
from yiwang.kernel.cases.models import NEVER, OutsideCall, Task
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people

COUNT_MAX = 1_000
SEATS_MAX = 400
"""Above so many organisations their rows are no longer rare, and walking all rows by due date finds a page sooner."""

_COLUMNS = (
    *("id", "case_id", "number", "case_kind", "title", "applicant_id", "step", "flow_id", "flow_hash", "kind"),
    *("org_id", "post", "assignee_id", "signed_at", "opened_at", "due_at", "yellow_at", "is_paused", "closed_at"),
)
_SELECTED = (
    "t.id, t.case_id, c.number, c.kind, c.title, c.applicant_id, t.step, c.flow_id, c.flow_hash, t.kind, "
    "t.org_id, t.post, t.assignee_id, t.signed_at, t.opened_at, t.due_at, t.yellow_at, t.is_paused, t.closed_at"
)
_FROM_SEATS = (
    "SELECT near.id, near.due_at FROM unnest(%(orgs)s::bigint[], %(posts)s::text[]) AS seat(org_id, post) "
    "CROSS JOIN LATERAL (SELECT id, due_at FROM cases_task WHERE status = 'open' AND kind = 'post' "
    "AND org_id = seat.org_id AND post = seat.post AND assignee_id IS NULL{more}{order}) AS near"
)
_FROM_MINE = (
    "(SELECT id, due_at FROM cases_task WHERE status = 'open' AND assignee_id = %(me)s AND kind = 'post'{more}{order})"
)
_SEEN = f"WITH seen AS MATERIALIZED ({orgs.IDS_WITHIN}) "
_FROM_ORGS = (
    "SELECT near.id, near.due_at FROM seen AS seat CROSS JOIN unnest({kinds}) AS want(kind) "
    "CROSS JOIN LATERAL (SELECT id, due_at FROM cases_task WHERE status = 'open' "
    "AND org_id = seat.id AND kind = want.kind{more}{order}) AS near "
    f"WHERE (SELECT count(*) FROM seen) <= {SEATS_MAX}"
)
# IS TRUE keeps the set a hash that each row is looked up in: as a join its wrong size would choose the plan.
_FROM_MANY = (
    "SELECT near.id, near.due_at FROM unnest({kinds}) AS want(kind) "
    "CROSS JOIN LATERAL (SELECT id, due_at FROM cases_task WHERE status = 'open' "
    "AND kind = want.kind AND (org_id IN (SELECT id FROM seen)) IS TRUE{more}{order}) AS near "
    f"WHERE (SELECT count(*) FROM seen) > {SEATS_MAX}"
)
_FROM_UNIT, _FROM_WAITING = (
    [
        part.replace("{kinds}", f"ARRAY[{', '.join(repr(kind.value) for kind in kinds)}]")
        for part in (_FROM_ORGS, _FROM_MANY)
    ]
    for kinds in ([TaskKind.POST], [kind for kind in TaskKind if kind is not TaskKind.POST])
)
# Asked for through SELECT, a page far down the list has the plan of the first.
_BEYOND = "((SELECT %(beyond)s::timestamptz), (SELECT %(beyond_id)s::bigint))"
_DONE = "SELECT id, closed_at AS due_at FROM cases_task WHERE status = 'done' AND closed_by_id = %(me)s{more}{order}"


@dataclass(frozen=True, slots=True)
class _Search:
    """Where the rows of a box come from: parts of SQL with `{more}` and `{order}`, and their values."""

    parts: Sequence[str]
    values: Mapping[str, Any]
    more: str = ""
    by: str = "due_at"
    head: str = ""


def work_list(
    by: Actor, *, box: str, kind: str | None, org_id: int | None, cursor: str | None, size: int, at: datetime
) -> Page[WorkRow]:
    search = _search(by, _box(box), kind, org_id, at)
    falling = search.by == "closed_at"

    def fetch(values: list[Any] | None, backwards: bool, most: int) -> list[dict[str, Any]]:
        return _rows(search, values, falling != backwards, most)

    page = seek(fetch, names=[search.by, "id"], cursor=cursor, size=size)
    return Page(_work_rows(page.items, at), page.next_cursor, page.previous_cursor)


def counts(by: Actor, *, at: datetime) -> dict[str, int]:
    boxes = [box for box in Box if box is not Box.DONE]
    found: dict[str, int] = {}
    values: dict[str, Any] = {}
    selects = []
    for box in boxes:
        search = _search(by, box, None, None, at)
        sql = " UNION ALL ".join(part.format(more=search.more, order=f" LIMIT {COUNT_MAX}") for part in search.parts)
        values |= search.values
        selects.append(f"(SELECT count(*) FROM (SELECT 1 FROM ({sql}) AS found LIMIT {COUNT_MAX}) AS counted)")
    (row,) = stored.fetch(f"{_SEEN}SELECT {', '.join(selects)}", values)
    found.update({box.value: int(count) for box, count in zip(boxes, row, strict=True)})
    return found


def waiting_for_applicant(party_id: int) -> list[TaskView]:
    rows = Task.objects.filter(status=TaskStatus.OPEN, kind=TaskKind.APPLICANT, applicant=party_id)
    return [
        task_view(task, _book.pinned(task.case.flow_id, task.case.flow_hash), ())
        for task in rows.select_related("case").order_by("due_at", "id")[:100]
    ]


def open_rows(case_ids: Sequence[int], *, at: datetime) -> dict[int, list[WorkRow]]:
    """The open tasks of some cases, the oldest first; three queries. The task of a step of many as a whole is left out."""
    sql = (
        f"SELECT {_SELECTED} FROM cases_task t JOIN cases_case c ON c.id = t.case_id "
        "WHERE t.case_id = ANY(%s::bigint[]) AND t.status = 'open' AND t.kind <> 'each' ORDER BY t.id"
    )
    rows = [dict(zip(_COLUMNS, row, strict=True)) for row in stored.fetch(sql, [list(case_ids)])]
    found: dict[int, list[WorkRow]] = {}
    for row in _work_rows(rows, at):
        found.setdefault(row.case_id, []).append(row)
    return found


def is_asked(system: str, reference: str) -> bool:
    return OutsideCall.objects.filter(system=system, reference=reference, answered_at__isnull=True).exists()


def calls_waiting(system: str) -> dict[str, datetime]:
    rows = OutsideCall.objects.filter(system=system, answered_at__isnull=True, sent_at__isnull=False)
    return dict(rows.annotate(taken=F("sent_at")).order_by("sent_at").values_list("reference", "taken"))


def _box(name: str) -> Box:
    try:
        return Box(name)
    except ValueError as wrong:
        raise Invalid("没有这个列表。", hint=f"可用的有：{'、'.join(Box)}。", code="cases.no-such-box") from wrong


def _search(by: Actor, box: Box, kind: str | None, org_id: int | None, at: datetime) -> _Search:
    more, values = "", {"me": by.account_id or 0, "at": at, "case_kind": kind, "one_org": org_id}
    more += " AND case_kind = %(case_kind)s" if kind else ""
    more += " AND org_id = %(one_org)s" if org_id else ""
    match box:
        case Box.DONE:
            return _Search([_DONE], values, more, by="closed_at")
        case Box.UNIT | Box.WAITING:
            values |= access.reached(by, VIEW).values()
            return _Search(_FROM_UNIT if box is Box.UNIT else _FROM_WAITING, values, more, head=_SEEN)
        case Box.OVERDUE:
            more += " AND due_at <= %(at)s"
        case Box.DUE:
            more += " AND due_at > %(at)s AND yellow_at <= %(at)s"
    seats = _seats(by)
    values |= {"orgs": [org for org, _ in seats], "posts": [post for _, post in seats]}
    return _Search([_FROM_SEATS] if box is Box.UNSIGNED else [_FROM_SEATS, _FROM_MINE], values, more)


def _seats(by: Actor) -> list[tuple[int, str]]:
    """The organisations and post types whose tasks the actor may take."""
    acting = {kind.id for kind in access.post_types() if ACT in kind.permissions}
    return sorted({(post.org_id, post.post_type) for post in by.posts if post.post_type in acting})


def _rows(search: _Search, beyond: list[Any] | None, falling: bool, most: int) -> list[dict[str, Any]]:
    down = " DESC" if falling else ""
    order = f" ORDER BY {search.by}{down}, id{down} LIMIT {most:d}"
    more = search.more
    values = dict(search.values)
    if beyond is not None:
        more += f" AND ({search.by}, id) {'<' if falling else '>'} {_BEYOND}"
        values |= {"beyond": beyond[0], "beyond_id": beyond[1]}
    parts = " UNION ALL ".join(part.format(more=more, order=order) for part in search.parts)
    sql = (
        f"{search.head}SELECT {_SELECTED} FROM (SELECT id FROM ({parts}) AS near "
        f"ORDER BY due_at{down}, id{down} LIMIT {most:d}) AS page "
        "JOIN cases_task t ON t.id = page.id JOIN cases_case c ON c.id = t.case_id "
        f"ORDER BY t.{search.by}{down}, t.id{down}"
    )
    return [dict(zip(_COLUMNS, row, strict=True)) for row in stored.fetch(sql, values)]


def _work_rows(rows: list[dict[str, Any]], at: datetime) -> list[WorkRow]:
    if not rows:
        return []
    parties = people.names_of(row["applicant_id"] for row in rows if row["applicant_id"])
    offices = orgs.short_names(row["org_id"] for row in rows)
    return [_work_row(row, parties, offices, at) for row in rows]


def _work_row(row: dict[str, Any], parties: Mapping[int, str], offices: Mapping[int, str], at: datetime) -> WorkRow:
    flow = _book.pinned(row["flow_id"], row["flow_hash"])
    applicant = parties.get(row["applicant_id"])
    due_at = None if row["due_at"] == NEVER else row["due_at"]
    return WorkRow(
        task_id=row["id"],
        case_id=row["case_id"],
        number=row["number"],
        kind=row["case_kind"],
        title=row["title"],
        applicant_id=row["applicant_id"],
        applicant=mask_name(applicant) if applicant else "",
        step=row["step"],
        step_name=step_name(flow, row["step"]),
        task_kind=TaskKind(row["kind"]),
        org_id=row["org_id"],
        org_name=offices.get(row["org_id"], ""),
        post=row["post"],
        assignee_id=row["assignee_id"],
        is_signed=row["signed_at"] is not None,
        opened_at=row["opened_at"],
        due_at=due_at,
        closed_at=row["closed_at"],
        lamp=_lamp(row, due_at, at),
    )


def _lamp(row: dict[str, Any], due_at: datetime | None, at: datetime) -> Lamp:
    if row["closed_at"] is not None:
        return Lamp.RED if due_at is not None and row["closed_at"] >= due_at else Lamp.DONE
    return lamp(due_at, row["yellow_at"], at, is_paused=row["is_paused"])
