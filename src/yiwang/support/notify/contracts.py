"""What crosses the boundary of notify: messages as their readers see them, and what a template may say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound
from yiwang.support.notify._campaign_contracts import (
    BadCampaign,
    CampaignState,
    CampaignView,
    CannotSteer,
    NoSuchCampaign,
    RecipientProblem,
    SamePerson,
)

__all__ = [
    "BadCampaign",
    "CampaignState",
    "CampaignView",
    "CannotSteer",
    "NoSuchCampaign",
    "RecipientProblem",
    "SamePerson",
]


class Channel(StrEnum):
    """How a message leaves the site."""

    SMS = "sms"
    EMAIL = "email"

    @property
    def word(self) -> str:
        return str({"sms": _("短信"), "email": _("邮件")}[self.value])


class State(StrEnum):
    """What became of a message on a channel."""

    WAITING = "waiting"
    SENT = "sent"  # the mail server has it; it tells no more unless the letter comes back
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"  # the carrier could not bring it, or the letter came back
    FAILED = "failed"  # refused, or given up
    HELD = "held"  # enough for one address and day
    JOINED = "joined"  # another of the same kind about the same case, or to the same address, went a moment before
    DECLINED = "declined"  # the reader does not want it on this channel
    NO_ADDRESS = "no-address"

    @property
    def word(self) -> str:
        return str(_WORDS[self])


_WORDS = {
    State.WAITING: _("等待发送"),
    State.SENT: _("已发出"),
    State.DELIVERED: _("已送达"),
    State.UNDELIVERED: _("未送达"),
    State.FAILED: _("发送失败"),
    State.HELD: _("当天已够多，未发"),
    State.JOINED: _("与前一条合并"),
    State.DECLINED: _("您已关闭"),
    State.NO_ADDRESS: _("没有地址"),
}


class SmsState(StrEnum):
    NONE = "none"  # the template sends none
    WAITING = "waiting"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"  # the carrier refused it
    HELD = "held"  # enough for one person and day
    JOINED = "joined"
    DECLINED = "declined"
    NO_ADDRESS = "no-address"


class NoSuchTemplate(NotFound):
    code = "notify.no-such-template"


class NoSuchMessage(NotFound):
    code = "notify.no-such-message"


class FactMissing(Invalid):
    """A template names something that the sender did not say."""

    code = "notify.fact-missing"


class NoSuchDelivery(NotFound):
    code = "notify.no-such-delivery"


class CannotSendAgain(Conflict):
    """It is under way, arrived, or may not be sent."""

    code = "notify.cannot-send-again"


class WrongPreference(Invalid):
    code = "notify.wrong-preference"


class BadAddress(Invalid):
    """An address that leads nowhere, inside our walls, or in the clear."""

    code = "notify.bad-address"


class BadSubscription(Invalid):
    code = "notify.bad-subscription"


class NoSuchSubscription(NotFound):
    code = "notify.no-such-subscription"


class LinkOver(NotFound):
    """A link that was used, ran out, or was never sent."""

    code = "notify.link-over"


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
    ways: tuple["Way", ...] = ()

    def wording(self, language: str) -> Wording:
        return self.en if language.startswith("en") else self.zh


@dataclass(frozen=True, slots=True)
class Way:
    """What became of a message on one channel."""

    channel: Channel
    state: State
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """A category of messages as a person chooses: on which channels it comes, and which cannot be switched off."""

    id: str
    title: str
    note: str
    basis: str
    on: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def ways(self) -> Sequence[tuple[str, str, bool, bool]]:
        """Channel, its word, whether it is on, whether it stays on."""
        words = (("site", _("站内")), *((each.value, each.word) for each in Channel))
        return [(channel, str(word), channel in self.on, channel in self.kept) for channel, word in words]


@dataclass(frozen=True, slots=True)
class PreferenceView:
    """What a party chose. `email` is masked; it counts from `confirmed_at` on."""

    categories: tuple[CategoryChoice, ...]
    language: str
    quiet_from: time | None
    quiet_until: time | None
    quiet_hours_max: int
    email: str
    is_confirmed: bool
    asked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody wants: `off` are pairs of category and channel."""

    off: frozenset[tuple[str, str]]
    language: str = "zh"
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """A system that is called when something happens. `ending` says why it is no more: withdrawn, failed, gone."""

    id: int
    url: str
    kinds: tuple[str, ...]
    failures: int
    created_at: datetime
    ended_at: datetime | None
    ending: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""
