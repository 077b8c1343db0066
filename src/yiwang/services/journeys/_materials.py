"""The materials of one filing: each paper once, for the parts that need it, with where it comes from. Reads packs only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from yiwang.kernel.forms import queries as forms
from yiwang.kernel.rules import queries as rules
from yiwang.services.applications.contracts import Wanted
from yiwang.services.journeys._book import Book, PartBook
from yiwang.services.journeys._plan import Arrangement, Copy, data_of
from yiwang.services.matters.contracts import Material, SourceKind

CHILD = "child"


@dataclass(frozen=True, slots=True)
class FilingMaterial:
    """A material of this filing; `where_it_exists` ones are left out when no register holds them."""

    wanted: Wanted
    where_it_exists: bool


def union(book: Book, made: Arrangement, answers: Mapping[str, Any]) -> list[FilingMaterial]:
    """What this filing needs, in the order of the parts."""
    found: dict[str, FilingMaterial] = {}
    for copy in made.copies:
        for material in _needed(copy.book, data_of(book, copy, answers)):
            own = _own(material, copy, made)
            wanted = _wanted(own, copy, earlier=_earlier_results(copy, made))
            known = found.get(wanted.key)
            found[wanted.key] = (
                FilingMaterial(wanted, material.where_it_exists) if known is None else _both(known, wanted)
            )
    return list(found.values())


def _needed(part: PartBook, facts: Mapping[str, Any]) -> Iterator[Material]:
    types = forms.condition_types(part.form)
    for material in part.matter.materials:
        if not material.when or rules.compile(material.when, types).evaluate(facts) is True:
            yield material


def _own(material: Material, copy: Copy, made: Arrangement) -> Material:
    """A paper of the child is another one for each child."""
    several = any(other.part == copy.part and other.slot != copy.slot for other in made.copies)
    if material.holder != CHILD or not material.is_asked or not several or copy.index is None:
        return material
    turn = copy.index + 1
    return replace(material, key=f"{material.key}-{turn}", name=f"{material.name}（第{turn}个）")


def _earlier_results(copy: Copy, made: Arrangement) -> dict[str, str]:
    """Licence types that parts of the same filing bring, with the part that does."""
    return {
        result.partition(":")[2]: other.book.matter.title
        for other in made.copies
        if other.part != copy.part and (result := other.book.matter.result).startswith("licence:")
    }


def _wanted(material: Material, copy: Copy, *, earlier: Mapping[str, str]) -> Wanted:
    is_result = material.source is SourceKind.LICENCE and material.reference in earlier
    return Wanted(
        key=material.key,
        name=material.name,
        kind=material.kind,
        source="generated" if is_result else material.source.value,
        reference="" if is_result else material.reference,
        holder=material.holder,
        requirement=material.requirement,
        why=f"由“{earlier[material.reference]}”的结果直接取得" if is_result else material.why,
        why_en="Taken from the result of an earlier part" if is_result else material.why_en,
        name_en=material.name_en,
        requirement_en=material.requirement_en,
        make_up=material.make_up.text if material.make_up else "",
        may_promise=material.may_promise,
        proves=material.proves,
        proves_en=material.proves_en,
        proof_basis=material.proof_basis,
        check_within=material.check_within.text if material.check_within else "",
        matters=(copy.book.matter.id,),
    )


def _both(known: FilingMaterial, more: Wanted) -> FilingMaterial:
    """The same paper for one matter more; it is asked if any of them has to ask for it."""
    matters = tuple(dict.fromkeys((*known.wanted.matters, *more.matters)))
    stays = known.wanted if known.wanted.is_asked or not more.is_asked else more
    return FilingMaterial(replace(stays, matters=matters), known.where_it_exists)
