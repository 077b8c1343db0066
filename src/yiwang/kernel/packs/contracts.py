"""What packs are to the rest of the house: a kind's schema, a pack, a set of packs, a problem with its line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.packs._registry import KindSpec, known_kinds, register, spec_of
from yiwang.kernel.packs._text import Text

__all__ = [
    "Change",
    "KindSpec",
    "LegalBasis",
    "LoadReport",
    "Pack",
    "PackFault",
    "PackId",
    "PackModel",
    "PackNotFound",
    "PackPart",
    "PackSet",
    "Problem",
    "Text",
    "known_kinds",
    "register",
    "spec_of",
]

ID_PATTERN = r"^[a-z0-9]+([.\-][a-z0-9]+)*$"
PackId = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=120)]
Path = Sequence[str | int]
Lines = Mapping[tuple[str | int, ...], tuple[str, int]]
Model = TypeVar("Model", bound="PackModel")


class PackNotFound(NotFound):
    """No pack of this kind, id and version is in force."""

    code = "packs.not-found"


class PackFault(ValueError):
    """Raised by a schema's own validator: what is wrong and what to do, both in the author's words."""

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


class PackPart(BaseModel):
    """A part of a pack: strict, frozen, no unknown keys. Schemas build on it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class LegalBasis(PackPart):
    """A law or a document, and the article as its text numbers it (二十三)."""

    title: str
    article: str = ""
    document_no: str = ""
    url: str = ""


class PackModel(PackPart):
    """What every pack declares; a kind's schema adds its own fields.

    `overridable` names the fields (dotted for parts of a mapping) that an overlay in a lower place may change.
    """

    overridable: ClassVar[frozenset[str]] = frozenset()

    kind: str
    id: PackId
    version: Annotated[int, Field(ge=1, le=9999)] = 1
    title: Text
    note: str = ""
    legal_basis: tuple[LegalBasis, ...] = ()
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one place of one file, and what to do about it."""

    path: str
    line: int
    where: str
    what: str
    remedy: str

    def __str__(self) -> str:
        spot = f"{self.path}:{self.line}: "
        return f"{spot}{self.where}: {self.what}{self.remedy}" if self.where else f"{spot}{self.what}{self.remedy}"


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack in force: `body` is its typed content, `hash` that of the content without examples."""

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

    @property
    def reference(self) -> str:
        return f"{self.id}@{self.version}"

    def as_type(self, schema: type[Model]) -> Model:
        """The body, typed; TypeError when the pack is of another kind."""
        if not isinstance(self.body, schema):
            raise TypeError(f"{self.kind} {self.id} is not a {schema.__name__}")
        return self.body

    def problem(self, where: str | Path, what: str, remedy: str) -> Problem:
        """A problem at `where` (`steps.intake.to` or its parts), with the file and line it stands on."""
        parts = tuple(_parts(where)) if isinstance(where, str) else tuple(where)
        path, line = locate(self.lines, parts, self.path)
        return Problem(path, line, ".".join(map(str, parts)), what, remedy)


class PackSet:
    """The packs of one place, as they stand after overlays: look-ups by kind, id and version. Never changed.

    `chain` names the places from the top down to `place`.
    """

    def __init__(self, packs: Iterable[Pack], *, place: str = "", chain: Sequence[str] = (), release: int = 0) -> None:
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
            raise PackNotFound(f"没有{kind}“{pack_id}”。", hint="请核对编号，或先装载配置包（yiwang packs load）。")
        return pack

    def all_of(self, kind: str) -> list[Pack]:
        """The latest version of every pack of a kind, by id."""
        return list(self._by_kind.get(kind, ()))

    def versions(self, kind: str, pack_id: str) -> list[Pack]:
        """Every version of a pack that is in force side by side."""
        return [pack for (of, name, _), pack in self._by_key.items() if (of, name) == (kind, pack_id)]

    def ids(self, kind: str) -> list[str]:
        return [pack.id for pack in self._by_kind.get(kind, ())]


@dataclass(frozen=True, slots=True)
class Change:
    """What a load would change about one pack, in plain words, one per changed field."""

    sign: Literal["+", "~", "-"]
    kind: str
    id: str
    version: int
    title: str
    words: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = {"+": "新增", "~": "修改", "-": "移除"}[self.sign]
        head = f"{self.sign} {name} {self.kind} {self.id}@{self.version}（{self.title}）"
        return "\n".join([head, *(f"    {line}" for line in self.words)])


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did; `is_new` is False when everything was in force already."""

    release: int
    is_new: bool
    packs: int
    changes: tuple[Change, ...]


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


def _parts(where: str) -> Iterator[str | int]:
    for part in where.split("."):
        yield int(part) if part.isdigit() else part
