"""From the rows of campaigns to contracts."""

from django.db.models import Count, Min

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.support.notify import queries
from yiwang.support.notify._campaign_contracts import CampaignState, CampaignView, NoSuchCampaign, RecipientProblem
from yiwang.support.notify.kinds import AUDIENCE, TEMPLATE, Audience, MessageTemplate
from yiwang.support.notify.models import Campaign, Recipient

VIEW = "notify.view"


def view(row: Campaign) -> CampaignView:
    body = queries.find_template(row.template)
    return CampaignView(
        id=row.pk,
        template=row.template,
        title=body.title.zh if body else row.template,
        channels=body.channels if body else (),
        org_id=row.org_id,
        audience=row.audience,
        filename=str(row.filename),
        state=CampaignState(row.state),
        total=row.total,
        wrong=row.wrong,
        sent=row.sent,
        made_by=row.made_by,
        made_at=row.made_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        next_at=row.next_at,
    )


def campaigns(by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[CampaignView]:
    """Campaigns of the units whose messages `by` sees, newest first."""
    rows = access.visible(by, Campaign.objects.all(), VIEW)
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(view)


def row_seen(campaign_id: int, by: Actor) -> Campaign:
    """One campaign's row. Raises NoSuchCampaign when it is not there for `by`."""
    row = access.visible(by, Campaign.objects.filter(pk=campaign_id), VIEW).first()
    if row is None:
        raise NoSuchCampaign("没有这次群发，或不属于您的单位。", hint="请核对后再试。")
    return row


def problems(campaign_id: int) -> list[RecipientProblem]:
    """What is wrong with how many lines, the most frequent first."""
    found = Recipient.objects.filter(campaign=campaign_id).exclude(problem="").values("problem")
    counted = found.annotate(count=Count("id"), first_line=Min("line")).order_by("-count", "problem")
    return [RecipientProblem(each["problem"], each["count"], each["first_line"]) for each in counted]


def running() -> list[int]:
    """Campaigns that are being sent, oldest first."""
    rows = Campaign.objects.filter(state=CampaignState.RUNNING.value).order_by("id")
    return list(rows.values_list("pk", flat=True))


def templates() -> list[MessageTemplate]:
    """Templates that may go to many."""
    bodies = (pack.as_type(MessageTemplate) for pack in packs.all_of(TEMPLATE))
    return [body for body in bodies if body.is_campaign]


def audiences() -> list[Audience]:
    return [pack.as_type(Audience) for pack in packs.all_of(AUDIENCE)]
