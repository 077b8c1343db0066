"""Ordering a delivery, sending again what was lost, and taking in what the carrier tells."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.events import publish
from yiwang.kernel.cases import queries as cases
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import OutsideReport, ReportKind
from yiwang.support.delivery import queries
from yiwang.support.delivery.contracts import (
    BadOrder,
    CannotReorder,
    DeliveryView,
    NoSuchOrder,
    ParcelState,
    Recipient,
)
from yiwang.support.delivery.models import Order, Status

SYSTEM_NAME = "delivery"
SUBJECT = "parcel"
REFERENCE = "parcel-"
ADDRESS_LENGTH = (5, 200)
ITEMS_MAX = 20
AGAIN = (ParcelState.LOST, ParcelState.REFUSED)
RANK = {state: place for place, state in enumerate(ParcelState)}


@transaction.atomic
def order(
    *, case_number: str, recipient: Recipient, address: str, items: Sequence[str], by: Actor, at: datetime
) -> DeliveryView:
    """Have papers carried to an address. Raises BadOrder with every place that is wrong, NoSuchCase."""
    _require_sound(recipient, address, items)
    case = cases.by_number(case_number)
    row = Order.objects.create(
        case_number=case.number,
        org_id=case.org_id,
        recipient=recipient.name.strip(),
        phone=recipient.phone.strip(),
        address=address.strip(),
        items=list(items),
        state=ParcelState.ORDERED,
        ordered_at=at,
    )
    return _hand_over(row, by=by, at=at)


@transaction.atomic
def reorder(*, order_id: int, by: Actor, at: datetime) -> DeliveryView:
    """Send again, to the same address, what was lost or could not be sent. Raises NoSuchOrder, NotPermitted, CannotReorder."""
    lost = Order.objects.select_for_update().filter(pk=order_id).first()
    if lost is None:
        raise NoSuchOrder("没有这份寄递订单。", hint="请刷新后再看。")
    access.require(by, "cases.act", at_org=lost.org_id)
    if lost.state not in AGAIN or Order.objects.filter(replaces=lost).exists():
        raise CannotReorder("这份寄件不用重新寄送。", hint="只有遗失或未能寄出、且尚未重寄的可以重寄。")
    row = Order.objects.create(
        case_number=lost.case_number,
        org_id=lost.org_id,
        recipient=lost.recipient,
        phone=lost.phone,
        address=lost.address,
        items=lost.items,
        state=ParcelState.ORDERED,
        replaces=lost,
        ordered_at=at,
    )
    return _hand_over(row, by=by, at=at)


@transaction.atomic
def report(*, report: OutsideReport, by: Actor, at: datetime) -> None:
    """Take in what the carrier tells, in whatever order it comes; told again it changes nothing."""
    tail = report.reference.removeprefix(REFERENCE)
    row = Order.objects.select_for_update().filter(pk=int(tail) if tail.isdigit() else 0).first()
    if row is None:
        raise NoSuchOrder("没有这份寄递订单。", hint="请核对reference。")
    state = _state(report)
    row.waybill_no = row.waybill_no or str(report.payload.get("waybill_no", ""))[:40]
    _keep_status(row, report, state, at=at)
    if RANK[state] <= RANK[ParcelState(row.state)]:
        row.save(update_fields=["waybill_no"])
        return
    row.state, row.ended_at = state, at if RANK[state] >= RANK[ParcelState.LOST] else None
    row.save(update_fields=["state", "waybill_no", "ended_at"])
    audit.record("delivery.order.moved", target=f"parcel:{row.pk}", by=by, at=at, detail={"state": state.value})
    # No personal data: who reads the event asks for the order.
    payload = {"order_id": row.pk, "case_number": row.case_number, "state": state.value}
    publish(f"delivery.order.{state.value}", payload, at=at)


def _hand_over(row: Order, *, by: Actor, at: datetime) -> DeliveryView:
    content = {"recipient": row.recipient, "phone": row.phone, "address": row.address, "items": row.items}
    connectors.push(
        system=SYSTEM_NAME,
        reference=f"{REFERENCE}{row.pk}",
        subject=SUBJECT,
        data=content,
        consumer="delivery",
        about=row.case_number,
        by=by,
        at=at,
    )
    audit.record("delivery.order.placed", target=f"parcel:{row.pk}", by=by, at=at, detail={"items": row.items})
    return queries.get(row.pk)


def _require_sound(recipient: Recipient, address: str, items: Sequence[str]) -> None:
    wrong = []
    if not recipient.name.strip():
        wrong.append(Place("recipient.name", "请填写收件人。"))
    if not recipient.phone.strip():
        wrong.append(Place("recipient.phone", "请填写收件人电话。"))
    if not ADDRESS_LENGTH[0] <= len(address.strip()) <= ADDRESS_LENGTH[1]:
        wrong.append(Place("address", "请填写完整的收件地址。"))
    if not 1 <= len(items) <= ITEMS_MAX or not all(1 <= len(each) <= 60 for each in items):
        wrong.append(Place("items", "请写明寄送的文书。"))
    if wrong:
        raise BadOrder("寄递信息不完整。", places=wrong, hint="请补齐后再提交。")


def _state(report: OutsideReport) -> ParcelState:
    if report.kind is ReportKind.FAILED:
        return ParcelState.REFUSED
    if report.kind is ReportKind.RESULT:
        return ParcelState.LOST if report.outcome == "lost" else ParcelState.SIGNED
    if report.kind is ReportKind.ACCEPTED:
        return ParcelState.ACCEPTED
    is_picked_up = report.payload.get("stage") == "picked-up"
    return ParcelState.PICKED_UP if is_picked_up else ParcelState.UNDER_WAY


def _keep_status(row: Order, report: OutsideReport, state: ParcelState, *, at: datetime) -> None:
    status = Status(
        order=row,
        message_id=report.message_id,
        state=state,
        sentence=report.sentence,
        place=str(report.payload.get("place", ""))[:60],
        occurred_at=report.occurred_at,
        recorded_at=at,
    )
    Status.objects.bulk_create([status], ignore_conflicts=True)
