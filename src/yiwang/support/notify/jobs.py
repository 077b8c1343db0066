"""What the worker does with messages: campaigns, part by part."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.repeating import repeats
from yiwang.kernel.base.retries import SOON
from yiwang.support.notify import _campaign_rows, _webhooks, actions
from yiwang.support.notify.contracts import CampaignView

ROUNDS_MAX = 2_000


@repeats("* * * * *", name="notify.campaigns")
def campaigns(timestamp: int) -> None:
    """Goes on with what a killed worker left, within a minute."""
    for campaign_id in _campaign_rows.running():
        send_campaign(campaign_id)


@app.task(name="notify.send_campaign", retry=SOON)
def go_on(*, campaign_id: int) -> None:
    send_campaign(campaign_id)


def send_campaign(campaign_id: int) -> None:
    """Part by part, each a transaction: two workers wait for one another, and nobody is sent anything twice."""
    for _ in range(ROUNDS_MAX):
        found = actions.send_part(campaign_id=campaign_id, by=SYSTEM, at=timezone.now())
        if not found.is_running or _must_wait(found):
            return


def _must_wait(found: CampaignView) -> bool:
    """As the place's pace has it; by then a job of its own goes on."""
    if found.next_at is None or found.next_at <= timezone.now():
        return False
    go_on.configure(schedule_at=found.next_at, queueing_lock=f"notify.campaign:{found.id}").defer(campaign_id=found.id)
    return True


@app.task(name=_webhooks.CARRY_TASK, queue="outside", retry=SOON)
def carry_calls() -> None:
    actions.carry_calls(by=SYSTEM, at=timezone.now())


@repeats("* * * * *", name="notify.calls_due", queue="outside")
def calls_due(timestamp: int) -> None:
    """Calls whose time has come again, and those of a killed worker."""
    carry_calls.configure(lock=_webhooks.CARRY_TASK).defer()
