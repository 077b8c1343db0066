"""What crosses the boundary of notify: messages as their readers see them, and what a template may say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Invalid, NotFound


class SmsState(StrEnum):
    NONE = "none"  # the template sends none, or there is no telephone number
    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"  # the carrier refused it
    HELD = "held"  # enough for one person and day


class NoSuchTemplate(NotFound):
    code = "notify.no-such-template"


class NoSuchMessage(NotFound):
    code = "notify.no-such-message"


class FactMissing(Invalid):
    """A template names something that the sender did not say."""

    code = "notify.fact-missing"


@dataclass(frozen=True, slots=True)
class Wording:
    """A message in one language."""

    title: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message in somebody's inbox; `is_copy` when it went to another first (an agent and the principal)."""

    id: int
    template: str
    zh: Wording
    en: Wording
    case_number: str
    created_at: datetime
    read_at: datetime | None
    sms: SmsState
    is_copy: bool

    def wording(self, language: str) -> Wording:
        return self.en if language.startswith("en") else self.zh
