"""What crosses the boundary of connectors: pushes, reports, how a line stands, and who wants to hear."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid, NotFound, Unavailable
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.connectors._consumers import register_consumer

__all__ = ["register_consumer"]


class PushState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    ANSWERED = "answered"  # a final result has come
    REFUSED = "refused"  # turned away at their counter
    GIVEN_UP = "given-up"
    CANCELLED = "cancelled"  # no longer wanted when its turn came


class ReportKind(StrEnum):
    ACCEPTED = "accepted"
    PROGRESS = "progress"
    RESULT = "result"
    FAILED = "failed"


class Via(StrEnum):
    CALLBACK = "callback"
    POLL = "poll"
    RECONCILIATION = "reconciliation"
    OURSELVES = "ourselves"  # their counter refused, or we gave up: nobody else will report it


class ReportState(StrEnum):
    APPLIED = "applied"
    LATE = "late"  # a later message of the same item came first
    STALE = "stale"  # belongs to an item that was sent anew since
    NOT_APPLIED = "not-applied"  # the case could not take it any more


class DifferenceKind(StrEnum):
    UNKNOWN_HERE = "unknown-here"  # they have an item that we never sent
    MISSING_THERE = "missing-there"  # we sent it, they do not have it
    NOT_APPLIED = "not-applied"  # their result came and could not be taken
    UNANSWERED = "unanswered"  # they are done, and their answer cannot be had


DIFFERENCE_TITLES = {
    DifferenceKind.UNKNOWN_HERE: "对方有，本平台没有推送过",
    DifferenceKind.MISSING_THERE: "已收到结果，对方却没有这件",
    DifferenceKind.NOT_APPLIED: "对方的结果到了，办件已不能接收",
    DifferenceKind.UNANSWERED: "对方已办完，结果取不回来",
}


class NoSuchSystem(NotFound):
    code = "connectors.no-such-system"


class NoSuchReference(NotFound):
    """A report about something that was never sent."""

    code = "connectors.no-such-reference"


class NoSuchDifference(NotFound):
    code = "connectors.no-such-difference"


class BadSignature(Denied):
    status, code, title = 401, "connectors.bad-signature", "签名无效"


class MessageTooLarge(Invalid):
    status, code, title = 413, "connectors.message-too-large", "报文过大"


class BadMessage(Invalid):
    code = "connectors.bad-message"


class BadNote(Invalid):
    code = "connectors.bad-note"


class MessageReused(Conflict):
    """The same message id with another content."""

    code = "connectors.message-reused"


class CannotMap(Invalid):
    """A value that their system needs is not in the case."""

    code = "connectors.cannot-map"


class CannotReach(Unavailable):
    code = "connectors.cannot-reach"


@dataclass(frozen=True, slots=True)
class OutsideReport:
    """One message of an outside system, in our words. `choice` and `facts` come from the system's pack."""

    system: str
    reference: str
    message_id: str
    kind: ReportKind
    subject: str
    about: str
    payload: dict[str, Any]
    outcome: str
    choice: str
    facts: dict[str, Any]
    sentence: str
    occurred_at: datetime
    is_late: bool


class Consumer(Protocol):
    """Takes a report in the transaction that stores it; it may come again in another order, never twice."""

    def __call__(self, *, report: OutsideReport, by: Actor, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class PushView:
    """A message on its way out. `unavailable_since` is set while the other side cannot be reached."""

    id: int
    system: str
    system_title: str
    reference: str
    subject: str
    about: str
    state: PushState
    created_at: datetime
    sent_at: datetime | None
    receipt: str
    attempts: int
    trouble: str
    unavailable_since: datetime | None

    @property
    def trouble_title(self) -> str:
        return trouble_title(self.trouble)

    @property
    def sentence(self) -> str:
        """What a reader of the case should know about the outside part now; empty when all is usual."""
        if self.state is PushState.WAITING and self.unavailable_since:
            return unavailable_sentence(self.system_title, self.unavailable_since)
        if self.state is PushState.GIVEN_UP:
            return f"{self.system_title}长时间无法送达，已转人工处理。"
        return ""


TROUBLES = {
    "timeout": "没有按时回答",
    "no-answer": "连接不上",
    "no-address": "没有配置地址",
    "no-key": "密钥尚未放置",
    "throttled": "对方限速，稍后再发",
    "http-401": "对方不认可签名",
    "http-503": "对方正在维护",
    "answer-too-large": "回答过大",
    "mail-login": "邮件服务器不认可账号",
    "mail-not-encrypted": "邮件服务器不支持加密",
}


def trouble_title(code: str) -> str:
    """A trouble in words; codes of the other side's own stay as they are."""
    return TROUBLES.get(code, code)


def unavailable_sentence(title: str, since: datetime) -> str:
    local = since.astimezone(LEGAL_TIME)
    return f"对方系统（{title}）暂不可用，自{local:%Y年%-m月%-d日%H:%M}起；恢复后自动继续，无需重复提交。"


@dataclass(frozen=True, slots=True)
class ReportView:
    message_id: str
    system: str
    reference: str
    kind: ReportKind
    state: ReportState
    via: Via
    occurred_at: datetime
    received_at: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    id: int
    system: str
    reference: str
    about: str
    kind: DifferenceKind
    detail: dict[str, Any]
    found_at: datetime
    settled_at: datetime | None

    @property
    def title(self) -> str:
        return DIFFERENCE_TITLES[self.kind]


@dataclass(frozen=True, slots=True)
class ReconciliationView:
    """What a comparison of one day found; `repaired` counts answers fetched and messages sent again."""

    system: str
    day: date
    run_at: datetime
    ours: int
    theirs: int
    repaired: int
    differences: int


@dataclass(frozen=True, slots=True)
class LineView:
    """How the line to one system stands."""

    system: str
    title: str
    is_up: bool
    down_since: datetime | None
    trouble: str
    waiting: int
    oldest_waiting_at: datetime | None
    last_sent_at: datetime | None
    last_heard_at: datetime | None
    open_differences: int
    reconciled: ReconciliationView | None

    @property
    def trouble_title(self) -> str:
        return trouble_title(self.trouble)


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody to exchange signed messages with: where, under which setting, and how many seconds to wait."""

    id: str
    url: str
    url_setting: str
    connect: int = 3
    answer: int = 10


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came, checked in form only."""

    message_id: str
    reference: str
    kind: ReportKind
    receipt: str
    sequence: int
    occurred_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
