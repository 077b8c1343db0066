"""Every night: hot topics are gathered anew."""

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY
from yiwang.services.hotline import actions


@repeats("10 2 * * *", name="hotline.find_topics", queue="clock", retry=PATIENTLY)
def find_topics(timestamp: int) -> None:
    actions.find_topics(by=SYSTEM, at=timezone.now())
