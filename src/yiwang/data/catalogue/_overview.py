"""一本账 and the three lists: what each unit has, what is asked for, who answers for what, what is refused by which law."""

from collections.abc import Iterable

from django.db.models import Case, Count, IntegerField, Q, Sum, When

from yiwang.data.catalogue import _requests, _rights
from yiwang.data.catalogue.contracts import (
    EDIT,
    Cycle,
    LedgerRow,
    Opening,
    RequestKind,
    RequestOutcome,
    RequestView,
    Sharing,
    State,
    TaskState,
)
from yiwang.data.catalogue.models import Authority, CensusTask, Request, Resource
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people

UNITS_MAX = 300


def ledger(by: Actor) -> list[LedgerRow]:
    """One line a unit, the most entries first; three queries."""
    rows = Resource.objects.filter(_rights.seen(by), state=State.IN_FORCE).values("org")
    found = rows.annotate(
        total=Count("id"),
        unconditional=_count(sharing=Sharing.UNCONDITIONAL),
        conditional=_count(sharing=Sharing.CONDITIONAL),
        refused=_count(sharing=Sharing.REFUSED),
        item_total=Sum("item_count"),
        no_contact=_count(Q(contact="") | Q(phone="")),
        no_system=_count(system=None),
        unlinked=_count(matters=[]),
    ).order_by("-total", "org")[:UNITS_MAX]
    listed = list(found)
    names = orgs.named(row["org"] for row in listed)
    officers = _officers(row["org"] for row in listed)
    return [
        LedgerRow(
            org_id=row["org"],
            org_name=names[row["org"]].short_name,
            total=row["total"],
            unconditional=row["unconditional"],
            conditional=row["conditional"],
            refused=row["refused"],
            items=row["item_total"] or 0,
            unlinked=row["unlinked"],
            no_contact=row["no_contact"],
            no_system=row["no_system"],
            officer=officers.get(row["org"], ""),
        )
        for row in listed
    ]


def split(by: Actor) -> dict[str, list[tuple[str, str, int]]]:
    """How many entries are of each update cycle, sharing and opening: code, name, count; three queries."""
    rows = Resource.objects.filter(_rights.seen(by), state=State.IN_FORCE)
    found: dict[str, list[tuple[str, str, int]]] = {}
    for name, kind in (("sharing", Sharing), ("opening", Opening), ("update_cycle", Cycle)):
        counts = dict(rows.values_list(name).annotate(n=Count("id")).order_by(name))
        found[name] = [(each.value, each.label, counts.get(each.value, 0)) for each in kind]
    return found


def requests(
    kind: RequestKind | None = None,
    *,
    org_ids: Iterable[int] | None = None,
    is_open: bool | None = None,
    resource_code: str = "",
    cursor: str | None = None,
    size: int = 20,
) -> Page[RequestView]:
    """What units asked for, the newest first; with `org_ids` what those asked or have to answer. One query."""
    rows = Request.objects.select_related("resource", "case")
    if kind is not None:
        rows = rows.filter(kind=kind)
    if org_ids is not None:
        ids = list(org_ids)
        rows = rows.filter(Q(org__in=ids) | Q(answering__in=ids))
    if is_open is not None:
        rows = rows.filter(outcome=RequestOutcome.OPEN) if is_open else rows.exclude(outcome=RequestOutcome.OPEN)
    if resource_code:
        rows = rows.filter(Q(resource__code=resource_code) | Q(code=resource_code))
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(_requests.view)


def responsibilities(org_id: int | None = None) -> list[tuple[int, str, str, str]]:
    """责任清单: unit, element, code and title of the entry in which it answers for it; at most a thousand."""
    rows = Authority.objects.select_related("resource").filter(until=None, resource__sharing__in=_SHARED)
    rows = rows.filter(org=org_id) if org_id else rows
    return [
        (r.org_id, r.element_id, r.resource.code, r.resource.title) for r in rows.order_by("org", "element_id")[:1000]
    ]


def units_of(by: Actor) -> list[int]:
    """The units whose catalogue `by` keeps, themselves and not those below."""
    return sorted({post.org_id for post in by.posts if access.may(by, EDIT, post.org_id)})


def count_owed(by: Actor) -> int:
    """What waits for one's units: census forms, drafts."""
    units = units_of(by)
    if not units:
        return 0
    waiting = CensusTask.objects.filter(org__in=units, state=TaskState.WAITING).count()
    return waiting + Resource.objects.filter(org__in=units, state=State.DRAFT).count()


_SHARED = (Sharing.UNCONDITIONAL, Sharing.CONDITIONAL)


def _count(condition: Q | None = None, **filters: object) -> Sum:
    found = condition if condition is not None else Q(**filters)
    return Sum(Case(When(found, then=1), default=0, output_field=IntegerField()))


def _officers(org_ids: Iterable[int]) -> dict[int, str]:
    """Who holds the officer's post in each unit; absent where nobody does."""
    held = people.holders_by_unit(_rights.policy().officer, org_ids)
    return {org_id: account.name or "" for org_id, account in held.items()}
