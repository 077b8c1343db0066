"""Telling clients that somebody signed out, and forgetting what is long over."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY
from yiwang.support.oidc import _visits, actions


@app.task(name=_visits.TELL_TASK, queue="outside", retry=PATIENTLY)
def tell_client(*, visit: int) -> None:
    actions.tell_client(visit_id=visit, by=SYSTEM, at=timezone.now())


@repeats("41 3 * * *", name="oidc.forget", retry=PATIENTLY)
def forget(timestamp: int) -> None:
    actions.forget(by=SYSTEM, at=timezone.now())
