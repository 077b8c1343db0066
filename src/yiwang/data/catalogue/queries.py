"""Reading the catalogue: entries, search, history, sources; each narrowed by who asks where people ask."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from yiwang.data.catalogue import _census, _dcat, _finding, _requests, _rights, _rows, _sources
from yiwang.data.catalogue._content import words_of as words_of
from yiwang.data.catalogue._entries import view_of
from yiwang.data.catalogue._finding import GAPS as GAPS
from yiwang.data.catalogue._finding import pieces_of as pieces_of
from yiwang.data.catalogue._listing import find_listing as find_listing
from yiwang.data.catalogue._overview import count_owed as count_owed
from yiwang.data.catalogue._overview import ledger as ledger
from yiwang.data.catalogue._overview import requests as requests
from yiwang.data.catalogue._overview import responsibilities as responsibilities
from yiwang.data.catalogue._overview import split as split
from yiwang.data.catalogue._overview import units_of as units_of
from yiwang.data.catalogue.contracts import (
    VIEW,
    AuthorityView,
    CensusTaskView,
    Filter,
    NoSuchResource,
    Origin,
    RequestView,
    ResourceRow,
    ResourceView,
    RevisionView,
    Sharing,
    State,
    SystemView,
)
from yiwang.data.catalogue.models import Authority, CensusTask, Item, Request, Resource, Revision, System
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people

MATTER = "Matter"
census = _census.view
censuses = _census.views
census_task = _census.task_view


def resource(code: str) -> ResourceView:
    """An entry, whoever asks: for apps. Raises NoSuchResource."""
    return view_of(code)


def get(code: str, by: Actor) -> ResourceView:
    """An entry that `by` may see. Raises NoSuchResource."""
    if not Resource.objects.filter(_rights.seen(by), code=code).exists():
        raise NoSuchResource("目录里没有这项资源，或您不能查看。", hint="请核对资源代码，或用名称查找。")
    return view_of(code)


def find_resource_of_table(name: str) -> ResourceView | None:
    """The entry whose data stand in a table of the lake; `raw.` and `standard.` tables are named after their entry."""
    layer, _, code = name.partition(".")
    known = Q(lake_table=name)
    if layer in ("raw", "standard"):
        known |= Q(code=code)
    row = Resource.objects.exclude(state=State.RETIRED).filter(known).order_by("-lake_table", "id").first()
    return view_of(row.code) if row else None


def named(codes: Iterable[str]) -> dict[str, str]:
    """Titles by code, for the names on a page; unknown codes are absent."""
    return dict(Resource.objects.filter(code__in=set(codes)).values_list("code", "title"))


def org_ids(codes: Iterable[str]) -> dict[str, int]:
    """The organisation that answers for each resource; unknown codes are absent."""
    return dict(Resource.objects.filter(code__in=set(codes)).values_list("code", "org_id"))


def search(text: str, by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[ResourceRow]:
    """Entries in force found by words, the shortest titles first; two queries whatever the page."""
    return listed(by, Filter(text=text), cursor=cursor, size=size)


def listed(by: Actor, wanted: Filter, *, cursor: str | None = None, size: int = 20) -> Page[ResourceRow]:
    """As `search`, narrowed by more than words."""
    page = _finding.page(by, wanted, cursor=cursor, size=size)
    names = orgs.short_names(row.org_id for row in page.items)
    return page.map(lambda row: _rows.row(row, names))


def dcat(by: Actor, *, base: str, cursor: str | None = None, size: int = 200) -> tuple[dict[str, Any], str | None]:
    """Entries in force that `by` may see, in the words of DCAT-AP, and where the next page begins; two queries and those of `listed`."""
    rows = Resource.objects.filter(_finding.of(by, Filter())).defer("words")
    page = keyset(rows, order=("weight", "id"), cursor=cursor, size=size)
    names = orgs.named({row.org_id for row in page.items})
    keeper = _keeper([names[row.org_id] for row in page.items] or access.orgs_within(by, VIEW))
    return _dcat.catalogue(page.items, names, base=base, title="政务数据目录", by=keeper), page.next_cursor


def _keeper(units: list[OrgView]) -> str:
    """Who keeps the catalogue of these units: the data authority that serves the first of them."""
    if not units:
        return ""
    try:
        return _rights.authority(units[0].region_code).name
    except NobodyHandles:
        return units[0].name


def history(code: str) -> list[RevisionView]:
    """Every revision of an entry, the newest first; two queries. Raises NoSuchResource."""
    rows = list(Revision.objects.filter(resource__code=code).order_by("-number")[:200])
    if not rows:
        raise NoSuchResource("目录里没有这项资源。", hint="请核对资源代码。")
    numbers = {row.case_id: cases.peek(row.case_id).number for row in rows if row.case_id}
    return [
        RevisionView(
            row.number,
            Origin(row.origin),
            tuple(row.words),
            row.recorded_at,
            row.recorded_by,
            numbers.get(row.case_id, "") if row.case_id else "",
        )
        for row in rows
    ]


def source_of(element_id: str) -> AuthorityView | None:
    """Which unit answers for an element (一数一源); None when none does yet."""
    row = Authority.objects.select_related("resource").filter(element_id=element_id, until=None).first()
    return _sources.view(row) if row else None


def sources(element_ids: Iterable[str]) -> dict[str, AuthorityView]:
    """As `source_of` for many, in one query."""
    rows = Authority.objects.select_related("resource").filter(element_id__in=set(element_ids), until=None)
    return {row.element_id: _sources.view(row) for row in rows}


def system(code: str) -> SystemView | None:
    row = System.objects.filter(code=code).first()
    return SystemView(row.pk, row.code, row.name, row.org_id, row.since, row.retired_on) if row else None


def systems(org_id: int) -> list[SystemView]:
    """The systems of a unit, by name."""
    rows = System.objects.filter(org=org_id).order_by("name", "id")[:500]
    return [SystemView(row.pk, row.code, row.name, row.org_id, row.since, row.retired_on) for row in rows]


def request_of_case(case_id: int) -> RequestView | None:
    """What a case decides, if it is one of the catalogue's."""
    row = Request.objects.select_related("resource", "case").filter(case=case_id).first()
    return _requests.view(row) if row else None


