"""Verdicts as other apps see them: what a rule came to in a case, why, and what followed. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Actor, ActorKind, NotFound
from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.rules.contracts import Answer

SPOT_CHECK = "spot-check"
MACHINE = Actor(kind=ActorKind.SYSTEM, name="系统自动审批")


class NoSuchDraw(NotFound):
    """The case is no spot check, or its decision was not drawn."""

    code = "verdicts.no-such-draw"


class Left(StrEnum):
    """Why a case was left to a person: a machine grants or leaves, it never refuses."""

    NOT_MET = "not-met"
    UNKNOWN = "unknown"
    SILENT = "silent"  # a register did not answer
    MATERIALS = "materials"  # a paper that somebody has to look at
    RETURNED = "returned"  # a person has sent the case back here
    SIGNED = "signed"  # a person is at it
    MOVED_ON = "moved-on"  # withdrawn or handled in the meantime
    HINDERED = "hindered"  # the choice could not be taken

    @property
    def label(self) -> str:
        return _LEFT[self]


_LEFT: Mapping[Left, str] = {
    Left.NOT_MET: "有条件不符合",
    Left.UNKNOWN: "缺少信息",
    Left.SILENT: "登记系统没有回应",
    Left.MATERIALS: "有材料要人工核对",
    Left.RETURNED: "经人工退回，由人工办理",
    Left.SIGNED: "已有人签收",
    Left.MOVED_ON: "办件已撤回或另行办理",
    Left.HINDERED: "系统不能办理这一步",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What one condition came to; `missing` are the titles of the facts that would settle it."""

    code: str
    sentence: Text
    answer: Answer
    missing: tuple[Text, ...] = ()
    basis: str = ""

    def stored(self) -> dict[str, Any]:
        """As JSON: in the very words of the day, for a parameter in them may change."""
        return {
            "code": self.code,
            "sentence": [str(self.sentence), self.sentence.en],
            "answer": self.answer.value,
            "missing": [[str(each), each.en] for each in self.missing],
            "basis": self.basis,
        }

    @staticmethod
    def restored(stored: Mapping[str, Any]) -> "Ground":
        missing = tuple(Text(*each) for each in stored["missing"])
        return Ground(stored["code"], Text(*stored["sentence"]), Answer(stored["answer"]), missing, stored["basis"])


@dataclass(frozen=True, slots=True)
class DrawView:
    """Whether a decision was drawn for a spot check, by what anybody can work out again: see `_lot`."""

    verdict_id: int
    case_number: str
    tree_size: int
    root: str
    share: int  # per hundred
    lot: int  # of a million
    is_drawn: bool
    drawn_at: datetime
    check_number: str = ""
    check_outcome: str = ""
    check_is_open: bool = False


@dataclass(frozen=True, slots=True)
class VerdictView:
    """What a rule came to in a case at one step. Holds no facts: these are sealed."""

    id: int
    case_id: int
    task_id: int
    step: str
    choice: str
    decision_id: str
    rule_id: str
    rule_title: Text
    rule_version: int
    on: date
    answer: Answer
    grounds: tuple[Ground, ...]
    left: Left | None  # why it was left to a person at once; None where the machine could go on
    given_at: datetime
    leaf_id: int
    is_taken: bool | None = None  # None: not acted upon yet
    acted_at: datetime | None = None
    draw: DrawView | None = None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will follow of it by itself."""
        return self.left is not None or self.is_taken is not None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts of one case for one rule, each with where it came from; `silent` are registers that did not answer."""

    facts: Mapping[str, Any]
    sources: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """A verdict decided again under another version of its rule; `why` are the conditions that come to something else."""

    case_number: str
    on: date
    version: int
    was_taken: bool
    before: Answer
    after: Answer
    why: tuple[str, ...]

    @property
    def changes(self) -> bool:
        return self.before is not self.after


@dataclass(frozen=True, slots=True)
class LeftCount:
    left: Left
    n: int


@dataclass(frozen=True, slots=True)
class GroundCount:
    """A condition that kept the system from deciding, and how often."""

    sentence: str
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the system decided since a moment, why it left the rest, and what checks found; `sampled` verdicts were read for the conditions."""

    given: int
    taken: int
    left: tuple[LeftCount, ...]
    grounds: tuple[GroundCount, ...]
    sampled: int
    checks: int
    checks_open: int
    found_right: int
    found_wrong: int

    @property
    def percent(self) -> int | None:
        """Of a hundred verdicts how many the system could act upon; None where there are none."""
        return round(self.taken * 100 / self.given) if self.given else None


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A verdict in a list: its case and what came of it."""

    case_number: str
    case_title: str
    org_id: int
    verdict: VerdictView
