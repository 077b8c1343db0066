"""Drafts that nobody touched for half a year are forgotten every night."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.forms import actions


@app.periodic(cron="37 3 * * *")
@app.task(name="forms.forget_drafts", queueing_lock="forms.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    actions.forget_drafts(by=SYSTEM, at=timezone.now())
