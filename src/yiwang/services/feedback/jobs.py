"""Once an hour: silence is recorded where nobody rated in time."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.feedback import actions


@app.periodic(cron="17 * * * *")
@app.task(name="feedback.record_silence", queue="clock")
def record_silence(timestamp: int) -> None:
    while actions.record_silence(by=SYSTEM, at=timezone.now()):
        pass
