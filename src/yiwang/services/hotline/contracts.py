"""Tickets as other apps see them, and what can go wrong with one. No Django."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound

KIND, HELP = "ticket", "ticket-help"
"""Kinds of cases: a ticket, and what a unit is asked to help with (协办)."""


class TicketKind(StrEnum):
    """诉求类型."""

    CONSULTATION = "consultation"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


class Channel(StrEnum):
    """How it came in."""

    PHONE = "phone"
    WEB = "web"
    PHONE_APP = "phone-app"
    LETTER = "letter"
    OPEN311 = "open311"
    POLICE = "police"
    RATING = "rating"
    IMPORT = "import"


class Urgency(StrEnum):
    """How quickly: 特急 has hours that run by day and night."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class Satisfaction(IntEnum):
    """满意度 of a call-back; up to 基本满意 counts as satisfied."""

    VERY_GOOD = 1
    GOOD = 2
    FAIR = 3
    BAD = 4
    VERY_BAD = 5

    @property
    def is_good(self) -> bool:
        return self <= Satisfaction.FAIR


KIND_NAMES = {
    TicketKind.CONSULTATION: "咨询",
    TicketKind.HELP: "求助",
    TicketKind.COMPLAINT: "投诉",
    TicketKind.REPORT: "举报",
    TicketKind.SUGGESTION: "建议",
    TicketKind.PRAISE: "表扬",
}
CHANNEL_NAMES = {
    Channel.PHONE: "电话",
    Channel.WEB: "网页",
    Channel.PHONE_APP: "手机",
    Channel.LETTER: "信件",
    Channel.OPEN311: "开放接口",
    Channel.POLICE: "110转来",
    Channel.RATING: "差评转来",
    Channel.IMPORT: "导入",
}
URGENCY_NAMES = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "特急"}
SATISFACTION_NAMES = {1: "非常满意", 2: "满意", 3: "基本满意", 4: "不满意", 5: "非常不满意"}


class NoSuchTicket(NotFound):
    code = "hotline.no-such-ticket"


class BadTicket(Invalid):
    """What was taken down is filled in wrongly; each place says how."""

    code = "hotline.bad-ticket"


class CannotDo(Conflict):
    """The ticket does not stand where this can be done."""

    code = "hotline.cannot-do"


class CannotReturn(Conflict):
    """The unit's day to return the ticket is over, or the matter was ruled on."""

    code = "hotline.cannot-return"


class NotForThisPost(Denied):
    code = "hotline.not-for-this-post"


class NotYourTicket(Denied):
    code = "hotline.not-your-ticket"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who says to be calling. A number that was shown is a claim, not a proof: nobody is found by it.

    `party_id` and `account_id` are of who was signed in; `private` are words that would tell who a 举报人 is.
    """

    name: str = ""
    phone: str = ""
    party_id: int | None = None
    account_id: int | None = None
    private: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it is: words, a point (WGS 84), the region and the grid."""

    words: str = ""
    lon: Decimal | None = None
    lat: Decimal | None = None
    region_code: str = ""
    grid_code: str = ""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """One thing to take down as its sender says it; the same `key` of the same sender, or the same `external` number, is one ticket.

    `photos` are files that are stored already.
    """

    kind: TicketKind
    channel: Channel
    content: str
    caller: Caller
    spot: Spot
    key: str
    category: str = ""
    urgency: Urgency = Urgency.NORMAL
    external: tuple[str, str] = ("", "")
    received_at: datetime | None = None
    photos: Sequence[int] = ()
    confidential: bool | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category and a unit that fit, how sure (0 to 100) and why. The operator decides."""

    category: str
    category_name: str
    confidence: int
    reason: str
    org_id: int | None = None
    org_name: str = ""
    org_reason: str = ""


Suggester = Callable[..., list[Suggestion]]
"""`fn(*, text, kind, region_code)`: categories that fit a text, the best first."""

suggesters: list[Suggester] = []


def register_suggester(fn: Suggester) -> None:
    """Let `fn` suggest categories instead of the tree's words; called in AppConfig.ready(). It may answer with nothing."""
    suggesters.append(fn)


