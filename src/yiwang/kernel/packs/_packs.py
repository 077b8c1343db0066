"""Packs as the rest of the house holds them: a pack, where each part of it stands, and the set of a place."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, TypeVar

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.packs._names import kind_title
from yiwang.kernel.packs._schema import PackModel
from yiwang.kernel.packs._text import Text

Path = Sequence[str | int]
Lines = Mapping[tuple[str | int, ...], tuple[str, int]]
Model = TypeVar("Model", bound=PackModel)


class PackNotFound(NotFound):
    """No pack of this kind, id and version is in force."""

    code = "packs.not-found"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one spot of one file, and what to do about it.

    `place` where an upper place's file is right by itself and wrong only as it stands in that place.
    """

    path: str
    line: int
    where: str
    what: str
    remedy: str
    place: str = ""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        place = f"（在 {self.place}）" if self.place else ""
        return f"{self.path}:{self.line}: {where}{place}{self.what}{self.remedy}"


@dataclass(frozen=True, slots=True)
class Layer:
    """One file that a pack is made of: the place it belongs to and, for an overlay, what it set.

    `fields` are dotted, an item of a named list by its key (`materials.parents-id.form`); one taken out begins with `-`.
    """

    place: str
    path: str
    line: int = 1
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in force: `body` is its typed content, `hash` that of the content without examples.

    `layers` are the files it is made of, from the top place down; `place` and `path` are the last one's.
    """

    kind: str
    id: str
    version: int
    title: Text
    hash: str
    place: str
    path: str
    body: PackModel
    raw: Mapping[str, Any] = field(repr=False, compare=False)
    lines: Lines = field(default_factory=dict, repr=False, compare=False)
    layers: tuple[Layer, ...] = field(default=(), compare=False)

    @property
    def reference(self) -> str:
        return f"{self.id}@{self.version}"

    def as_type(self, schema: type[Model]) -> Model:
        """The body, typed; TypeError when the pack is of another kind."""
        if not isinstance(self.body, schema):
            raise TypeError(f"{self.kind} {self.id} is not a {schema.__name__}")
        return self.body

    def set_by(self, where: str) -> Layer:
        """The file that says what stands at `where` (dotted, items of named lists by key)."""
        first, *over = self.layers or (Layer(self.place, self.path),)
        said = (layer for layer in reversed(over) if any(_covers(name, where) for name in layer.fields))
        return next(said, first)

    def problem(self, where: str | Path, what: str, remedy: str) -> Problem:
        """A problem at `where` (`steps.intake.to` or its parts), with the file and line it stands on."""
        parts = tuple(_parts(where)) if isinstance(where, str) else tuple(where)
        path, line = locate(self.lines, parts, self.path)
        return Problem(path, line, ".".join(map(str, parts)), what, remedy)


class PackSet:
    """The packs of one place, as they stand after overlays: look-ups by kind, id and version. Never changed.

    `chain` names the places from the top down to `place`. An installation that serves several places holds the packs of
    all of them by id; `below` are those places' own sets, `at_region` chooses among them.
    """

    def __init__(
        self,
        packs: Iterable[Pack],
        *,
        place: str = "",
        chain: Sequence[str] = (),
        release: int = 0,
        below: "Sequence[RegionSet]" = (),
    ) -> None:
        self.below = tuple(below)
        self.place = place
        self.release = release
        self.chain = tuple(chain) or (place,)
        self._by_key = {(pack.kind, pack.id, pack.version): pack for pack in packs}
        self._latest: dict[tuple[str, str], Pack] = {}
        for pack in sorted(self._by_key.values(), key=lambda pack: pack.version):
            self._latest[pack.kind, pack.id] = pack
        self._by_kind: dict[str, list[Pack]] = {}
        for (kind, _), pack in sorted(self._latest.items()):
            self._by_kind.setdefault(kind, []).append(pack)

    def __iter__(self) -> Iterator[Pack]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def find(self, kind: str, pack_id: str, version: int | None = None) -> Pack | None:
        """The pack, its latest version unless one is named (`pack_id` may read `x.y@2`); None when absent."""
        name, _, tail = pack_id.partition("@")
        if tail and version is None:
            if not re.fullmatch(r"[0-9]{1,4}", tail):
                return None
            version = int(tail)
        return self._latest.get((kind, name)) if version is None else self._by_key.get((kind, name, version))

    def get(self, kind: str, pack_id: str, version: int | None = None) -> Pack:
        """As `find`; raises PackNotFound."""
        pack = self.find(kind, pack_id, version)
        if pack is None:
            said, hint = self.missing(kind, f"{pack_id}@{version}" if version else pack_id)
            raise PackNotFound(said, hint=f"{hint}写好的包要装载后才有：yiwang packs load。")
        return pack

    def all_of(self, kind: str) -> list[Pack]:
        """The latest version of every pack of a kind, by id."""
        return list(self._by_kind.get(kind, ()))

    def versions(self, kind: str, pack_id: str) -> list[Pack]:
        """Every version of a pack that is in force side by side."""
        return [pack for (of, name, _), pack in self._by_key.items() if (of, name) == (kind, pack_id)]

    def missing(self, kind: str, pack_id: str) -> tuple[str, str]:
        """What to say of a pack that is named and not there, and what to do: the likeliest slip first."""
        title = kind_title(kind)
        name, _, version = pack_id.partition("@")
        there = sorted(pack.version for pack in self.versions(kind, name))
        near = get_close_matches(name, self.ids(kind), n=1, cutoff=0.75)
        if version and there:
            return f"没有{title}“{pack_id}”。", f"{name} 现有第{'、'.join(map(str, there))}版，请核对版本。"
        if near:
            return f"没有{title}“{pack_id}”。", f"是不是想写“{near[0]}”？"
        return f"没有{title}“{pack_id}”。", f"请核对编号，或先写这个{title}。"

    def ids(self, kind: str) -> list[str]:
        return [pack.id for pack in self._by_kind.get(kind, ())]

    def at_region(self, code: str) -> "PackSet":
        """The packs as they stand in a division: those of the lowest place that governs it, else these."""
        inside = [each for each in self.below if each.governs(code)]
        return max(inside, key=lambda each: len(each.packs.chain)).packs if inside else self

    def places(self) -> "list[PackSet]":
        """The sets of the places served, the served place's own first; this set where there is only one."""
        return [each.packs for each in self.below] or [self]


