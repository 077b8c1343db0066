"""What became of messages, as carriers and mail servers tell it."""

from datetime import datetime

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.connectors.contracts import OutsideReport, ReportKind
from yiwang.support.notify import _bulk, _many_receipts, _routing
from yiwang.support.notify.contracts import CannotSendAgain, NoSuchDelivery, SmsState, State
from yiwang.support.notify.models import Delivery, Sms

BEFORE = "sms-"
DEAD = (State.FAILED, State.UNDELIVERED)


@transaction.atomic
def note_receipt(*, report: OutsideReport, by: Actor, at: datetime) -> None:
    """What became of a message on its channel. A delivery stays one whatever is told later; what is lost goes on the next channel."""
    state = _state(report)
    if state is None:
        return
    if report.reference.startswith(BEFORE):
        _note_before(report, SmsState(state.value), by=by, at=at)
        return
    if report.reference.startswith(_bulk.REFERENCE):
        _many_receipts.note(report, by=by, at=at)
        return
    number, again = _routing.read_reference(report.reference)
    row = Delivery.objects.select_for_update(of=("self",)).select_related("message").filter(pk=number).first()
    if row is None or row.state in (State.DELIVERED, state):
        return
    # An earlier sending that failed says nothing of the one that is under way.
    if again != row.again and state is not State.DELIVERED:
        return
    _set(row, state, str(report.payload.get("code", ""))[:80], by=by, at=at)
    if state in DEAD:
        _routing.fall_back(row, by=by, at=at)


@transaction.atomic
def send_again(*, delivery_id: int, by: Actor, at: datetime) -> None:
    """Have a message sent again that did not arrive. Raises NoSuchDelivery, CannotSendAgain, NotPermitted."""
    row = Delivery.objects.select_for_update(of=("self",)).select_related("message").filter(pk=delivery_id).first()
    if row is None:
        raise NoSuchDelivery("没有这条发送记录。", hint="请刷新后再看。")
    access.require(by, "notify.resend", at_org=row.message.org_id or 0)
    if row.state not in DEAD:
        raise CannotSendAgain("这条消息正在发送，或已经送达。", hint="请刷新后再看。")
    _routing.send_again(row, by=by, at=at)
    audit.record("notify.delivery.again", target=f"delivery:{row.pk}", by=by, at=at, detail={"again": row.again})


def _set(row: Delivery, state: State, trouble: str, *, by: Actor, at: datetime) -> None:
    row.state, row.trouble, row.changed_at = state, trouble, at
    row.save(update_fields=["state", "trouble", "changed_at"])
    detail = {"channel": row.channel, "state": state.value}
    audit.record("notify.delivery.reported", target=f"delivery:{row.pk}", by=by, at=at, detail=detail)


def _note_before(report: OutsideReport, state: SmsState, *, by: Actor, at: datetime) -> None:
    """A text message that the release before sent."""
    tail = report.reference.removeprefix(BEFORE)
    row = Sms.objects.select_for_update().filter(pk=int(tail) if tail.isdecimal() else 0).first()
    if row is None or row.state in (SmsState.DELIVERED, state):
        return
    row.state, row.trouble, row.changed_at = state, str(report.payload.get("code", ""))[:80], at
    row.save(update_fields=["state", "trouble", "changed_at"])
    audit.record("notify.sms.reported", target=f"sms:{row.pk}", by=by, at=at, detail={"state": state.value})


def _state(report: OutsideReport) -> State | None:
    if report.kind is ReportKind.FAILED:
        return State.FAILED
    if report.kind is ReportKind.RESULT:
        known = {"delivered": State.DELIVERED, "handed-over": State.SENT}
        return known.get(report.outcome, State.UNDELIVERED)
    return None
