"""A condition in its author's words, what it came to, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.packs.contracts import LegalBasis, PackId, PackPart, Text
from yiwang.kernel.rules._expression import Expression

__all__ = ["Answer", "CannotCompile", "Condition", "Decision", "Expression", "Fact", "Facts", "Mode", "Reason"]

Fact: TypeAlias = bool | int | Decimal | date | datetime | str | None
Facts: TypeAlias = Mapping[str, object]


class CannotCompile(PackInvalid):
    """An expression that is not in the language, or does not fit its facts; `message` and `hint` are for its author."""

    code = "rules.cannot-compile"


class Answer(StrEnum):
    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    ALL = "all"
    ANY = "any"


class Condition(PackPart):
    """One condition of a rule: its code, its sentence in plain words, its text and the law behind it."""

    code: PackId
    sentence: Text
    when: str
    basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """What one condition came to; `missing` names the facts that would settle it."""

    code: str
    sentence: Text
    answer: Answer
    missing: tuple[str, ...] = ()
    basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule came to, with a reason per condition; `missing` names the facts that would settle it."""

    answer: Answer
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
