"""Reading matters: definitions, implementation lists as in force on a day, search, codes, procedural law."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Length

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.base.text import bigrams
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.services.matters import _content, _views, codes
from yiwang.services.matters.contracts import (
    ImplementationRow,
    ImplementationView,
    MatterDefinition,
    MatterType,
    NoSuchImplementation,
    Period,
    ProcedureView,
    VersionRow,
)
from yiwang.services.matters.kinds import MATTER, PROCEDURE, MatterPack, ProcedurePack
from yiwang.services.matters.models import Implementation, ImplementationVersion

parse_code = codes.parse
build_code = codes.build

QUERY_MAX = 60
EDIT = "matters.edit"
_FOUND = (
    "SELECT item.*, found.*, org.* FROM (SELECT {item} FROM matters_implementation) item "
    "JOIN (SELECT {version} FROM matters_implementationversion) found ON found.implementation_id = item.id "
    f"LEFT JOIN LATERAL ({orgs.beside('item.organisation_id')}) org ON true "
    "WHERE item.{column} = %s AND found.effective @> %s::date"
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed by; an empty field narrows nothing."""

    text: str = ""
    theme: str = ""
    audience: str = ""
    type: MatterType | None = None
    org_id: int | None = None
    region_code: str = ""
    is_online: bool = False


def implementation(matter_id: str, *, on: date, org_id: int | None = None, region_code: str = "") -> ImplementationView:
    """Who carries a matter out and how: at an organisation, or at the one that serves a region.

    Raises NoSuchImplementation, NobodyHandles (no such organisation at the region or above).
    """
    if org_id is None:
        kind = packs.get(MATTER, matter_id).as_type(MatterPack).handled_by
        org_id = orgs.handling(kind, region_code).id
    rows = _in_force(on).filter(implementation__matter_id=matter_id, implementation__organisation=org_id)
    return _only(rows)


def implementations(matter_ids: Iterable[str], *, on: date, region_code: str) -> dict[str, ImplementationView]:
    """As `implementation` for several matters at once; those nobody carries out there are absent."""
    found = {}
    wanted = {}
    for matter_id in set(matter_ids):
        kind = packs.get(MATTER, matter_id).as_type(MatterPack).handled_by
        wanted[matter_id] = kind
    bodies = {kind: orgs.handling(kind, region_code) for kind in set(wanted.values())}
    rows = _in_force(on).filter(
        implementation__matter_id__in=wanted, implementation__organisation__in=[org.id for org in bodies.values()]
    )
    for version in rows:
        matter_id = version.implementation.matter_id
        body = bodies[wanted[matter_id]]
        if version.implementation.organisation_id == body.id:
            found[matter_id] = _views.view(version, body)
    return found


def carried_out(matter_id: str, *, on: date) -> list[ImplementationView]:
    """Every organisation's list for one matter, by region; two queries, at most 200."""
    rows = list(
        _in_force(on).filter(implementation__matter_id=matter_id, implementation__organisation__isnull=False)[:200]
    )
    named = orgs.named(row.implementation.organisation_id or 0 for row in rows)
    views = [_views.view(row, named.get(row.implementation.organisation_id or 0)) for row in rows]
    return sorted(views, key=lambda view: (view.region_code, view.org_name))


def standing_alone() -> list[str]:
    """Ids of the matters that can be applied for by themselves."""
    return [pack.id for pack in packs.all_of(MATTER) if pack.as_type(MatterPack).stands_alone]


def elsewhere(matter: ImplementationView, *, on: date) -> list[ImplementationView]:
    """The other organisations that carry the same matter out, by region; none for lists that no pack defines."""
    found = carried_out(matter.matter_id, on=on) if matter.matter_id else []
    return [each for each in found if each.id != matter.id]


def get(implementation_id: int, *, on: date) -> ImplementationView:
    """Raises NoSuchImplementation."""
    return _known("id", implementation_id, on)


def by_code(code: str, *, on: date) -> ImplementationView:
    """Raises NoSuchImplementation."""
    return _known("code", code, on)


def foresee(code: str, *, on: date) -> None:
    """An action that will ask `by_code` gets the item with its next question."""
    rows.foresee(*_asking("code", code, on))


def version(version_id: int) -> ImplementationView:
    """A version whenever it was in force: what a case was begun under. Raises NoSuchImplementation."""
    return _only(ImplementationVersion.objects.select_related("implementation").filter(pk=version_id))


def history(code: str) -> list[VersionRow]:
    """All versions of one item, newest first. Raises NoSuchImplementation."""
    rows = list(ImplementationVersion.objects.filter(implementation__code=code).order_by("version"))
    if not rows:
        raise missing()
    return _views.history(rows)


def search(wanted: Filter, *, on: date, cursor: str | None = None, size: int = 20) -> Page[ImplementationRow]:
    """Items in force, the shortest names (closest to what was typed) first; two queries whatever the page."""
    return _page(_filtered(_in_force(on), wanted), cursor, size)


