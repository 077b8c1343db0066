"""Housekeeping of the queue itself: jobs whose worker died are tried again, old ones are removed."""

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
