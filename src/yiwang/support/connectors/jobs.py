"""What the worker does for the lines: carry, ask, compare."""

import logging
from datetime import date, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY, SOON
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.connectors import _line, _reconciling, actions, queries
from yiwang.support.connectors.contracts import CannotReach

logger = logging.getLogger(__name__)


@app.task(name=_line.PUMP_TASK, queue="outside", retry=SOON)
def pump(*, system: str) -> None:
    actions.pump(system=system, by=SYSTEM, at=timezone.now())


@app.task(name=_line.WAKE_TASK, queue="outside", retry=PATIENTLY)
def wake(*, system: str) -> None:
    _line.wake(system)


@repeats("* * * * *", name="connectors.look_after_lines", queue="outside")
def look_after_lines(timestamp: int) -> None:
    """The safety net under the pumps, and the polls that are due."""
    at = timezone.now()
    for line in queries.lines():
        if line.waiting:
            _line.wake(line.system)
    for name in queries.polls_due(at):
        poll.configure(lock=f"outside-poll:{name}").defer(system=name)


@app.task(name="connectors.poll", queue="outside", retry=SOON)
def poll(*, system: str) -> None:
    """A system that is away now is asked again a minute later."""
    try:
        actions.poll(system=system, by=SYSTEM, at=timezone.now())
    except CannotReach as away:
        logger.warning(away.code, extra={"system": system})


@repeats("30 0 * * *", name="connectors.reconcile_yesterday", queue="outside", retry=PATIENTLY)
def reconcile_yesterday(timestamp: int) -> None:
    day = timezone.now().astimezone(LEGAL_TIME).date() - timedelta(days=1)
    for spec in queries.systems():
        if spec.has_reconciliation:
            reconcile.defer(system=spec.id, day=day.isoformat())


@app.task(name=_reconciling.RECONCILE_TASK, queue="outside", retry=PATIENTLY)
def reconcile(*, system: str, day: str) -> None:
    actions.reconcile(system=system, day=date.fromisoformat(day), by=SYSTEM, at=timezone.now())
