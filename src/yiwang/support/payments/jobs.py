"""What the worker does for payments: speak with channels, look after what is unsettled, compare yesterday."""

from datetime import date, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY
from yiwang.support.payments import _reconciling, _rows, actions, queries


@app.task(name=_rows.CARRY_TASK, queue="outside", retry=PATIENTLY)
def carry(*, order: str) -> None:
    actions.carry(number=order, by=SYSTEM, at=timezone.now(), waited=timedelta(minutes=2))


@repeats("* * * * *", name="payments.look_after", queue="outside")
def look_after(timestamp: int) -> None:
    """The safety net under the callbacks."""
    actions.look_after(by=SYSTEM, at=timezone.now())


@repeats("40 0 * * *", name="payments.reconcile_yesterday", queue="outside", retry=PATIENTLY)
def reconcile_yesterday(timestamp: int) -> None:
    day = timezone.localdate() - timedelta(days=1)
    for channel in queries.channels():
        reconcile.defer(channel=channel.id, day=day.isoformat())


@app.task(name=_reconciling.RECONCILE_TASK, queue="outside", retry=PATIENTLY)
def reconcile(*, channel: str, day: str) -> None:
    actions.reconcile(channel=channel, day=date.fromisoformat(day), by=SYSTEM, at=timezone.now())
