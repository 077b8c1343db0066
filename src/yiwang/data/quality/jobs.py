"""Every night each resource whose data are new is inspected; one that cannot be holds up no other."""

import logging

from django.utils import timezone

from yiwang.data.quality import actions, queries
from yiwang.kernel.base.contracts import SYSTEM, YiwangError
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY

logger = logging.getLogger("yiwang.quality")


@repeats("7 3 * * *", name="quality.inspect_all", retry=PATIENTLY)
def inspect_all(timestamp: int) -> None:
    for code in queries.inspectable():
        try:
            actions.inspect(resource=code, by=SYSTEM, at=timezone.now())
        except YiwangError as error:
            logger.warning("quality of %s could not be inspected: %s", code, error.code)
        except Exception:
            logger.exception("quality of %s could not be inspected", code)
