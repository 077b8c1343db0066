"""Who names an element: every pack, looked through once a release, and what apps above registered."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from yiwang.data.standards.contracts import Answer, Usage, answer_sources, usage_sources
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet, spec_of

_ELEMENT = "DataElement"


def used_by(element_id: str) -> tuple[Usage, ...]:
    """Forms, rules and other packs that name it, then records of apps above."""
    found = [*_by_packs(packs.current()).get(element_id, ())]
    for source in usage_sources:
        found += source(element_id)
    return tuple(found)


def answer(element_id: str) -> Answer | None:
    """Which unit answers for it: the first app above that knows."""
    return next((found for source in answer_sources if (found := source(element_id)) is not None), None)


@lru_cache(maxsize=2)
def _by_packs(in_force: PackSet) -> dict[str, list[Usage]]:
    known = set(in_force.ids(_ELEMENT))
    found: dict[str, list[Usage]] = {}
    for pack in sorted(in_force, key=lambda pack: (pack.kind, pack.id)):
        if pack.kind != _ELEMENT:
            for element_id in sorted({word for word in _words(pack.raw) if word in known}):
                spec = spec_of(pack.kind)
                kind = (spec.schema.kind_title if spec else "") or pack.kind
                found.setdefault(element_id, []).append(Usage(kind, pack.id, str(pack.title)))
    return found


def _words(value: Any) -> Iterator[str]:
    """Every string in a pack, and what follows a colon (`share:person.name`)."""
    if isinstance(value, str):
        yield from (value, value.rpartition(":")[2])
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)
