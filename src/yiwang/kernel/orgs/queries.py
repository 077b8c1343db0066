"""Reading regions and organisations; every answer is a contract and costs one query."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Length

from yiwang.kernel.base import rows
from yiwang.kernel.orgs._codes import line_of
from yiwang.kernel.orgs._codes import stem as stem
from yiwang.kernel.orgs.contracts import (
    Boundary,
    Level,
    NobodyHandles,
    NoSuchOrganisation,
    NoSuchRegion,
    OrgAsOf,
    OrgView,
    RegionView,
)
from yiwang.kernel.orgs.kinds import BOUNDARY, BoundaryPack
from yiwang.kernel.orgs.models import Organisation, OrgMove, Region
from yiwang.kernel.packs import queries as packs

SAME_NAME_MAX = 200
_SHORT_NAMES = "SELECT id, short_name FROM orgs_organisation WHERE id = ANY(%s::bigint[])"
# In the order of OrgView.
_VIEWED = (
    "SELECT o.id, o.uscc, o.name, o.short_name, o.doc_mark, o.kind, r.code, o.path, o.parent_id, o.phone, "
    "o.supervision_phone, o.address, o.closed_on, o.lon, o.lat "
    "FROM orgs_organisation o JOIN orgs_region r ON r.id = o.region_id"
)
_NAMED = f"{_VIEWED} WHERE o.id = ANY(%s::bigint[])"
_REGIONS_OF = "SELECT id, code, name, level, parent_id FROM orgs_region WHERE code = ANY(%s)"
_HANDLING = (
    "SELECT region.code, org.* FROM (SELECT {columns} FROM orgs_organisation) org JOIN orgs_region region ON region.id = org.region_id "
    "WHERE org.kind = %s AND region.code = ANY(%s) AND org.closed_on IS NULL "
    "ORDER BY region.level DESC, length(org.path), org.id LIMIT 1"
)
IDS_WITHIN = (
    # Asked for through SELECT a value does not show how long it is: a plan made once is then taken again.
    "SELECT unnest((SELECT %(orgs_own)s::bigint[])) AS id "
    "UNION SELECT o.id FROM unnest((SELECT %(orgs_below)s::text[])) AS top(path) "
    # Byte by byte, as the index of the column is kept; "0" follows "/".
    "JOIN orgs_organisation o ON o.path ~>=~ top.path AND o.path ~<~ (rtrim(top.path, '/') || '0') "
    "AND o.closed_on IS NULL "
    "UNION SELECT o.id FROM unnest((SELECT %(orgs_regions)s::text[])) AS top(stem) "
    # ":" follows "9".
    "JOIN orgs_region r ON r.code ~>=~ top.stem AND r.code ~<~ (top.stem || ':') "
    "JOIN orgs_organisation o ON o.region_id = r.id AND o.closed_on IS NULL"
)
"""SQL for the ids of organisations and of all open ones below paths and in regions: for other apps' own SQL, as access.Reached says."""
IDS_EVER_WITHIN = IDS_WITHIN.replace(" AND o.closed_on IS NULL", "")
"""The same with those that are closed: for what was done there."""


def region(code: str) -> RegionView:
    """The region of a 12-digit code. Raises NoSuchRegion."""
    row = Region.objects.filter(code=code).first()
    if row is None:
        raise NoSuchRegion("没有这个行政区划。", hint="请核对12位区划代码。")
    return _region_view(row)


def has_regions() -> bool:
    """Whether any region has been entered: the sign of a place in use."""
    return Region.objects.exists()


def regions(codes: Iterable[str]) -> dict[str, RegionView]:
    found = rows.fetch(_REGIONS_OF, [sorted(set(codes))])
    return {code: RegionView(pk, code, name, Level(level), above) for pk, code, name, level, above in found}


def regions_named(names: Iterable[str]) -> list[RegionView]:
    """The regions that are called exactly so, the highest first; many may share a name."""
    rows = Region.objects.filter(name__in=set(names)).order_by("level", "code")
    return [_region_view(row) for row in rows[:SAME_NAME_MAX]]


def regions_within(code: str) -> list[RegionView]:
    """The regions directly below one, in order of code."""
    rows = Region.objects.filter(parent__code=code).order_by("code")
    return [_region_view(row) for row in rows]


def boundaries(codes: Iterable[str]) -> list[Boundary]:
    """Outlines of these regions, as far as the packs in force have them."""
    wanted = set(codes)
    found = [pack.as_type(BoundaryPack) for pack in packs.all_of(BOUNDARY)]
    return [Boundary(each.region, each.rings) for each in found if each.region in wanted]


def full_name(code: str) -> str:
    """The region's name from the province down. Raises NoSuchRegion."""
    rows = list(Region.objects.filter(code__in=line_of(code)).order_by("code"))
    if not rows or rows[-1].code != code:
        raise NoSuchRegion("没有这个行政区划。", hint="请核对12位区划代码。")
    return "".join(row.name for row in rows)


def get(org_id: int) -> OrgView:
    """One organisation. Raises NoSuchOrganisation."""
    found = named([org_id])
    if org_id not in found:
        raise _missing()
    return found[org_id]


def by_uscc(uscc: str) -> OrgView:
    """The organisation of a unified social credit code. Raises NoSuchOrganisation."""
    return _only(_rows().filter(uscc=uscc.upper()))


