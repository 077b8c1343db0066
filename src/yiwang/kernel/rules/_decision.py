"""What a rule came to, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from yiwang.kernel.packs.contracts import LegalBasis, PackId, PackPart, Text


class Answer(StrEnum):
    MET = "met"
    NOT_MET = "not-met"
    UNKNOWN = "unknown"


ANSWERS: dict[bool | None, Answer] = {True: Answer.MET, False: Answer.NOT_MET, None: Answer.UNKNOWN}


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
    """What a rule came to, with a reason per condition; `missing` names the facts that would settle it.

    `outputs` are worked out where the rule is met; one of them is None while its facts are missing.
    """

    answer: Answer
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def failed(self) -> tuple[str, ...]:
        """Codes of the conditions that did not hold."""
        return tuple(reason.code for reason in self.reasons if reason.answer is Answer.NOT_MET)


def settled(answers: set[Answer], mode: Mode) -> Answer:
    """What the answers of the conditions come to."""
    settles, otherwise = (Answer.NOT_MET, Answer.MET) if mode is Mode.ALL else (Answer.MET, Answer.NOT_MET)
    return settles if settles in answers else Answer.UNKNOWN if Answer.UNKNOWN in answers else otherwise