def editable(
    by: Actor, wanted: Filter, *, on: date, cursor: str | None = None, size: int = 20
) -> Page[ImplementationRow]:
    """As `search`, of the organisations whose lists `by` may edit."""
    mine = access.org_filter(by, EDIT, "implementation__organisation")
    return _page(_filtered(_in_force(on), wanted).filter(mine), cursor, size)


def _page(rows: QuerySet[ImplementationVersion], cursor: str | None, size: int) -> Page[ImplementationRow]:
    rows = rows.annotate(name_length=Length("name"))
    page = keyset(rows, order=("name_length", "name", "id"), cursor=cursor, size=size)
    names = orgs.named({v.implementation.organisation_id for v in page.items} - {None})
    return page.map(lambda v: _views.row(v, names))


def departments(wanted: Filter, *, on: date) -> list[tuple[int, str, int]]:
    """Organisations with how many of the items each carries out: id, name, count; most first."""
    rows = (
        _filtered(_in_force(on), wanted)
        .filter(implementation__organisation__isnull=False)
        .values(org=F("implementation__organisation"))
        .annotate(n=Count("id"))
        .order_by("-n", "org")[:100]
    )
    counted = [(row["org"], row["n"]) for row in rows]
    names = orgs.named(org for org, _ in counted)
    return [(org, names[org].name, n) for org, n in counted]


def definitions() -> list[MatterDefinition]:
    """The matters that packs define."""
    return [_content.definition(pack) for pack in packs.all_of(MATTER)]


def definition(matter_id: str) -> MatterDefinition:
    """Raises PackNotFound."""
    return _content.definition(packs.get(MATTER, matter_id))


def procedure(kind: MatterType) -> ProcedureView | None:
    """The procedural law for matters of this type; None where there is none, and then only the list's own limits hold."""
    for pack in packs.all_of(PROCEDURE):
        body = pack.as_type(ProcedurePack)
        if kind in body.applies_to:
            return _procedure(pack, body)
    return None


def _procedure(pack: Pack, body: ProcedurePack) -> ProcedureView:
    return ProcedureView(
        id=pack.id,
        title=str(pack.title),
        types=tuple(body.applies_to),
        periods={
            code: Period(code, part.title, part.limit, part.article, part.silence)
            for code, part in body.periods.items()
        },
        documents={code: part.title for code, part in body.documents.items()},
        uncounted={code: part.title for code, part in body.uncounted.items()},
    )


def _in_force(on: date) -> QuerySet[ImplementationVersion]:
    return ImplementationVersion.objects.select_related("implementation").filter(effective__contains=on)


def _filtered(rows: QuerySet[ImplementationVersion], wanted: Filter) -> QuerySet[ImplementationVersion]:
    if pieces := bigrams(wanted.text[:QUERY_MAX]):
        rows = rows.filter(words__contains=pieces)
    if wanted.theme:
        rows = rows.filter(themes__contains=[wanted.theme])
    if wanted.audience:
        rows = rows.filter(audience__contains=[wanted.audience])
    if wanted.type is not None:
        rows = rows.filter(matter_type=wanted.type)
    if wanted.org_id is not None:
        rows = rows.filter(implementation__organisation=wanted.org_id)
    if wanted.region_code:
        rows = rows.filter(implementation__region_code=wanted.region_code)
    return rows.filter(is_online=True) if wanted.is_online else rows


def _only(rows: QuerySet[ImplementationVersion]) -> ImplementationView:
    found = rows.first()
    if found is None:
        raise missing()
    org_id = found.implementation.organisation_id
    return _views.view(found, orgs.named([org_id]).get(org_id) if org_id else None)


def _known(column: str, value: str | int, on: date) -> ImplementationView:
    """One item's version of a day: asked with every filing and every document, so not built anew each time."""
    return rows.recall(*_asking(column, value, on), _found)


def _asking(column: str, value: str | int, on: date) -> tuple[Hashable, rows.Statement]:
    return ("matters.known", column, value, on), (_statement(column), [value, on])


def _found(answer: list[tuple[Any, ...]]) -> ImplementationView:
    if not answer:
        raise missing()
    of_item, of_version = (len(model._meta.concrete_fields) for model in (Implementation, ImplementationVersion))
    (item,) = rows.read(Implementation, [answer[0][:of_item]])
    (found,) = rows.read(ImplementationVersion, [answer[0][of_item : of_item + of_version]])
    found.implementation = item
    return _views.view(found, orgs.from_beside(answer[0][of_item + of_version :]))


@cache
def _statement(column: str) -> str:
    item, version = rows.columns(Implementation), rows.columns(ImplementationVersion)
    return _FOUND.format(item=item, version=version, column=column)


def missing() -> NoSuchImplementation:
    return NoSuchImplementation("没有这个事项，或当天没有生效的版本。", hint="请用事项名称重新查找。")