def by_usccs(usccs: Iterable[str]) -> list[OrgView]:
    """The organisations of several credit codes; unknown codes are left out."""
    return [_view(row) for row in _rows().filter(uscc__in={uscc.upper() for uscc in usccs})]


def named(ids: Iterable[int]) -> dict[int, OrgView]:
    """Organisations by id, for the names on a page; unknown ids are absent."""
    return dict(rows.recall(*_naming(ids), _named))


def foresee(org_id: int) -> None:
    """An action that will ask for this organisation gets it with its next question."""
    rows.foresee(*_naming([org_id]))


def beside(column: str) -> str:
    """A subquery of the organisation that a column of the statement around it names; `from_beside` reads its columns."""
    return f"{_VIEWED} WHERE o.id = {column}"


def from_beside(answer: Sequence[Any]) -> OrgView | None:
    """The organisation in the columns of `beside`; None where the column named none."""
    return OrgView(*answer) if answer[0] is not None else None


def _naming(ids: Iterable[int]) -> tuple[Hashable, rows.Statement]:
    wanted = tuple(sorted(set(ids)))
    return ("orgs.named", wanted), (_NAMED, [list(wanted)])


def _named(answer: list[tuple[Any, ...]]) -> dict[int, OrgView]:
    return {row[0]: OrgView(*row) for row in answer}


def short_names(ids: Iterable[int]) -> dict[int, str]:
    """What organisations are called on a line of a list; unknown ids are absent."""
    found = rows.fetch(_SHORT_NAMES, [sorted(set(ids))])
    return {org_id: str(name) for org_id, name in found}


def under(org_id: int) -> list[OrgView]:
    """An organisation and all open ones below it, parents before children. Raises NoSuchOrganisation."""
    top = get(org_id)
    rows = _rows().filter(path__startswith=top.path, closed_on__isnull=True)
    return [_view(row) for row in rows.order_by(Length("path"), "pk")]


def in_region(code: str) -> list[OrgView]:
    """All open organisations of a region and of those below it, parents before children."""
    rows = _rows().filter(region__code__startswith=stem(code), closed_on__isnull=True)
    return [_view(row) for row in rows.order_by(Length("path"), "pk")]


def of_kind(kind: str) -> list[OrgView]:
    """All open organisations of a kind, in order of region."""
    rows = _rows().filter(kind=kind, closed_on__isnull=True)
    return [_view(row) for row in rows.order_by("region__code", "pk")]


def of_kinds(kinds: Iterable[str]) -> list[OrgView]:
    """As `of_kind` for several kinds, in one query."""
    rows = _rows().filter(kind__in=set(kinds), closed_on__isnull=True)
    return [_view(row) for row in rows.order_by("kind", "region__code", "pk")]


def handling(kind: str, region_code: str) -> OrgView:
    """The organisation of `kind` that serves a region: there, or nearest above. Raises NobodyHandles.

    Of several at one region the one highest in the tree answers, then the oldest record.
    """
    found = rows.fetch(_HANDLING.format(columns=rows.columns(Organisation)), [kind, line_of(region_code)])
    if not found:
        raise NobodyHandles("当地及上级都没有办理该业务的单位。", hint="请联系12345确认办理单位。")
    ((code, *columns),) = found
    (row,) = rows.read(Organisation, [tuple(columns)])
    row.region = Region(pk=row.region_id, code=code)
    return _view(row)


def handling_of(kinds: Iterable[str], region_code: str) -> list[OrgView]:
    """As `handling` for many kinds at once, by kind; kinds that nobody handles are left out. One query."""
    found = (
        _rows()
        .filter(kind__in=set(kinds), region__code__in=line_of(region_code), closed_on__isnull=True)
        .order_by("-region__level", Length("path"), "pk")
    )
    nearest: dict[str, OrgView] = {}
    for row in found:
        nearest.setdefault(row.kind, _view(row))
    return [nearest[kind] for kind in sorted(nearest)]


def as_of(org_id: int, on: date) -> OrgAsOf:
    """What an organisation was on a day. Raises NoSuchOrganisation before it opened."""
    moves = OrgMove.objects.filter(organisation=org_id, effective_on__lte=on)
    move = moves.select_related("region").order_by("-effective_on").first()
    if move is None:
        raise NoSuchOrganisation("当时还没有这个单位。", hint="请核对日期。")
    return OrgAsOf(
        org_id=org_id,
        name=move.name,
        short_name=move.short_name,
        region_code=move.region.code,
        parent_id=move.parent_id,
        since=move.effective_on,
    )


def _rows() -> QuerySet[Organisation]:
    return Organisation.objects.select_related("region")


def _only(rows: QuerySet[Organisation]) -> OrgView:
    row = rows.first()
    if row is None:
        raise _missing()
    return _view(row)


def _missing() -> NoSuchOrganisation:
    return NoSuchOrganisation("没有这个单位。", hint="请核对单位编号或统一社会信用代码。")


def _view(row: Organisation) -> OrgView:
    return OrgView(
        id=row.pk,
        uscc=row.uscc,
        name=row.name,
        short_name=row.short_name,
        doc_mark=row.doc_mark,
        kind=row.kind,
        region_code=row.region.code,
        path=row.path,
        parent_id=row.parent_id,
        phone=row.phone,
        supervision_phone=row.supervision_phone,
        address=row.address,
        closed_on=row.closed_on,
        lon=row.lon,
        lat=row.lat,
    )


def _region_view(row: Region) -> RegionView:
    return RegionView(row.pk, row.code, row.name, Level(row.level), row.parent_id)
