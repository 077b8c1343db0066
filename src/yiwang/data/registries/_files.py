"""A registry's entry as a file: each value with its title, source, day and quality; in three queries."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yiwang.data.quality import queries as quality
from yiwang.data.registries import _cells, _standing
from yiwang.data.registries._cells import Cell, Cells
from yiwang.data.registries.contracts import FileValue, FileView, Quality
from yiwang.data.registries.kinds import REGISTRY, KeptRegistry, RegistryPack, SourcePart
from yiwang.data.registries.models import Past
from yiwang.kernel.base import rows
from yiwang.kernel.base.masking import mask_address, mask_id_number, mask_name, mask_phone
from yiwang.kernel.base.sealing import unseal
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, NotThisElement, Sensitivity
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack

_CASE = "case:"
LINKED_MAX = 500

_HELD = f"""SELECT e.id, e.key, e.content, e.is_direct, r.fresh_at, e.region_code, e.links FROM registries_entry e
JOIN registries_register r ON r.id = e.register_id WHERE r.registry = %s AND {_standing.STANDS} AND """
_ENTRY = f"{_HELD} e.key = %s"
_ENTRIES = f"{_HELD} e.key = ANY(%s::text[])"
_LINKED = f"{_HELD} e.links @> ARRAY[%s]::varchar[] ORDER BY e.id LIMIT {LINKED_MAX}"
_NAMED_BY = f"""{_HELD} e.key IN (SELECT unnest(v.links) FROM registries_entry v JOIN registries_register w ON w.id = v.register_id
WHERE w.registry = %s AND v.key = %s AND v.is_here)"""
_AFTER = f"{_HELD} e.id > %s ORDER BY e.id LIMIT %s"
_INTAKES = "SELECT id, taken_at, snapshot FROM registries_intake WHERE id = ANY(%s::bigint[])"


@dataclass(frozen=True, slots=True)
class Held:
    """An entry as it is read: opened, with the moment from which its registry is fresh."""

    pk: int
    key: str
    cells: Cells
    is_direct: bool
    fresh_at: datetime | None
    region_code: str = ""
    links: tuple[str, ...] = ()

    @property
    def values(self) -> dict[str, str]:
        return {name: cell.value for name, cell in self.cells.items() if cell.value}

    @property
    def is_here(self) -> bool:
        return _cells.is_here(self.cells)


@dataclass(frozen=True, slots=True)
class _Taken:
    taken_at: datetime
    snapshot: int | None


def find(registry: str, key: str) -> Held | None:
    """One entry by its key. The server plans this once a connection: it is asked in the middle of forms."""
    return next(_held(_ENTRY, registry, key), None)


def many(registry: str, keys: Collection[str]) -> list[Held]:
    """Entries that are reported still, in one query."""
    return [each for each in _held(_ENTRIES, registry, list(keys)) if each.is_here] if keys else []


def linked(registry: str, key: str) -> list[Held]:
    """Entries that name the one who is kept under `key`, and are reported still; in the order in which they came."""
    return [each for each in _held(_LINKED, registry, key) if each.is_here]


def named_by(via: str, key: str, registry: str) -> list[Held]:
    """Entries of `registry` that the entry under `key` in the registry `via` names; one query."""
    return [each for each in _held(_NAMED_BY, registry, via, key) if each.is_here]


def after(registry: str, pk: int, size: int) -> list[Held]:
    """The entries after one of them, in the order in which they came."""
    return list(_held(_AFTER, registry, pk, size))


def _held(query: str, *params: object) -> Iterator[Held]:
    for pk, key, content, is_direct, fresh_at, region, links in rows.fetch(query, list(params)):
        cells = _cells.unpacked(json.loads(unseal(bytes(content))))
        yield Held(pk, key, cells, is_direct, fresh_at, region, tuple(links or ()))


def authority(registry: str) -> str:
    """The law that a registry rests on, as disclosures name it."""
    basis = packs.get(REGISTRY, registry).as_type(RegistryPack).legal_basis
    return "；".join(f"{law.title}第{law.article}条" if law.article else law.title for law in basis)


def view(pack: Pack, entry: Held, *, as_of: date | None, known_at: datetime | None, language: str) -> FileView:
    body = pack.as_type(KeptRegistry)
    cells = entry.cells
    pasts = [] if as_of is None and known_at is None else _pasts(entry)
    intakes = _intakes(cell for each in (cells, *pasts) for cell in each.values())
    taken = {number: intake.taken_at for number, intake in intakes.items()}
    if pasts or as_of is not None or known_at is not None:
        cells = _cells.stood(cells, pasts, taken, as_of.isoformat() if as_of else None, known_at)
    sources = {each.code: each for each in body.feed.sources} if body.feed else {}
    good = _quality(cells.values(), sources)
    values = [
        _value(each.name, each.element, cells[each.name], pack, sources, intakes, good, language)
        for each in body.columns
        if each.name in cells and cells[each.name].value
    ]
    return FileView(
        pack.id,
        entry.key,
        body.of or "",
        tuple(values),
        _cells.is_here(cells),
        entry.fresh_at,
        as_of,
        known_at,
        (entry.key, *(link for link in entry.links if link)) if body.of == "relation" else (entry.key,),
    )


def history(pack: Pack, entry: Held, name: str, *, language: str) -> list[FileValue]:
    """What one column said, the newest first."""
    body = pack.as_type(KeptRegistry)
    element = next((each.element for each in body.columns if each.name == name), None)
    every = [cells[name] for cells in (entry.cells, *_pasts(entry)) if name in cells]
    intakes = _intakes(every)
    sources = {each.code: each for each in body.feed.sources} if body.feed else {}
    if element is None:
        return []
    return [_value(name, element, cell, pack, sources, intakes, {}, language) for cell in every if cell.intake]


def _intakes(cells: Iterable[Cell]) -> dict[int, _Taken]:
    numbers = sorted({cell.intake for cell in cells if cell.intake})
    return {pk: _Taken(taken_at, snapshot) for pk, taken_at, snapshot in rows.fetch(_INTAKES, [numbers])}


def _pasts(entry: Held) -> list[Cells]:
    return [_cells.unpacked(row.content) for row in Past.objects.filter(entry=entry.pk).order_by("-id")]


def _quality(cells: Iterable[Cell], sources: Mapping[str, SourcePart]) -> dict[str, Quality]:
    """By the code of the source."""
    named = {cell.source: sources[cell.source].resource for cell in cells if cell.source in sources}
    found = quality.newest_of([resource for resource in named.values() if resource]) if any(named.values()) else {}
    return {
        code: Quality(resource, found[resource].id, found[resource].score, found[resource].inspected_at)
        for code, resource in named.items()
        if resource in found
    }


def _value(
    name: str,
    element_id: str,
    cell: Cell,
    pack: Pack,
    sources: Mapping[str, SourcePart],
    intakes: Mapping[int, _Taken],
    good: Mapping[str, Quality],
    language: str,
) -> FileValue:
    element = elements.get(element_id)
    intake = intakes.get(cell.intake)
    source = cell.source.removeprefix(_CASE)
    title = sources[source].title if source in sources else pack.title if source == pack.id else source
    return FileValue(
        name=name, title=element.title.in_language(language), element_id=element_id, value=cell.value or "",
        shown=shown(element_id, cell.value or "", language), sensitivity=str(element.sensitivity), source=cell.source,
        source_title=str(title), since=date.fromisoformat(cell.since[:10]),
        recorded_at=intake.taken_at if intake else None, snapshot=intake.snapshot if intake else None,
        quality=good.get(cell.source), is_corrected=cell.source.startswith(_CASE),
    )  # fmt: skip


def shown(element_id: str, value: str, language: str = "zh") -> str:
    """As people read it; what the element does not admit stays as it was delivered."""
    try:
        return elements.display(element_id, value, language=language)
    except NotThisElement:
        return value


def masked(element_id: str, value: str) -> str:
    """As lists show it."""
    element = elements.get(element_id)
    if element.sensitivity == Sensitivity.GENERAL:
        return shown(element_id, value)
    masks = {
        ElementType.ID_NUMBER: mask_id_number, ElementType.PHONE: mask_phone, ElementType.ADDRESS: mask_address,
        ElementType.TEXT: mask_name,
    }  # fmt: skip
    mask = masks.get(element.type)
    return mask(value) if mask else "***"
