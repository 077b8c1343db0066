"""Reading files: one as it stands or stood, its history, searches, what changed, what was taken in."""

import hashlib
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.catalogue.contracts import NoSuchResource, ResourceView
from yiwang.data.engine import queries as lake
from yiwang.data.registries import _cells, _files, _own, _reach, _standing, models
from yiwang.data.registries.contracts import (
    FOLLOW,
    OPEN,
    BadSearch,
    ChangeView,
    FileValue,
    FileView,
    FoundFile,
    IntakeView,
    Kind,
    NoSuchFile,
    NoSuchRegistry,
    NotForThisPost,
    RegistryView,
)
from yiwang.data.registries.kinds import FEED, REGISTRY, KeptRegistry, RegistryFeedPack, RegistryPack
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import Sensitivity
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NoSuchRegion
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import PartyKind

FEMALE = "2"
FOUND_MAX = 50
CHANGES_MAX = 1000


def registry(name: str) -> RegistryView | None:
    """Who answers for a registry; None for a source that is none."""
    pack = _kept(packs.current()).get(name)
    return _registry(pack) if pack else None


def registries() -> list[RegistryView]:
    """Every registry of the packs in force."""
    return [_registry(pack) for pack in _kept(packs.current()).values()]


def packs_kept() -> list[Pack]:
    """The packs of all registries, each body a KeptRegistry."""
    return list(_kept(packs.current()).values())


def pack_of(name: str) -> Pack:
    """A registry's pack, its body a KeptRegistry. Raises NoSuchRegistry."""
    pack = _kept(packs.current()).get(name)
    if pack is None:
        raise NoSuchRegistry("没有这个基础库。", hint="yiwang registries list 列出所有的基础库。")
    return pack


def file_for(
    registry: str, key: str, *, as_of: date | None = None, known_at: datetime | None = None, by: Actor
) -> FileView:
    """As `file`, for a post that may open it; one that it does not reach is not there for it. Raises NoSuchRegistry, NoSuchFile."""
    pack, entry = pack_of(registry), _entry(registry, key)
    if not _reach.reaches(by, pack.as_type(KeptRegistry), entry.region_code):
        raise _none()
    return _files.view(pack, entry, as_of=as_of, known_at=known_at, language="zh")


def file(
    registry: str, key: str, *, as_of: date | None = None, known_at: datetime | None = None, language: str = "zh"
) -> FileView:
    """What a registry holds of one subject (`key` is the sealed index of the number), values as they are; at most three queries.

    `as_of`: what held on that day; `known_at`: as it was known at that moment; one query more. Who asks writes the disclosure.
    Raises NoSuchRegistry, NoSuchFile.
    """
    pack = pack_of(registry)
    return _files.view(pack, _entry(registry, key), as_of=as_of, known_at=known_at, language=language)


def find_file(registry: str, key: str, *, language: str = "zh") -> FileView | None:
    """As `file`, as it stands; None where nothing is kept."""
    try:
        return file(registry, key, language=language)
    except NoSuchFile:
        return None


def values_of(registry: str, key: str) -> tuple[dict[str, str], datetime | None]:
    """The values by column, and when they were right (None: now); one query."""
    held = _files.find(registry, key)
    if held is None:
        return {}, None
    return held.values, None if held.is_direct else held.fresh_at


def find_value(registry: str, key: str, column: str) -> str:
    return values_of(registry, key)[0].get(column, "")


def keeping(name: str) -> RegistryView:
    """A registry that keeps files. Raises NoSuchRegistry."""
    found = _registry(pack_of(name))
    if not found.of:
        raise NoSuchRegistry("这个基础库没有档案。", hint="yiwang registries list 列出所有的基础库。")
    return found


def own_key(by: Actor) -> tuple[str, str]:
    """Registry and key of the one who acts, or of the firm acted for; a helper does not see another person's. Raises NotForThisPost."""
    party = people_queries.party(by.acting_for or 0)
    if by.principal_id and party.kind is PartyKind.PERSON:
        raise NotForThisPost("代他人办理时不能查看其档案。", hint="请切换回本人身份，或由本人登录查看。")
    return (_own.LEGAL_PERSONS if party.kind is PartyKind.FIRM else _own.POPULATION), party.subject_key