def census_tasks(census_id: int) -> list[CensusTaskView]:
    """The units of a campaign, by unit; one query."""
    rows = CensusTask.objects.select_related("census", "case").filter(census=census_id).order_by("org", "id")
    return [_census.one_task(row) for row in rows[:500]]


def census_tasks_of(org_ids: Iterable[int]) -> list[CensusTaskView]:
    """What waits for units or was handed in by them, the newest first; one query."""
    rows = CensusTask.objects.select_related("census", "case").filter(org__in=set(org_ids)).order_by("-id")
    return [_census.one_task(row) for row in rows[:100]]


def authority(region_code: str) -> OrgView:
    """The data authority that serves a region. Raises NobodyHandles."""
    return _rights.authority(region_code)


def officer(org_id: int) -> str:
    """The name of the unit's chief data officer; empty where nobody is."""
    held = people.holders_by_unit(_rights.policy().officer, [org_id]).get(org_id)
    return (held.name or "") if held else ""


def may_govern(by: Actor) -> bool:
    return _rights.may_govern(by)


def negative(by: Actor, cursor: str | None = None) -> Page[tuple[ResourceRow, str]]:
    """负面清单: entries that are refused, each with its law, as far as `by` may see them."""
    rows = Resource.objects.filter(_finding.of(by, Filter(sharing=Sharing.REFUSED))).defer("words")
    page = keyset(rows, order=("weight", "id"), cursor=cursor)
    names = orgs.short_names(row.org_id for row in page.items)
    return page.map(lambda row: (_rows.row(row, names), row.refusal_basis))


def providers(by: Actor) -> list[tuple[int, str]]:
    """Units that have entries `by` may see, by name; two queries."""
    ids = Resource.objects.filter(_rights.seen(by)).order_by().values_list("org", flat=True).distinct()[:500]
    return sorted(((org.id, org.short_name) for org in orgs.named(ids).values()), key=lambda pair: pair[1])


def listed_of(org_ids: Iterable[int]) -> set[str]:
    """The elements that stand in entries of units, in force."""
    rows = Item.objects.filter(resource__org__in=set(org_ids), resource__state=State.IN_FORCE)
    return set(rows.exclude(element_id="").values_list("element_id", flat=True))


def matter_titles(matters: Iterable[str]) -> list[str]:
    """What linked matters are called; one that the packs no longer have stays as its id."""
    found = ((each, packs.find(MATTER, each)) for each in matters)
    return [pack.title if pack else each for each, pack in found]
