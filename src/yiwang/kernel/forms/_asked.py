"""Ask once, in figures: what each pack asks of people, who answers for it, and why it is asked all the same."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that a form or a matter needs: known from `source`, or asked, with the reason.

    `authority` is the register that answers for the element (一数一源), if one does.
    """

    kind: str
    pack_id: str
    pack_title: str
    what: Literal["field", "material"]
    name: str
    title: str
    element: str
    authority: str
    source: str
    is_known: bool
    why: str


@dataclass(frozen=True, slots=True)
class Saving:
    """How many fields and materials something needs, and how many of them nobody has to give."""

    kind: str
    pack_id: str
    title: str
    fields: int
    fields_known: int
    materials: int
    materials_known: int


@dataclass(frozen=True, slots=True)
class AskReport:
    """Everything asked anywhere, and what is saved per matter and one-thing."""

    rows: tuple[Asked, ...]
    savings: tuple[Saving, ...]


AskedBy = Callable[[Pack, PackSet], Iterable[Asked]]
SavedBy = Callable[[Pack, PackSet], Saving]
_asking: dict[str, AskedBy] = {}
_saving: dict[str, SavedBy] = {}


def register_asking(kind: str, *, asked: AskedBy | None = None, saving: SavedBy | None = None) -> None:
    """Let packs of a kind say what they ask and what they save; called from AppConfig.ready()."""
    if asked:
        _asking[kind] = asked
    if saving:
        _saving[kind] = saving


def report(packs: PackSet) -> AskReport:
    with packs_queries.using(packs):
        return AskReport(tuple(_rows(packs)), tuple(_savings(packs)))


def _rows(packs: PackSet) -> Iterator[Asked]:
    for kind in sorted(_asking):
        for pack in packs.all_of(kind):
            yield from _asking[kind](pack, packs)


def _savings(packs: PackSet) -> Iterator[Saving]:
    for kind in sorted(_saving, reverse=True):
        for pack in packs.all_of(kind):
            yield _saving[kind](pack, packs)