def search_titles(registry: str) -> dict[str, str]:
    """What the columns are called by which people search: key, name, narrow; `links`: those whom a file names."""
    body = pack_of(registry).as_type(KeptRegistry)
    titles = {each.name: str(elements.get(each.element).title) for each in body.columns}
    found = {part: titles.get(getattr(body, part) or "", "") for part in ("key", "name", "narrow")}
    return found | {"links": "、".join(titles[name] for name in body.links)}


def purposes(registry: str) -> tuple[str, ...]:
    """What people usually open a file of this registry for."""
    return pack_of(registry).as_type(KeptRegistry).purposes


def number_of(view: FileView) -> str:
    """The ID number or code that a file is kept under."""
    return view.value(pack_of(view.registry).as_type(KeptRegistry).key or "")


def region_of(view: FileView) -> tuple[str, str]:
    """The column that says in which region it is, and what that region is called; nothing where nobody knows it."""
    column = pack_of(view.registry).as_type(KeptRegistry).region or ""
    try:
        return column, orgs.full_name(view.value(column))
    except NoSuchRegion:
        return column, ""


def name_of(view: FileView) -> str:
    """What the subject of a file is called."""
    return view.value(pack_of(view.registry).as_type(KeptRegistry).name or "")


def resource_of(registry: str, value: FileValue) -> ResourceView | None:
    """The catalogue's resource that provides a value, where it has an item of the value's element."""
    feed = pack_of(registry).as_type(KeptRegistry).feed
    code = next((each.resource for each in feed.sources if each.code == value.source), "") if feed else ""
    try:
        found = catalogue.resource(code) if code else None
    except NoSuchResource:
        return None
    has_item = found and any(each.element_id == value.element_id for each in found.items)
    return found if has_item else None


def history(registry: str, key: str, column: str, *, language: str = "zh") -> list[FileValue]:
    """What one value was, the newest first. Raises NoSuchRegistry, NoSuchFile."""
    return _files.history(pack_of(registry), _entry(registry, key), column, language=language)


def search(registry: str, *, number: str = "", name: str = "", narrow: str = "", by: Actor) -> list[FoundFile]:
    """Files by their exact number (or that of one whom they name), or by exact name together with the registry's narrowing column;
    masked, and only those that a post of `by` reaches.

    Raises NoSuchRegistry, BadSearch where less is given.
    """
    pack = pack_of(registry)
    body = pack.as_type(KeptRegistry)
    if number.strip():
        index = sealed_index(number)
        asked = Q(key=index) | Q(links__contains=[index]) if body.links else Q(key=index)
        rows = list(_entries(registry).filter(asked).order_by("pk")[:FOUND_MAX])
    elif name.strip() and narrow.strip() and body.narrow:
        rows = list(_entries(registry).filter(name_key=sealed_index(name))[:FOUND_MAX])
        rows = [row for row in rows if _said(row, body.narrow) == narrow.strip()]
    else:
        raise BadSearch("请写完整的号码，或名称和另一项。", hint="不支持只凭姓名或部分号码查询。")
    return [_found(pack, row) for row in rows if _reach.reaches(by, body, row.region_code)]


def listed(
    registry: str, cursor: str | None = None, *, name: str = "", size: int = 20, by: Actor
) -> Page[tuple[str, ...]] | None:
    """What an open registry holds, the last that changed first, each by its columns; `name`: only what is called exactly so.

    None where it is about somebody, or a column is more than general information: there one file at a time is asked for. Raises NoSuchRegistry.
    """
    body = pack_of(registry).as_type(KeptRegistry)
    sensitive = any(elements.get(each.element).sensitivity is not Sensitivity.GENERAL for each in body.columns)
    if body.of != "thing" or sensitive:
        return None
    rows = _entries(registry).filter(_reach.entries(by, body, OPEN), is_here=True)
    rows = rows.filter(name_key=sealed_index(name)) if name.strip() else rows
    return keyset(rows, order=("-number",), cursor=cursor, size=size).map(lambda row: _listed(body, row))


def _listed(body: KeptRegistry, row: models.Entry) -> tuple[str, ...]:
    cells = _cells.unpacked(row.content)
    said = {each.name: cells[each.name].value or "" for each in body.columns if each.name in cells}
    return tuple(_files.shown(each.element, said.get(each.name, "")) for each in body.columns)


def columns(registry: str) -> tuple[str, ...]:
    """What the columns of a registry are called."""
    return tuple(str(elements.get(each.element).title) for each in pack_of(registry).as_type(KeptRegistry).columns)


