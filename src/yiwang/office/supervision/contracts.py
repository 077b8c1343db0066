"""Cards of supervision as other apps see them. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound

KIND = "supervision-card"
MATTER = "supervision-matter"


class Colour(StrEnum):
    """How grave: 预警 is a warning without a case, 黄牌 and 红牌 are cards."""

    WARNING = "warning"
    YELLOW = "yellow"
    RED = "red"

    @property
    def grade(self) -> int:
        return list(Colour).index(self)


class CardStatus(StrEnum):
    """Where a card stands; a warning stays `noted`."""

    NOTED = "noted"
    PROPOSED = "proposed"
    ISSUED = "issued"
    CONFIRMED = "confirmed"
    RECTIFIED = "rectified"
    LIFTED = "lifted"
    DROPPED = "dropped"


COLOUR_NAMES = {Colour.WARNING: "预警", Colour.YELLOW: "黄牌", Colour.RED: "红牌"}
STATUS_NAMES = {
    CardStatus.NOTED: "已提示",
    CardStatus.PROPOSED: "待核发",
    CardStatus.ISSUED: "已发牌",
    CardStatus.CONFIRMED: "已认定",
    CardStatus.RECTIFIED: "已整改",
    CardStatus.LIFTED: "已撤牌",
    CardStatus.DROPPED: "不予发牌",
}
SCORING = (CardStatus.CONFIRMED, CardStatus.RECTIFIED)
"""Only a card that the unit accepted, or that was upheld against its plea, scores."""


class NoSuchCard(NotFound):
    code = "supervision.no-such-card"


class BadCard(Invalid):
    """The card is filled in wrongly."""

    code = "supervision.bad-card"


class CannotIssue(Conflict):
    """The case cannot be given a card."""

    code = "supervision.cannot-issue"


class NotTheIssuer(Denied):
    """Another body gives out the cards there."""

    code = "supervision.not-the-issuer"


@dataclass(frozen=True, slots=True)
class CardView:
    """One card; `score` counts in figures only once it is confirmed."""

    id: int
    number: str
    colour: Colour
    status: CardStatus
    org_id: int
    issuer_id: int
    case_number: str
    watched_number: str
    watched_title: str
    reason: str
    rule: str
    score: int
    proposed_at: datetime
    issued_at: datetime | None
    confirmed_at: datetime | None
    closed_at: datetime | None

    @property
    def colour_name(self) -> str:
        return COLOUR_NAMES[self.colour]

    @property
    def status_name(self) -> str:
        return STATUS_NAMES[self.status]


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """The cards of one unit in a period: by colour those that stand, how many were lifted, and what they score."""

    org_id: int
    warnings: int
    yellow: int
    red: int
    open: int
    lifted: int
    score: int
    since: date
    until: date
