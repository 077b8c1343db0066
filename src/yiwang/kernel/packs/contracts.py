"""What packs are to the rest of the house: a kind's schema, a pack, a set of packs, a problem with its line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from yiwang.kernel.packs._manual import Sheet, origin, section, sheet, table
from yiwang.kernel.packs._packs import Layer, Lines, Pack, PackNotFound, PackSet, Path, Problem, RegionSet, locate
from yiwang.kernel.packs._registry import KindSpec, known_kinds, register, spec_of
from yiwang.kernel.packs._schema import ID_PATTERN, LegalBasis, PackFault, PackId, PackModel, PackPart
from yiwang.kernel.packs._text import Text

__all__ = [
    "ID_PATTERN",
    "SIGNS",
    "Change",
    "Difference",
    "KindSpec",
    "Layer",
    "LegalBasis",
    "Lines",
    "LoadReport",
    "Pack",
    "PackFault",
    "PackId",
    "PackModel",
    "PackNotFound",
    "PackPart",
    "PackSet",
    "Path",
    "Problem",
    "RegionSet",
    "ReleaseView",
    "Sheet",
    "Text",
    "known_kinds",
    "locate",
    "origin",
    "register",
    "section",
    "sheet",
    "spec_of",
    "table",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes in a pack: where (dotted, items by key), in plain words, and the file that says so now."""

    where: str
    words: str
    old: Any = None
    new: Any = None
    set_by: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What changes about one pack; `place` where it reads so only in one of several places served."""

    sign: Literal["+", "~", "-"]
    kind: str
    id: str
    version: int
    title: str
    kind_title: str = ""
    place: str = ""
    details: tuple[Difference, ...] = ()
    more: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """One line per difference."""
        lines = tuple(each.words for each in self.details)
        return (*lines, f"另有 {self.more} 处") if self.more else lines

    @property
    def subject(self) -> str:
        """What it is about: 事项“社会保障卡申领”, and where."""
        place = f"在 {self.place}，" if self.place else ""
        return f"{place}{self.kind_title or self.kind}“{self.title}”"

    @property
    def sentences(self) -> tuple[str, ...]:
        """Whole sentences, for readers who do not see the rest."""
        if self.sign != "~":
            return (f"{SIGNS[self.sign]}{self.subject}。",)
        return tuple(f"{self.subject}：{line}。" for line in self.words)

    def __str__(self) -> str:
        head = f"{self.sign} {SIGNS[self.sign]}{self.subject} {self.id}@{self.version}"
        return "\n".join([head, *(f"    {line}" for line in self.words)])


SIGNS = {"+": "新增", "~": "修改", "-": "移除"}


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """What was in force from a moment on."""

    number: int
    place: str
    hash: str
    loaded_at: datetime
    loaded_by: str
    packs: int


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did; `is_new` is False when everything was in force already."""

    release: int
    is_new: bool
    packs: int
    changes: tuple[Change, ...]
