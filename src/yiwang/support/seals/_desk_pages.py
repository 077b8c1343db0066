"""印章台账: pictures, standing, who may use them and what for; making, stopping, destroying with a second person."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Conflict, Invalid, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.design.contracts import Moment
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.seals import actions, kinds, queries
from yiwang.support.seals._picture import UPLOAD_BYTES_MAX
from yiwang.support.seals.contracts import Act, BadSeal, NoAuthority, SealStatus, SealView

TONES = {SealStatus.VALID: "green", SealStatus.PENDING: "amber", SealStatus.STOPPED: "red"}
DONE = {
    "stop": "已停用。",
    "resume": "已提交，请另一人复核。",
    "destroy": "已提交，请另一人复核。",
    "confirm": "已复核，已办理。",
}


@require_GET
@audience("staff")
def register(request: HttpRequest) -> HttpResponse:
    """The seals of the reader's units, and a form to ask for one."""
    by = actor(request)
    page = queries.register(by, cursor=request.GET.get("cursor"))
    units = orgs.named({row.org_id for row in page.items})
    facts = {
        "page": page,
        "rows": [(row, units[row.org_id].name, TONES.get(row.status, "plain")) for row in page.items],
        "kinds": kinds.policy().kinds,
        "units": access.orgs_within(by, "seals.make") if access.may_anywhere(by, "seals.make") else [],
        "has_authority": bool(queries.authority()),
    }
    return render(request, "seals/register.html", facts)


@require_POST
@audience("staff")
def make(request: HttpRequest) -> HttpResponse:
    """Ask for a seal; a second person confirms."""
    upload = request.FILES.get("picture")
    try:
        if not request.POST.get("org", "").isdigit():
            raise BadSeal("请选择用章单位。", hint="")
        made = actions.make_seal(
            org_id=int(request.POST["org"]),
            kind=request.POST.get("kind", ""),
            name=request.POST.get("name", ""),
            grounds=request.POST.get("grounds", ""),
            picture=upload.read(UPLOAD_BYTES_MAX + 1) if upload else None,
            by=actor(request),
            at=timezone.now(),
        )
    except (Conflict, Invalid) as wrong:
        messages.error(request, f"{wrong.message}{wrong.hint}")
        return redirect("desk-seals")
    messages.success(request, "已提交，请另一人复核。")
    return redirect("desk-seal", seal_id=made.id)


@require_GET
@audience("staff")
def one(request: HttpRequest, seal_id: int) -> HttpResponse:
    """One seal: picture, who may use it, certificates, history, uses."""
    by = actor(request)
    view = queries.registered(seal_id, by)
    facts = {
        "seal": view,
        "tone": TONES.get(view.status, "plain"),
        "unit": orgs.get(view.org_id),
        "rules": _rules(view),
        "certificates": queries.certificates_of(seal_id, by),
        "moments": [
            Moment(event.word, at=event.at, note=event.grounds, state="done") for event in queries.history(seal_id, by)
        ],
        "uses": queries.uses(seal_id, by, cursor=request.GET.get("cursor")),
        "acts": _acts(view) if access.may(by, "seals.make", view.org_id) else [],
        "may_confirm": view.asked is not None
        and access.may(by, "seals.confirm", view.org_id)
        and view.asked_by != by.account_id,
    }
    return render(request, "seals/one.html", facts)


@require_POST
@audience("staff")
def act(request: HttpRequest, seal_id: int) -> HttpResponse:
    """Stop at once; ask to resume or destroy; confirm or decline what another asked for."""
    what, grounds = request.POST.get("act", ""), request.POST.get("grounds", "")
    by, at = actor(request), timezone.now()
    try:
        if what == Act.STOP.value:
            actions.stop_seal(seal_id=seal_id, grounds=grounds, by=by, at=at)
        elif what == "confirm":
            actions.confirm(seal_id=seal_id, grounds=grounds, by=by, at=at)
        elif what == "decline":
            actions.decline(seal_id=seal_id, grounds=grounds, by=by, at=at)
        elif what in (Act.RESUME.value, Act.DESTROY.value):
            actions.ask(seal_id=seal_id, act=Act(what), grounds=grounds, by=by, at=at)
        else:
            raise BadSeal("请选择要办理的事项。", hint="")
    except (Conflict, Invalid, NoAuthority) as wrong:
        _tell(request, wrong)
    else:
        messages.success(request, DONE.get(what, "已退回申请。"))
    return redirect("desk-seal", seal_id=seal_id)


@require_GET
@audience("staff")
def picture(request: HttpRequest, seal_id: int) -> HttpResponse:
    """The seal's picture, for those who may see the seal."""
    answer = HttpResponse(queries.picture(seal_id, actor(request)), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=300"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_GET
@audience("staff")
def certificates(request: HttpRequest) -> HttpResponse:
    """The authority's certificates, and those of the reader's units."""
    page = queries.certificates(actor(request), cursor=request.GET.get("cursor"))
    return render(request, "seals/certificates.html", {"page": page, "authority": queries.authority()})


def _tell(request: HttpRequest, wrong: YiwangError) -> None:
    messages.error(request, f"{wrong.message}{wrong.hint}")


def _acts(view: SealView) -> list[tuple[str, str]]:
    if view.asked is not None:
        return []
    found = {
        SealStatus.VALID: [Act.STOP, Act.DESTROY],
        SealStatus.STOPPED: [Act.RESUME, Act.DESTROY],
        SealStatus.EXPIRED: [Act.DESTROY],
    }
    return [(each.value, each.word) for each in found.get(view.status, [])]


def _rules(view: SealView) -> list[tuple[str, str]]:
    """Who may put it on what, in words."""
    titles = {each.id: each.title for each in access.post_types()}
    things = {"licence": "电子证照", "document": "文书", "matter": "事项材料", "*": "所有文件"}
    found = []
    for rule in kinds.policy().uses:
        if rule.seal == view.kind:
            who = [titles.get(post, post) for post in rule.posts] + (["系统自动"] if rule.automatic else [])
            found.append(("、".join(who), "、".join(things.get(each, each) for each in rule.on)))
    return found


urlpatterns = [
    path("desk/seals", register, name="desk-seals"),
    path("desk/seals/make", make, name="desk-seals-make"),
    path("desk/seals/<int:seal_id>", one, name="desk-seal"),
    path("desk/seals/<int:seal_id>/act", act, name="desk-seal-act"),
    path("desk/seals/<int:seal_id>/picture.png", picture, name="desk-seal-picture"),
    path("desk/certificates", certificates, name="desk-certificates"),
]
