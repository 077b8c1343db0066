"""Housekeeping of public look-ups."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.support.licences import _limits


@app.periodic(cron="27 3 * * *")
@app.task(name="licences.forget_lookups", queueing_lock="licences.forget_lookups")
def forget_lookups(timestamp: int) -> None:
    """Forget who looked up codes, past a day."""
    _limits.forget(timezone.now())
