"""Housekeeping of what everybody counts with."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base import throttle


@app.periodic(cron="27 3 * * *")
@app.task(name="base.forget_throttles", queueing_lock="base.forget_throttles")
def forget_throttles(timestamp: int) -> None:
    """Forget who did what how often, past a day."""
    throttle.forget(at=timezone.now())