@dataclass(frozen=True, slots=True)
class RegionSet:
    """The packs of one of the places that an installation serves, and the division that it governs."""

    region: str
    packs: PackSet

    def governs(self, code: str) -> bool:
        """Whether the division `code` is the place's own or lies inside it; a place without one governs everything."""
        return code.startswith(_significant(self.region))


def locate(lines: Lines, where: Path, path: str) -> tuple[str, int]:
    """File and line of the deepest part of `where` that the file has (a union's own labels are passed over).

    A part that an overlay changed inside is shown where the overlay (`path`) did so.
    """
    at: tuple[str | int, ...] = ()
    for part in where:
        if (*at, part) in lines:
            at = (*at, part)
    inside = (spot for part, spot in lines.items() if part[: len(at)] == at and spot[0] == path)
    found = lines.get(at, (path, 1))
    return found if found[0] == path else next(inside, found)


def _covers(name: str, where: str) -> bool:
    name = name.removeprefix("-")
    return where == name or where.startswith(f"{name}.")


def _parts(where: str) -> Iterator[str | int]:
    for part in where.split("."):
        yield int(part) if part.isdigit() else part


def _significant(region: str) -> str:
    """The digits of a code that name it: two for a province, city or county each, three for towns and villages."""
    ends = (0, 2, 4, 6, 9, 12)
    return region[: next(end for end in ends if not region[end:].strip("0"))]
