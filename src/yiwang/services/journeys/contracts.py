"""What a one-thing (一件事) is to other apps. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound
from yiwang.kernel.workdays.contracts import Limit

KIND = "journey"


class NoSuchJourney(NotFound):
    code = "journeys.no-such-journey"


class CannotFile(Invalid):
    """What was filled in cannot be filed; `places` lists each spot."""

    code = "journeys.cannot-file"


class NotTheirs(Invalid):
    """The applicant is none of the persons who may apply."""

    code = "journeys.not-theirs"


class NothingToDo(Conflict):
    """No matter of the one-thing applies to what was filled in."""

    code = "journeys.nothing-to-do"


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One matter for one subject (a child): where it is done, what it waits for, and how long it takes."""

    slot: str
    part: str
    matter_id: str
    implementation_id: int
    version_id: int
    title: str
    org_id: int
    org_name: str
    after: tuple[str, ...]
    statutory: Limit
    promised: Limit
    starts_on_day: int = 0  # work days from filing until it may begin
    ends_on_day: int = 0
    index: int | None = None  # which child, from 0
    subject: str = ""
    title_en: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A matter that this filing does not contain, and why."""

    part: str
    title: str
    why: str
    title_en: str = ""
    why_en: str = ""


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a filing will set going. `path` is the chain of slots that decides the promised day."""

    journey_id: str
    parts: tuple[PartPlan, ...]
    left_out: tuple[LeftOut, ...]
    path: tuple[str, ...]
    promised_days: int
    statutory_days: int
    due_on: date | None = None
    is_provisional: bool = False


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material of the union: for which parts, and whether and when it is asked."""

    key: str
    name: str
    name_en: str
    parts: tuple[str, ...]
    source: str
    is_asked: bool
    may_lack: bool
    condition: str  # in words; empty when it is always needed
    condition_en: str
    why: str
    why_en: str


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of the union form, and where its value comes from if it need not be typed."""

    name: str
    label: str
    parts: tuple[str, ...]
    source: str = ""

    @property
    def is_known(self) -> bool:
        return bool(self.source)


@dataclass(frozen=True, slots=True)
class PartLine:
    """One part as the explanation shows it: its own days, and where it stands in the order."""

    slot: str
    title: str
    title_en: str
    unit: str
    after: tuple[str, ...]
    applies: str  # to whom, in words; empty when to all
    applies_en: str
    statutory: Limit
    promised: Limit
    own_visits: int
    visits: int
    own_materials: int
    own_fields: int
    starts_on_day: int
    ends_on_day: int
    slack: int
    result: str

    @property
    def is_on_path(self) -> bool:
        """A day late here is a day late for the whole."""
        return self.slack == 0


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that somebody's guide quotes, ours, and what makes the two differ."""

    subject: str
    quoted_before: int | None
    quoted_after: int | None
    ours_before: int
    ours_after: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a one-thing saves, computed from its packs alone."""

    journey_id: str
    title: str
    title_en: str
    parts: tuple[PartLine, ...]
    materials: tuple[MaterialLine, ...]
    fields: tuple[FieldLine, ...]
    paths: tuple[tuple[str, ...], ...]
    statutory_sum: int
    promised_sum: int
    promised_days: int
    own_material_rows: int
    own_field_rows: int
    own_visits: int
    visits: int
    quoted_source: str
    differences: tuple[Difference, ...]

    @property
    def materials_asked(self) -> tuple[MaterialLine, ...]:
        return tuple(line for line in self.materials if line.is_asked)

    @property
    def materials_spared(self) -> tuple[MaterialLine, ...]:
        return tuple(line for line in self.materials if not line.is_asked)

    @property
    def fields_known(self) -> tuple[FieldLine, ...]:
        return tuple(line for line in self.fields if line.is_known)

    @property
    def fields_asked(self) -> tuple[FieldLine, ...]:
        return tuple(line for line in self.fields if not line.is_known)


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """A one-thing in a list, with what it saves."""

    id: str
    title: str
    title_en: str
    intro: str
    intro_en: str
    audience: tuple[str, ...]
    themes: tuple[str, ...]
    matters: int
    visits: int
    promised_days: int
    keywords: tuple[str, ...] = ()
    matter_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotCounted:
    """Days that the clock leaves out, and why."""

    reason: str
    basis: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """Papers on their way."""

    items: tuple[str, ...]
    state: str


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """A matter of a running one-thing, for the page that follows all of them; `subject` is personal."""

    slot: str
    title: str
    subject: str
    status: str  # waiting | open | done | skipped
    unit: str
    unit_phone: str = ""
    step: str = ""
    post: str = ""
    waits_for: str = ""
    waits_after: tuple[str, ...] = ()
    due_at: datetime | None = None
    lamp: str = "none"
    not_counted: tuple[NotCounted, ...] = ()
    not_counted_days: int = 0
    outcome: str = ""
    is_good: bool = False
    case_id: int | None = None
    number: str = ""
    results: Mapping[str, Any] = field(default_factory=dict)
    closed_at: datetime | None = None
    parcels: tuple[ParcelLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """All matters of a running one-thing on one page."""

    case_id: int
    number: str
    query_code: str
    journey_id: str
    title: str
    status: str
    outcome: str
    opened_at: datetime
    due_at: datetime | None
    lamp: str
    lead: str
    lead_phone: str
    supervision_phone: str
    waits_for: str
    promised_days: int
    rows: tuple[ProgressRow, ...]

    @property
    def done(self) -> int:
        return sum(row.status in ("done", "skipped") for row in self.rows)
