"""Each minute: what a killed worker left is finished, and what was decided is drawn for spot checks."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.services.verdicts import actions, queries
from yiwang.services.verdicts.contracts import MACHINE


@app.periodic(cron="* * * * *")
@app.task(name="verdicts.look_after", queue="clock", queueing_lock="verdicts.look_after")
def look_after(timestamp: int) -> None:
    at = timezone.now()
    for verdict_id in queries.unfinished():
        actions.act(verdict_id=verdict_id, by=MACHINE, at=at)
    for verdict_id in queries.undrawn():
        actions.draw(verdict_id=verdict_id, by=MACHINE, at=at)
