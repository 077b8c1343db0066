"""Housekeeping of what everybody counts with."""

from django.utils import timezone

from yiwang.kernel.base import throttle
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY


@repeats("27 3 * * *", name="base.forget_throttles", retry=PATIENTLY)
def forget_throttles(timestamp: int) -> None:
    """Forget who did what how often, past a day."""
    throttle.forget(at=timezone.now())
