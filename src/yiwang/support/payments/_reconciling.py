"""Every day our money is compared with the channel's file: what we missed is taken in, the rest becomes cases."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.support.payments import _differences, _rows, _settling
from yiwang.support.payments._channels import channel as channel_of
from yiwang.support.payments.contracts import (
    RECONCILE,
    DifferenceKind,
    NotPermitted,
    PaymentState,
    ReconciliationView,
    RefundState,
    Said,
    StatementLine,
    Word,
)
from yiwang.support.payments.models import Payment, Reconciliation, Refund

RECONCILE_TASK = "payments.reconcile"
# Clocks differ: money moved this close to midnight may stand in the neighbouring day's file.
MIDNIGHT_MARGIN = timedelta(minutes=5)
CAPTURED = (PaymentState.KEPT, PaymentState.SURPLUS)


def reconcile(*, channel: str, day: date, by: Actor, at: datetime) -> ReconciliationView:
    """Compare a day with a channel's file. Raises NoSuchChannel, CannotReachChannel, NotPermitted."""
    require_reconciling(by)
    theirs = channel_of(channel).statement(day)
    found = [_compared(channel, day, line, by=by, at=at) for line in theirs]
    missing = _missing(channel, day, theirs, by=by, at=at)
    ours = _captured_on(channel, day)
    row = Reconciliation(
        channel=channel,
        day=day,
        run_at=at,
        ours_count=len(ours),
        ours_fen=sum(each.captured_fen for each in ours),
        theirs_count=sum(not line.is_refund for line in theirs),
        theirs_fen=sum(line.amount_fen for line in theirs if not line.is_refund),
        repaired=sum(each == "repaired" for each in found),
        differences=sum(each == "differs" for each in found) + missing,
    )
    return _finished(row, by=by, at=at)


@transaction.atomic
def reconcile_soon(*, channel: str, day: date, by: Actor, at: datetime) -> None:
    """Have the worker compare a day: a channel may take its time. Raises NoSuchChannel, NotPermitted."""
    require_reconciling(by)
    channel_of(channel)
    detail = {"day": day.isoformat()}
    audit.record("payments.reconciliation.asked", target=f"channel:{channel}", by=by, at=at, detail=detail)
    app.configure_task(RECONCILE_TASK, queue="outside").defer(channel=channel, day=day.isoformat())


def require_reconciling(by: Actor) -> None:
    """Channels belong to the whole installation, so any post that carries the permission will do."""
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, RECONCILE):
        raise NotPermitted("您的岗位不能对账。", hint="请联系收费管理员。")


@transaction.atomic
def _finished(row: Reconciliation, *, by: Actor, at: datetime) -> ReconciliationView:
    row.save()
    detail = {"day": row.day.isoformat(), "differences": row.differences, "repaired": row.repaired}
    audit.record("payments.reconciliation.run", target=f"channel:{row.channel}", by=by, at=at, detail=detail)
    return view(row)


def view(row: Reconciliation) -> ReconciliationView:
    return ReconciliationView(
        channel=row.channel,
        day=row.day,
        run_at=row.run_at,
        ours_count=row.ours_count,
        ours_fen=row.ours_fen,
        theirs_count=row.theirs_count,
        theirs_fen=row.theirs_fen,
        repaired=row.repaired,
        differences=row.differences,
    )


@transaction.atomic
def _compared(channel: str, day: date, line: StatementLine, *, by: Actor, at: datetime) -> str:
    """One line of theirs: agrees, repaired (we had missed it), or differs."""
    if line.is_refund:
        return _compared_refund(channel, day, line, by=by, at=at)
    known = Payment.objects.filter(number=line.number, channel=channel).first()
    if known is None:
        _differences.note(channel, day, DifferenceKind.UNKNOWN_HERE, line.number, 0, line.amount_fen, by=by, at=at)
        return "differs"
    order, payment = _rows.locked_with(line.number)
    if not PaymentState(payment.state).is_captured:
        said = Said(Word.PAID, line.amount_fen, line.channel_number)
        _settling.take_in(order, payment, said, by=by, at=at)
        return "repaired"
    if payment.captured_fen != line.amount_fen:
        _differences.note(
            channel, day, DifferenceKind.AMOUNT, line.number, payment.captured_fen, line.amount_fen, by=by, at=at
        )
        return "differs"
    return "agrees"


def _compared_refund(channel: str, day: date, line: StatementLine, *, by: Actor, at: datetime) -> str:
    refund = Refund.objects.filter(number=line.number, payment__channel=channel).first()
    if refund is not None and refund.state == RefundState.WAITING and refund.amount_fen == line.amount_fen:
        _settling.refunded(refund.pk, Said(Word.PAID, line.amount_fen, line.channel_number), by=by, at=at)
        return "repaired"
    if refund is None or refund.state != RefundState.DONE or refund.amount_fen != line.amount_fen:
        ours = refund.amount_fen if refund is not None and refund.state == RefundState.DONE else 0
        _differences.note(channel, day, DifferenceKind.REFUND, line.number, ours, line.amount_fen, by=by, at=at)
        return "differs"
    return "agrees"


def _missing(channel: str, day: date, theirs: Sequence[StatementLine], *, by: Actor, at: datetime) -> int:
    told = {line.number for line in theirs}
    count = 0
    for payment in _captured_on(channel, day):
        assert payment.captured_at is not None
        if payment.number not in told and not _is_near_midnight(payment.captured_at, day):
            count += 1
            with transaction.atomic():
                _differences.note(
                    channel, day, DifferenceKind.MISSING_THERE, payment.number, payment.captured_fen, 0, by=by, at=at
                )
    start, end = _span(day)
    done = Refund.objects.filter(payment__channel=channel, state=RefundState.DONE, done_at__gte=start, done_at__lt=end)
    for refund in done.order_by("id"):
        assert refund.done_at is not None
        if refund.number not in told and not _is_near_midnight(refund.done_at, day):
            count += 1
            with transaction.atomic():
                _differences.note(
                    channel, day, DifferenceKind.REFUND, refund.number, refund.amount_fen, 0, by=by, at=at
                )
    return count


def _captured_on(channel: str, day: date) -> list[Payment]:
    start, end = _span(day)
    rows = Payment.objects.filter(channel=channel, state__in=CAPTURED, captured_at__gte=start, captured_at__lt=end)
    return list(rows.order_by("id"))


def _span(day: date) -> tuple[datetime, datetime]:
    start = timezone.make_aware(datetime.combine(day, time()))
    return start, start + timedelta(days=1)


def _is_near_midnight(moment: datetime, day: date) -> bool:
    start, end = _span(day)
    return moment - start < MIDNIGHT_MARGIN or end - moment < MIDNIGHT_MARGIN
