"""Once an hour: silence is recorded where nobody rated in time."""

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.services.feedback import actions


@repeats("17 * * * *", name="feedback.record_silence", queue="clock")
def record_silence(timestamp: int) -> None:
    while actions.record_silence(by=SYSTEM, at=timezone.now()):
        pass
