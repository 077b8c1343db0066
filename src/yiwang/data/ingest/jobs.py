"""What is delivered into the drop folder is taken in without anybody asking."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.data.ingest import _dropped, actions
from yiwang.kernel.base.contracts import SYSTEM, YiwangError

logger = logging.getLogger("yiwang.ingest")


@app.periodic(cron="*/10 * * * *")
@app.task(name="ingest.look", queueing_lock="ingest.look")
def look(timestamp: int) -> None:
    """One source that cannot be taken in holds up no other."""
    for source_id in list(_dropped.waiting(timezone.now())):
        try:
            actions.run(source_id=source_id, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("source %s was not taken in: %s", source_id, error.code)
