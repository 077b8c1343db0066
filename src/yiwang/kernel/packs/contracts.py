"""What packs are to the rest of the house: a kind's schema, a pack, a set of packs, a problem with its line."""

from dataclasses import dataclass
from typing import Literal

from yiwang.kernel.packs._packs import Layer, Lines, Pack, PackNotFound, PackSet, Path, Problem, RegionSet, locate
from yiwang.kernel.packs._registry import KindSpec, known_kinds, register, spec_of
from yiwang.kernel.packs._schema import ID_PATTERN, LegalBasis, PackFault, PackId, PackModel, PackPart
from yiwang.kernel.packs._text import Text

__all__ = [
    "ID_PATTERN",
    "Change",
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
    "Text",
    "known_kinds",
    "locate",
    "register",
    "spec_of",
]


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