@dataclass(frozen=True, slots=True)
class TicketView:
    """One ticket as its case has it; who called is not in it (`actions.show_caller`, `actions.reveal`)."""

    id: int
    case_id: int
    number: str
    query_code: str
    kind: TicketKind
    channel: Channel
    title: str
    content: str
    category: str
    category_name: str
    spot: Spot
    urgency: Urgency
    external_number: str
    received_at: datetime
    is_confidential: bool
    lead_org_id: int | None
    dispatched_at: datetime | None
    responded_at: datetime | None
    respond_due_at: datetime | None
    due_at: datetime | None
    finished_at: datetime | None
    returns: int
    redone: int
    calls: int
    asked_days: int | None
    plan: str
    review_on: date | None
    is_parked: bool
    is_ruled: bool
    outcome: str
    answer: str
    is_open: bool
    contacted: bool | None
    solved: bool | None
    satisfaction: Satisfaction | None
    excluded: str
    closed_at: datetime | None
    caller_masked: str = ""
    phone_masked: str = ""

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]

    @property
    def channel_name(self) -> str:
        return CHANNEL_NAMES[self.channel]

    @property
    def urgency_name(self) -> str:
        return URGENCY_NAMES[self.urgency]


@dataclass(frozen=True, slots=True)
class Alike:
    """A ticket that may be about the same: how alike (0 to 100), where it stands."""

    number: str
    title: str
    received_at: datetime
    likeness: int
    region_code: str
    status: str
    lead_org_id: int | None


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer to a common question, so that a 咨询 ends on the spot."""

    id: str
    question: str
    answer: str
    category: str
    valid_until: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Rates:
    """响应率, 解决率, 满意率 of one unit in a period; excluded tickets are in no figure but `excluded`."""

    org_id: int
    dispatched: int
    responded: int
    asked: int
    solved: int
    satisfied: int
    excluded: int
    returned: int
    redone: int
    late: int
    since: date
    until: date

    @property
    def response_percent(self) -> int | None:
        return _percent(self.responded, self.dispatched)

    @property
    def solved_percent(self) -> int | None:
        return _percent(self.solved, self.asked)

    @property
    def satisfied_percent(self) -> int | None:
        return _percent(self.satisfied, self.asked)


@dataclass(frozen=True, slots=True)
class RulingView:
    """What a 会商 decided: this topic at this place is this unit's; it outranks the catalogue of the packs."""

    id: int
    category: str
    region_code: str
    org_id: int
    ticket_number: str
    words: str
    decided_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScreeningView:
    """甄别: one asks that a ticket be left out of a unit's figures, another decides."""

    id: int
    ticket_number: str
    reason: str
    words: str
    asked_at: datetime
    asked_by_id: int | None
    org_id: int | None
    decided_at: datetime | None
    is_agreed: bool | None


@dataclass(frozen=True, slots=True)
class CallView:
    """One call-back: reached or not, and what was said."""

    at: datetime
    channel: str
    reached: bool
    solved: bool | None
    satisfaction: Satisfaction | None
    words: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What a caller learns of their ticket: where it stands, who has it and what was answered."""

    ticket: TicketView
    step: str
    waits_for: str
    unit: str
    outcome_name: str
    may_rate: bool


@dataclass(frozen=True, slots=True)
class AssistView:
    """协办: whom the leading unit asked, and whether it has answered."""

    number: str
    org_name: str
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """What the desk shows of a ticket beside its case; `helps`: the ticket that a 协办 belongs to; `done_beside`: choices offered here."""

    ticket: TicketView
    unit: str
    region: str
    calls: tuple[CallView, ...]
    assists: tuple[AssistView, ...]
    screening: ScreeningView | None
    alike: tuple[Alike, ...]
    photos: tuple[tuple[int, str], ...]
    suggestions: tuple[Suggestion, ...]
    is_unit: bool
    may_see_caller: bool
    may_reveal: bool
    done_beside: tuple[str, ...]
    topics: tuple[tuple[str, str], ...] = ()
    units: tuple[tuple[int, str], ...] = ()
    exclusions: tuple[tuple[str, str], ...] = ()
    helps: str = ""
    asked: str = ""


@dataclass(frozen=True, slots=True)
class Watch:
    """What a duty leader has to look at now; each list holds the first of `counts`."""

    overdue: tuple[TicketView, ...]
    silent: tuple[TicketView, ...]
    parked: tuple[TicketView, ...]
    supervised: tuple[TicketView, ...]
    screenings: tuple[ScreeningView, ...]
    counts: dict[str, int]


def _percent(part: int, whole: int) -> int | None:
    """Whole percent; None where there is nothing to count."""
    return round(100 * part / whole) if whole else None
