"""Every night: hot topics are gathered anew."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import actions


@app.periodic(cron="10 2 * * *")
@app.task(name="hotline.find_topics", queue="clock")
def find_topics(timestamp: int) -> None:
    actions.find_topics(by=SYSTEM, at=timezone.now())
