"""What lies in the drop folder is taken in, and sources that bring nothing are asked, without anybody doing so."""

import logging
from datetime import datetime
from typing import Protocol

from django.utils import timezone

from yiwang.data.ingest import _dropped, _fetching, actions
from yiwang.kernel.base.contracts import SYSTEM, Actor, YiwangError
from yiwang.kernel.base.repeating import repeats

logger = logging.getLogger("yiwang.ingest")


class Take(Protocol):
    def __call__(self, *, source_id: str, by: Actor, at: datetime) -> object: ...


@repeats("*/10 * * * *", name="ingest.look")
def look(timestamp: int) -> None:
    """One source that cannot be taken in holds up no other."""
    for source_id in list(_dropped.waiting(timezone.now())):
        _tried(source_id, actions.run)


@repeats("* * * * *", name="ingest.ask")
def ask(timestamp: int) -> None:
    """Sources that do not bring their deliveries, each at its own pace."""
    for source_id in list(_fetching.due(timezone.now())):
        _tried(source_id, actions.fetch)


def _tried(source_id: str, take: Take) -> None:
    try:
        take(source_id=source_id, by=SYSTEM, at=timezone.now())
    except YiwangError as error:
        logger.warning("source %s was not taken in: %s", source_id, error.code)
