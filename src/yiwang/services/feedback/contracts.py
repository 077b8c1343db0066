"""Ratings as other apps see them. No Django."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid

KIND = "bad-rating"


class Level(IntEnum):
    """满意度, GB/T 39046 A.8; 4 and 5 are 差评."""

    VERY_GOOD = 1
    GOOD = 2
    FAIR = 3
    BAD = 4
    VERY_BAD = 5

    @property
    def is_bad(self) -> bool:
        return self >= Level.BAD


class Channel(StrEnum):
    """评价渠道; one rating per case and channel (一次一评)."""

    WEB = "web"
    MOBILE = "mobile"
    WINDOW = "window"
    SMS = "sms"
    HOTLINE = "hotline"


class NotYoursToRate(Denied):
    code = "feedback.not-yours"


class CannotRate(Conflict):
    """Not closed yet, or rated on this channel already."""

    code = "feedback.cannot-rate"


class BadRating(Invalid):
    """The rating itself is filled in wrongly."""

    code = "feedback.bad-input"


@dataclass(frozen=True, slots=True)
class RatingView:
    """One rating; `is_silent` when nobody rated in time and the period ran out: never counted as satisfied."""

    id: int
    case_id: int
    case_number: str
    org_id: int
    level: Level | None
    channel: Channel
    tags: tuple[str, ...]
    words: str
    is_silent: bool
    is_excluded: bool
    rated_at: datetime
    follow_up_number: str
    again: Level | None
    case_title: str = ""
    is_answered: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """Ratings of a period at one organisation; excluded ones are not in any figure but `excluded`."""

    org_id: int
    levels: dict[int, int]
    silent: int
    excluded: int
    since: date
    until: date

    @property
    def rated(self) -> int:
        return sum(self.levels.values())

    @property
    def satisfied(self) -> int:
        return sum(n for level, n in self.levels.items() if level <= Level.FAIR)

    @property
    def satisfied_percent(self) -> int | None:
        """Whole percent of those who rated; None when nobody did."""
        return round(100 * self.satisfied / self.rated) if self.rated else None


@dataclass(frozen=True, slots=True)
class Response:
    """What became of the bad ratings of a period: a follow-up case is opened for each."""

    bad: int
    answered: int
    better: int

    @property
    def answered_percent(self) -> int | None:
        """Whole percent; None when there was no bad rating."""
        return round(100 * self.answered / self.bad) if self.bad else None


@dataclass(frozen=True, slots=True)
class OpenBadRating:
    """A bad rating whose follow-up is not finished."""

    org_id: int
    level: Level
    rated_at: datetime
    case_title: str
    follow_up_number: str
