"""Housekeeping of the queue itself: jobs whose worker died are tried again, old ones are removed."""

import os
import subprocess
import sys

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from yiwang.kernel.base import idempotency

_DONE_HOURS = 7 * 24


@app.periodic(cron="*/2 * * * *")
@app.task(name="site.retry_stalled", queueing_lock="site.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Put back jobs whose worker has given no sign of life: a killed worker loses nothing."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


@app.periodic(cron="17 3 * * *")
@app.task(name="site.remove_old", queueing_lock="site.remove_old", pass_context=True)
async def remove_old(context: JobContext, timestamp: int) -> None:
    """Remove jobs that ended a week ago; failed ones stay for the operator."""
    await context.app.job_manager.delete_old_jobs(nb_hours=_DONE_HOURS)


@app.periodic(cron="47 3 * * *")
@app.task(name="site.forget_keys", queueing_lock="site.forget_keys")
def forget_keys(timestamp: int) -> None:
    """Forget intake keys past their 24 hours."""
    idempotency.forget(at=timezone.now())


@app.periodic(cron="17 4 * * *")
@app.task(name="site.erase_due", queueing_lock="site.erase_due")
def erase_due(timestamp: int) -> None:
    """Erase what is past its time, in a process of the database's owner: this one's role may not touch what only grows."""
    dropped = ("YIWANG_POOL_SIZE", "YIWANG_DATABASE_ROLE")
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    subprocess.run([sys.executable, "-m", "yiwang", "retention", "run"], env=environment, check=True)
