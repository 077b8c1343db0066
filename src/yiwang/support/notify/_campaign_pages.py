"""群发: compose, look through, have approved by another, watch; pause, go on, stop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Conflict, Denied, Invalid
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.notify import _campaign_rows, _campaigns, actions, queries
from yiwang.support.notify.contracts import BadCampaign, CampaignState, CampaignView

BYTES_MAX = 20 * 1024 * 1024
STEERABLE = {"pause": CampaignState.PAUSED, "go-on": CampaignState.RUNNING, "stop": CampaignState.STOPPED}


@never_cache
@require_GET
@audience("staff")
def campaigns(request: HttpRequest) -> HttpResponse:
    """Campaigns of the reader's units, and where one begins."""
    by = actor(request)
    facts = {
        "page": _campaign_rows.campaigns(by, cursor=request.GET.get("cursor")),
        "templates": _campaign_rows.templates() if access.may_anywhere(by, "notify.compose") else [],
    }
    return render(request, "notify/campaigns.html", facts)


@never_cache
@audience("staff")
def compose(request: HttpRequest) -> HttpResponse:
    """The words of one template, and to whom."""
    by = actor(request)
    name = request.POST.get("template", "") or request.GET.get("template", "")
    body = queries.template(name)
    wrong = None
    if request.method == "POST":
        try:
            made = _made(request, by)
        except (Invalid, Denied) as found:
            wrong = found
        else:
            return redirect("desk-campaign", campaign_id=made.id)
    ids = {post.org_id for post in by.posts if access.may(by, "notify.compose", post.org_id)}
    facts = {
        "body": body,
        "asked": _campaigns.words_asked(body).items(),
        "audiences": [(each.id, str(each.title)) for each in _campaign_rows.audiences()],
        "units": [(org_id, org.name) for org_id, org in orgs.named(ids).items()],
        "wrong": wrong,
        "given": request.POST,
    }
    return render(request, "notify/compose.html", facts, status=422 if wrong else 200)


@never_cache
@require_GET
@audience("staff")
def one(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The words, the counts, what is wrong, how far it is; while it runs the page asks again by itself."""
    by = actor(request)
    row = _campaign_rows.row_seen(campaign_id, by)
    found, body = _campaign_rows.view(row), queries.find_template(row.template)
    may_approve = access.may(by, "notify.approve", row.org_id)
    facts = {
        "campaign": found,
        "words": _campaigns.preview(body, row) if body else {},
        "problems": _campaign_rows.problems(campaign_id),
        "unit": orgs.get(row.org_id),
        "may_decide": may_approve and found.state is CampaignState.COMPOSED and by.account_id != row.made_by,
        "is_own": by.account_id == row.made_by,
        "may_steer": may_approve or access.may(by, "notify.compose", row.org_id),
        "may_go_on": may_approve,
    }
    response = render(request, "notify/campaign.html", facts)
    if found.is_running:
        response["Refresh"] = "3"
    return response


@require_POST
@audience("staff")
def decide(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Let it go out, or not."""
    is_approved = request.POST.get("decision") == "approve"
    try:
        actions.decide_campaign(campaign_id=campaign_id, is_approved=is_approved, by=actor(request), at=timezone.now())
    except (Conflict, Denied) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    return redirect("desk-campaign", campaign_id=campaign_id)


@require_POST
@audience("staff")
def steer(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Pause, go on, stop."""
    try:
        to = STEERABLE[request.POST.get("to", "")]
        actions.steer_campaign(campaign_id=campaign_id, to=to, by=actor(request), at=timezone.now())
    except KeyError:
        messages.error(request, "请选择暂停、继续或停止。")
    except (Conflict, Denied) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
    return redirect("desk-campaign", campaign_id=campaign_id)


def _made(request: HttpRequest, by: Actor) -> CampaignView:
    upload, chosen, org = request.FILES.get("file"), request.POST.get("audience", ""), request.POST.get("org", "")
    content = upload.read(BYTES_MAX + 1) if upload and not chosen else b""
    if not chosen and (not content or len(content) > BYTES_MAX):
        raise BadCampaign("没有选受众，也没有文件；或文件超过20MB。", hint="请选择受众，或上传CSV、xlsx文件。")
    return actions.compose_campaign(
        template=request.POST.get("template", ""),
        facts=request.POST.dict(),
        org_id=int(org) if org.isdecimal() else 0,
        audience=chosen,
        filename=str(upload.name) if upload else "",
        content=content,
        by=by,
        at=timezone.now(),
    )


urlpatterns = [
    path("desk/campaigns", campaigns, name="desk-campaigns"),
    path("desk/campaigns/new", compose, name="desk-campaign-new"),
    path("desk/campaigns/<int:campaign_id>", one, name="desk-campaign"),
    path("desk/campaigns/<int:campaign_id>/decide", decide, name="desk-campaign-decide"),
    path("desk/campaigns/<int:campaign_id>/steer", steer, name="desk-campaign-steer"),
]
