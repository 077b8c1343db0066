"""What happens to licences by itself: those whose time is over are ended, holders are told before it is."""

from collections.abc import Callable

from django.utils import timezone

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.support.licences import actions, queries

ROUNDS_MAX = 2_000


@repeats("7 * * * *", name="licences.lapse")
def lapse(timestamp: int) -> None:
    """Every hour, so that a night in which nothing ran is made up for; the law's day decides."""
    _all(actions.lapse)


@repeats("37 0-14 * * *", name="licences.remind")
def remind(timestamp: int) -> None:
    """By day in Shanghai (UTC + 8): 8 to 22 o'clock, and by night nothing."""
    _all(actions.remind)


@repeats("* * * * *", name="licences.batches")
def batches(timestamp: int) -> None:
    """Goes on with what a killed worker left, within a minute."""
    for batch_id in queries.batches_running():
        issue_batch(batch_id)


def issue_batch(batch_id: int) -> None:
    """Piece by piece, each a transaction: two workers wait for one another, and no line is issued twice."""
    for _ in range(ROUNDS_MAX):
        if not actions.issue_part(batch_id=batch_id, by=SYSTEM, at=timezone.now()).is_running:
            return


def _all(act: Callable[..., int]) -> None:
    """Bounded: what is left after a million waits for the next hour."""
    for _ in range(ROUNDS_MAX):
        if not act(by=SYSTEM, at=timezone.now()):
            return
