"""The list of tickets, in own SQL as the lists of a desk (`cases._lists`): planned once for a connection, and rows that never were models."""

from typing import Any

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import rows as stored
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.masking import mask_name
from yiwang.kernel.base.paging import Page, seek
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _policy
from yiwang.services.hotline._list_shapes import TicketRow
from yiwang.services.hotline._policy import Tree
from yiwang.services.hotline._views import HIDDEN
from yiwang.services.hotline.contracts import TicketKind, Urgency
from yiwang.services.hotline.models import Ticket

SEATS_MAX = 400
"""Who watches more offices walks all tickets from the newest."""

_COLUMNS = (
    *("id", "number", "kind", "category", "urgency", "caller", "is_confidential", "region_code", "lead_org_id"),
    *("received_at", "due_at", "title", "status"),
)
_SELECTED = (
    "t.id, t.number, t.kind, t.category, t.urgency, t.caller, t.is_confidential, t.region_code, t.lead_org_id, "
    "t.received_at, t.due_at, c.title, c.status"
)
_NEAREST = (
    "SELECT t.id, t.received_at FROM hotline_ticket t JOIN cases_case c ON c.id = t.case_id "
    "WHERE {here}{more} ORDER BY t.received_at{down}, t.id{down} LIMIT {most}"
)
_PAGE = (
    f"WITH seen AS MATERIALIZED ({orgs.IDS_EVER_WITHIN}) SELECT {_SELECTED} FROM (SELECT id FROM ("
    f"SELECT near.* FROM seen CROSS JOIN LATERAL ({_NEAREST.replace('{here}', 't.org_id = seen.id')}) AS near "
    "WHERE (SELECT count(*) FROM seen) <= %(seats_max)s UNION ALL "
    f"SELECT near.* FROM ({_NEAREST.replace('{here}', '(t.org_id IN (SELECT id FROM seen)) IS TRUE')}) AS near "
    "WHERE (SELECT count(*) FROM seen) > %(seats_max)s"
    ") AS near ORDER BY received_at{down}, id{down} LIMIT {most}) AS page "
    "JOIN hotline_ticket t ON t.id = page.id JOIN cases_case c ON c.id = t.case_id "
    "ORDER BY t.received_at{down}, t.id{down}"
)
# Asked for through SELECT, a page far down the list has the plan of the first.
_BEYOND = "((SELECT %(beyond)s::timestamptz), (SELECT %(beyond_id)s::bigint))"
_caller: Any = Ticket._meta.get_field("caller")


def tickets(by: Actor, permission: str, *, state: str, kind: str, cursor: str | None, size: int) -> Page[TicketRow]:
    more = " AND c.status = %(state)s" if state in set(CaseStatus) else ""
    more += " AND t.kind = %(kind)s" if kind in set(TicketKind) else ""
    values = {"state": state, "kind": kind, "seats_max": SEATS_MAX, **access.reached(by, permission).values()}

    def fetch(beyond: list[Any] | None, backwards: bool, most: int) -> list[dict[str, Any]]:
        # Newest first, so that forwards is down.
        bound, given = more, dict(values)
        if beyond is not None:
            bound += f" AND (t.received_at, t.id) {'>' if backwards else '<'} {_BEYOND}"
            given |= {"beyond": beyond[0], "beyond_id": beyond[1]}
        sql = _PAGE.format(more=bound, down="" if backwards else " DESC", most=most)
        return [dict(zip(_COLUMNS, row, strict=True)) for row in stored.fetch(sql, given)]

    tree = _policy.tree()
    page = seek(fetch, names=["received_at", "id"], cursor=cursor, size=size)
    return page.map(lambda row: _row(row, tree))


def _row(row: dict[str, Any], tree: Tree) -> TicketRow:
    return TicketRow(
        number=row["number"],
        title=row["title"],
        kind=TicketKind(row["kind"]),
        category=row["category"],
        category_name=tree.line(row["category"]),
        urgency=Urgency(row["urgency"]),
        caller_masked=HIDDEN if row["is_confidential"] else mask_name(_name(row["caller"])),
        region_code=row["region_code"],
        lead_org_id=row["lead_org_id"],
        received_at=row["received_at"],
        due_at=row["due_at"],
        is_open=row["status"] == CaseStatus.OPEN,
    )


def _name(sealed: bytes | None) -> str:
    return str((_caller.from_db_value(sealed, None, None) or {}).get("name", ""))
