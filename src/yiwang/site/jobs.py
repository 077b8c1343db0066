"""Housekeeping of the queue itself: jobs whose worker died are tried again, old ones are removed."""

import os
import subprocess
import sys

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base import idempotency
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import PATIENTLY

_DONE_HOURS = 7 * 24


@repeats("*/2 * * * *", name="site.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Put back jobs whose worker has given no sign of life: a killed worker loses nothing."""
    for job in await app.job_manager.get_stalled_jobs():
        await app.job_manager.retry_job(job)


@repeats("17 3 * * *", name="site.remove_old", retry=PATIENTLY)
async def remove_old(timestamp: int) -> None:
    """Remove jobs that ended a week ago; failed ones stay for the operator."""
    await app.job_manager.delete_old_jobs(nb_hours=_DONE_HOURS)


@repeats("47 3 * * *", name="site.forget_keys", retry=PATIENTLY)
def forget_keys(timestamp: int) -> None:
    """Forget intake keys past their 24 hours."""
    idempotency.forget(at=timezone.now())


@repeats("17 4 * * *", name="site.erase_due", retry=PATIENTLY)
def erase_due(timestamp: int) -> None:
    """Erase what is past its time, in a process of the database's owner: this one's role may not touch what only grows."""
    dropped = ("YIWANG_POOL_SIZE", "YIWANG_DATABASE_ROLE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    subprocess.run([sys.executable, "-m", "yiwang", "retention", "run"], env=environment, check=True)
