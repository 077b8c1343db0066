"""The port that every payment channel serves. No Django."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol


class Word(StrEnum):
    """What a channel says of a payment or a refund."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ToPay:
    """What a channel is asked to collect. The same number again is the same payment."""

    number: str
    amount_fen: int
    title: str
    return_path: str


@dataclass(frozen=True, slots=True)
class Said:
    """What a channel says of one payment or refund; captured or returned money has their own number and time."""

    word: Word
    amount_fen: int = 0
    channel_number: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A genuine message of a channel about one payment."""

    message_id: str
    payment_number: str
    said: Said


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line of a channel's file of a day."""

    is_refund: bool
    number: str
    channel_number: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Headers:
    """What proves who wrote a message."""

    path: str
    timestamp: str
    signature: str


class Channel(Protocol):
    """A payment channel. Every call may be repeated: numbers make it one payment, one closing, one refund.

    `close` makes sure that the payment cannot be paid any more, or says that it was. Calls raise CannotReachChannel
    (whether it took effect is then unknown); `read` raises BadSignature or BadNotice.
    """

    def start(self, wanted: ToPay) -> str: ...
    def ask(self, number: str) -> Said: ...
    def close(self, number: str) -> Said: ...
    def refund(self, number: str, refund_number: str, amount_fen: int) -> Said: ...
    def statement(self, day: date) -> Sequence[StatementLine]: ...
    def read(self, body: bytes, headers: Headers, *, at: datetime) -> Notice: ...
