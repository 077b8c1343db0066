"""Credit as other apps see it: records, standings, grades, checks, what can go wrong. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound

OBJECTION_KIND, REPAIR_KIND = "credit-objection", "credit-repair"
CHECK, RECORD = "credit.check", "credit.record"
CHANGED = "credit.records.changed"


class RecordKind(StrEnum):
    LICENCE = "licence"
    PENALTY = "penalty"
    RED = "red"
    BLACK = "black"
    COMMITMENT = "commitment"
    BROKEN = "broken"  # a commitment that was not kept

    @property
    def word(self) -> str:
        return _KINDS[self]

    @property
    def is_bad(self) -> bool:
        """Whether it is published for a time only, and can be repaired."""
        return self in (RecordKind.PENALTY, RecordKind.BLACK, RecordKind.BROKEN)


_KINDS = {
    RecordKind.LICENCE: "行政许可",
    RecordKind.PENALTY: "行政处罚",
    RecordKind.RED: "守信激励名单",
    RecordKind.BLACK: "严重失信主体名单",
    RecordKind.COMMITMENT: "信用承诺",
    RecordKind.BROKEN: "承诺未履行",
}


class Severity(StrEnum):
    """失信 grades of the credit-repair rules."""

    MINOR = "minor"
    GENERAL = "general"
    SERIOUS = "serious"

    @property
    def word(self) -> str:
        return {"minor": "轻微", "general": "一般", "serious": "严重"}[self.value]


class Standing(StrEnum):
    """How a record stands on a day."""

    PUBLIC = "public"
    HIDDEN = "hidden"  # of a kind or grade that is not published
    OVER = "over"  # the period of publication has ended
    REPAIRED = "repaired"
    WITHDRAWN = "withdrawn"

    @property
    def word(self) -> str:
        return _STANDINGS[self]


_STANDINGS = {
    Standing.PUBLIC: "公示中",
    Standing.HIDDEN: "不公示",
    Standing.OVER: "公示期满",
    Standing.REPAIRED: "已修复",
    Standing.WITHDRAWN: "已撤下",
}


class NoSuchSubject(NotFound):
    code = "credit.no-such-subject"


class NoSuchRecord(NotFound):
    code = "credit.no-such-record"


class NotAFirm(Denied):
    """Only firms and other organisations have a public credit record."""

    code = "credit.not-a-firm"


class BadRecords(Invalid):
    code = "credit.bad-records"


class BadCheck(Invalid):
    code = "credit.bad-check"


class CannotRepair(Conflict):
    """Too early, not of the kind, or settled already."""

    code = "credit.cannot-repair"


class AlreadyAsked(Conflict):
    """A case about the record is open."""

    code = "credit.already-asked"


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record as its source has it; `number` is the source's own."""

    number: str
    kind: RecordKind
    uscc: str
    title: str
    decided_on: date
    authority: str
    authority_uscc: str = ""
    document_no: str = ""
    severity: Severity | None = None
    list_id: str = ""
    content: str = ""
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class TakenReport:
    """What became of a delivery; `problems` by the number of the source."""

    created: int
    changed: int
    unchanged: int
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecordView:
    id: int
    source: str
    number: str
    kind: RecordKind
    uscc: str
    title: str
    document_no: str
    decided_on: date
    authority: str
    severity: Severity | None
    list_id: str
    list_title: str
    content: str
    standing: Standing
    publish_until: date | None
    repair_from: date | None
    is_disputed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class GradeView:
    """A–D with the row of the table that decided, and the facts that it read."""

    grade: str
    title: str
    reason: str
    facts: Mapping[str, Any]
    rule_id: str
    on: date


@dataclass(frozen=True, slots=True)
class MeasureView:
    """A joint measure that holds for a subject now, with its legal basis."""

    id: str
    title: str
    is_punishment: bool
    does: str
    because: str
    basis: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One subject's answer of a check."""

    uscc: str
    is_registered: bool
    grade: str
    reason: str
    public_records: int
    lists: tuple[str, ...]
    measures: tuple[MeasureView, ...]


@dataclass(frozen=True, slots=True)
class CheckedView:
    """Who checked a firm's credit, and what for."""

    org_id: int
    purpose: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SubjectView:
    """A firm's page: `grade` only for itself and for who may check."""

    uscc: str
    name: str
    region_code: str
    status: str
    records: tuple[RecordView, ...]
    measures: tuple[MeasureView, ...]
    grade: GradeView | None = None
