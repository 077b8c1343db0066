"""Every night each resource whose data are new is inspected; one that cannot be holds up no other."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.data.quality import actions, queries
from yiwang.kernel.base.contracts import SYSTEM, YiwangError

logger = logging.getLogger("yiwang.quality")


@app.periodic(cron="7 3 * * *")
@app.task(name="quality.inspect_all", queueing_lock="quality.inspect_all")
def inspect_all(timestamp: int) -> None:
    for code in queries.inspectable():
        try:
            actions.inspect(resource=code, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("quality of %s could not be inspected: %s", code, error.code)
        except Exception:
            logger.exception("quality of %s could not be inspected", code)
