"""What crosses the boundary of delivery: an order and where its parcel is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Invalid, NotFound


class ParcelState(StrEnum):
    """In the order of a parcel's life; signed and lost end it, and what was lost may still be found and signed for."""

    ORDERED = "ordered"
    ACCEPTED = "accepted"
    PICKED_UP = "picked-up"
    UNDER_WAY = "under-way"
    LOST = "lost"
    REFUSED = "refused"
    SIGNED = "signed"


TITLES = {
    ParcelState.ORDERED: "已下单",
    ParcelState.ACCEPTED: "等待揽收",
    ParcelState.PICKED_UP: "已揽收",
    ParcelState.UNDER_WAY: "运输中",
    ParcelState.LOST: "遗失",
    ParcelState.REFUSED: "未能寄出",
    ParcelState.SIGNED: "已签收",
}


class NoSuchOrder(NotFound):
    code = "delivery.no-such-order"


class BadOrder(Invalid):
    code = "delivery.bad-order"


class CannotReorder(Conflict):
    """Only what was lost or could not be sent is sent again."""

    code = "delivery.cannot-reorder"


@dataclass(frozen=True, slots=True)
class Recipient:
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class StatusView:
    state: ParcelState
    sentence: str
    place: str
    occurred_at: datetime

    @property
    def title(self) -> str:
        return TITLES[self.state]


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One order; recipient, telephone and address are masked. `replaces_id` is the lost order it makes good."""

    id: int
    case_number: str
    state: ParcelState
    waybill_no: str
    items: tuple[str, ...]
    recipient: str
    phone: str
    address: str
    ordered_at: datetime
    ended_at: datetime | None
    replaces_id: int | None
    history: tuple[StatusView, ...]

    @property
    def title(self) -> str:
        return TITLES[self.state]

    @property
    def is_over(self) -> bool:
        return self.state in (ParcelState.SIGNED, ParcelState.LOST, ParcelState.REFUSED)
