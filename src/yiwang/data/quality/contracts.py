"""A quality rule over columns, what an inspection came to, and what can be wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from yiwang.kernel.base.contracts import Denied, Invalid, NotFound, PackInvalid
from yiwang.kernel.elements.contracts import CodeList, Element

INSPECT, VIEW = "quality.inspect", "quality.view"
PERMISSIONS = {INSPECT: "检查数据质量、发起问题数据核查", VIEW: "查看本单位数据的质量"}
KIND, OBJECTION_KIND = "data-correction", "data-objection"


class Trait(StrEnum):
    """Classes of rules."""

    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    CONSISTENCY = "consistency"
    UNIQUENESS = "uniqueness"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"


class Dimension(StrEnum):
    """The six dimensions of GB/T 36344."""

    STANDARD = "standard"  # 规范性
    COMPLETE = "complete"  # 完整性
    ACCURATE = "accurate"  # 准确性
    CONSISTENT = "consistent"  # 一致性
    TIMELY = "timely"  # 时效性
    ACCESSIBLE = "accessible"  # 可访问性


DIMENSION_TITLES: Mapping[Dimension, str] = {
    Dimension.STANDARD: "规范性", Dimension.COMPLETE: "完整性", Dimension.ACCURATE: "准确性",
    Dimension.CONSISTENT: "一致性", Dimension.TIMELY: "时效性", Dimension.ACCESSIBLE: "可访问性",
}  # fmt: skip
DIMENSION_OF: Mapping[Trait, Dimension] = {
    Trait.COMPLETENESS: Dimension.COMPLETE, Trait.VALIDITY: Dimension.STANDARD, Trait.CONSISTENCY: Dimension.CONSISTENT,
    Trait.UNIQUENESS: Dimension.ACCURATE, Trait.TIMELINESS: Dimension.TIMELY, Trait.ACCURACY: Dimension.ACCURATE,
}  # fmt: skip


# What a rule asks. A value is absent where it is null or empty; only Present minds, for all else there is nothing to judge.


@dataclass(frozen=True, slots=True)
class Present:
    column: str


@dataclass(frozen=True, slots=True)
class Valid:
    """The element's own definition; `parts` of it, or all."""

    column: str
    element: Element
    codes: CodeList | None = None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holds:
    """A condition of kernel.rules over the columns by name; false fails, unknown is not judged."""

    when: str


@dataclass(frozen=True, slots=True)
class Unique:
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The value stands in a column of another resource."""

    column: str
    other: str
    item: str


@dataclass(frozen=True, slots=True)
class Agrees:
    """比对: where another resource knows the same record (`on`: own column to theirs), its value is the same."""

    column: str
    other: str
    item: str
    on: tuple[tuple[str, str], ...]


Ask: TypeAlias = Present | Valid | Holds | Unique | Within | Agrees


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as the scan takes it; `pack` names the pack it stands in."""

    code: str
    sentence: str
    trait: Trait
    ask: Ask
    weight: int = 1
    pack: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names; a condition's are known only when it is compiled."""
        ask = self.ask
        if isinstance(ask, Unique):
            return ask.columns
        if isinstance(ask, Agrees):
            return (ask.column, *(own for own, _ in ask.on))
        return () if isinstance(ask, Holds) else (ask.column,)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many values a rule judged and how many of them failed it; `keys` of the first failing rows."""

    rule: Rule
    judged: int
    failed: int
    keys: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """The share that passed; None where there was nothing to judge."""
        return 1 - self.failed / self.judged if self.judged else None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one scan came to; `scores` are how many rows have which score (0 to 100, by tens, 100 = faultless)."""

    rows: int
    faulty_rows: int
    tallies: tuple[Tally, ...]
    scores: Mapping[int, int]
    left_out: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A row that failed a rule, personal values masked."""

    place: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """The listed rows of a problem as they are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """What one rule came to; `kept` are the failing rows that can be listed."""

    id: int
    code: str
    sentence: str
    trait: str
    dimension: Dimension
    columns: tuple[str, ...]
    weight: int
    judged: int
    failed: int
    kept: int

    @property
    def rate(self) -> Decimal | None:
        """Per cent that passed, never rounded up."""
        if not self.judged:
            return None
        return (100 * Decimal(self.judged - self.failed) / self.judged).quantize(Decimal("0.01"), rounding="ROUND_DOWN")

    @property
    def dimension_title(self) -> str:
        return DIMENSION_TITLES[self.dimension]


@dataclass(frozen=True, slots=True)
class ReportView:
    """One inspection of one resource."""

    id: int
    resource: str
    title: str
    org_id: int
    snapshot: int
    rows: int
    faulty_rows: int
    score: Decimal | None
    dimensions: Mapping[Dimension, Decimal]
    row_scores: Mapping[int, int]
    as_of: date
    inspected_at: datetime
    findings: tuple[FindingView, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def dimension_lines(self) -> list[tuple[str, Decimal | None]]:
        """The six dimensions in the standard's order; None where nothing judged one."""
        return [(title, self.dimensions.get(name)) for name, title in DIMENSION_TITLES.items()]


@dataclass(frozen=True, slots=True)
class StandingView:
    """How a resource stands now."""

    resource: str
    title: str
    org_id: int
    org_name: str
    report: ReportView
    problems: int


@dataclass(frozen=True, slots=True)
class OrgScore:
    """How the data of a unit stand now."""

    org_id: int
    name: str
    resources: int
    score: Decimal
    faulty_rows: int
    problems: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures on top."""

    resources: int
    rows: int
    faulty_rows: int
    score: Decimal | None
    problems: int
    objections: int


@dataclass(frozen=True, slots=True)
class Point:
    """A day of a trend."""

    day: date
    score: Decimal
    faulty_rows: int
    resources: int


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One rule's failing rows in one resource, sent back to the unit that answers for it."""

    id: int
    resource: str
    title: str
    rule: str
    sentence: str
    org_id: int
    org_name: str
    case_id: int
    case_number: str
    step: str
    rows: int
    rows_now: int
    report_id: int
    raised_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str


@dataclass(frozen=True, slots=True)
class NewObjection:
    """What somebody who uses the data says is wrong: which record of which resource, what it holds, what is right."""

    resource: str
    item: str
    key: str
    held: str
    claimed: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a relation with their types of kernel.rules (text, integer, decimal, date, bool)."""

    types: Mapping[str, str]
    places: Mapping[str, int] = field(default_factory=dict)


class CannotCheck(PackInvalid):
    """A rule that cannot be put to these columns."""

    code = "quality.cannot-check"


class NoSuchReport(NotFound):
    code = "quality.no-such-report"


class NoSuchProblem(NotFound):
    code = "quality.no-such-problem"


class NothingToInspect(Invalid):
    """A resource without data, or without a rule that fits it."""

    code = "quality.nothing-to-inspect"


class NotForThisPost(Denied):
    code = "quality.not-for-this-post"


class BadObjection(Invalid):
    code = "quality.bad-objection"