def changes(registry: str, after: int = 0, *, limit: int = 200, by: Actor) -> list[ChangeView]:
    """Entries that changed after number `after`, in the order of their newest change, each once; those that a post of `by` may follow.

    Raises NoSuchRegistry.

    Who follows asks on from the last number that it got; numbers appear in their order, so nothing is passed over. While a take-over is
    on its way, what changes meanwhile waits for it.
    """
    reached = _reach.entries(by, pack_of(registry).as_type(KeptRegistry), FOLLOW)
    rows = models.Entry.objects.filter(reached, register__registry=registry, number__gt=after)
    found = (
        rows.filter(number__lte=_standing.told(registry))
        .order_by("number")
        .defer("content")
        .select_related("intake")[: max(1, min(limit, CHANGES_MAX))]
    )
    return [
        ChangeView(
            row.number,
            row.key,
            Kind(row.kind),
            tuple(name for name in row.columns if name != _cells.HERE),
            row.intake.taken_at,
        )
        for row in found
    ]


def intakes(registry: str, cursor: str | None = None, *, size: int = 20) -> Page[IntakeView]:
    """What was taken in, the newest first. Raises NoSuchRegistry."""
    pack_of(registry)
    rows = models.Intake.objects.filter(register__registry=registry)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(lambda row: as_intake(row, registry))


def behind() -> list[str]:
    """Registries whose table has a snapshot that was not taken in yet, as their packs read it now."""
    found = []
    for pack in _kept(packs.current()).values():
        feed = pack.as_type(KeptRegistry).feed
        newest = lake.current(feed.table) if feed and lake.find_table(feed.table) else None
        if newest is None:
            continue
        taken = models.Intake.objects.filter(register__registry=pack.id, table=newest.table, snapshot=newest.number)
        if not taken.filter(hash=pack.hash, is_done=True).exists():
            found.append(pack.id)
    return found


def sizes() -> dict[str, int]:
    """How many changes each registry has seen: one query."""
    return dict(models.Register.objects.values_list("registry", _standing.last()))


def as_intake(row: models.Intake, registry: str) -> IntakeView:
    return IntakeView(
        row.pk, registry, row.table, row.snapshot, row.case_number, row.read, row.added, row.changed, row.kept, row.gone,
        row.unkeyed, row.twice, row.is_done, row.taken_at,
    )  # fmt: skip


@lru_cache(maxsize=2)
def _kept(in_force: PackSet) -> dict[str, Pack]:
    """Every registry with what feeds it here; the hash is that of both, by which a take-over is known."""
    feeds = {each.as_type(RegistryFeedPack).registry: each for each in in_force.all_of(FEED)}
    return {pack.id: _fed(pack, feeds.get(pack.id)) for pack in in_force.all_of(REGISTRY)}


def _fed(pack: Pack, fed: Pack | None) -> Pack:
    body, said = pack.as_type(RegistryPack), fed.as_type(RegistryFeedPack) if fed else None
    more = {"columns": (*body.columns, *said.columns), "feed": said.feed} if said else {}
    found = hashlib.sha256(f"{pack.hash} {fed.hash if fed else ''}".encode()).hexdigest()
    return replace(pack, body=KeptRegistry.model_construct(**dict(body) | more), hash=found)


def _registry(pack: Pack) -> RegistryView:
    body = pack.as_type(KeptRegistry)
    table, sources = (body.feed.table, body.feed.sources) if body.feed else ("", ())
    titles = tuple(each.title for each in sources)
    return RegistryView(pack.id, str(body.title), body.units, body.flow, body.of or "", table, str(body.called), titles)


def _entries(registry: str) -> Any:
    return models.Entry.objects.filter(_standing.entries(), register__registry=registry).select_related("register")


def _entry(registry: str, key: str) -> _files.Held:
    held = _files.find(registry, key)
    if held is None:
        raise _none()
    return held


def _none() -> NoSuchFile:
    return NoSuchFile("库里没有这份档案，或您的岗位管不到那里。", hint="请核对号码，或到登记机关核实。")


def _said(row: models.Entry, column: str) -> str:
    cell = _cells.unpacked(row.content).get(column)
    return (cell.value or "") if cell else ""


def _found(pack: Pack, row: models.Entry) -> FoundFile:
    body = pack.as_type(KeptRegistry)
    cells, columns = _cells.unpacked(row.content), {each.name: each.element for each in body.columns}
    shown = {
        name: _files.masked(columns[name], cells[name].value or "")
        for name in (body.name, body.key, body.narrow)
        if name and name in cells
    }
    return FoundFile(pack.id, row.key, shown)
