"""我的码: the code on the screen of a telephone, and who scanned it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.http import actor, assurance, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.codes import actions, queries
from yiwang.support.codes.contracts import Holder, NoCode


@never_cache
@require_GET
@audience("applicant")
def code(request: HttpRequest) -> HttpResponse:
    """A fresh code; asked again, another one."""
    by, now = actor(request), timezone.now()
    holders = queries.holders_of(by, at=now)
    chosen = _chosen(request.GET.get("mandate", ""), holders, by)
    if chosen is None:
        raise NoCode("没有可以出示的码。", hint="企业码由有授权的经办人出示，请核对授权是否还有效。")
    level, scenes = assurance(request), queries.all_scenes()
    shown = actions.show(subject=chosen, level=level, by=by, at=now)
    facts = {
        "holders": holders,
        "chosen": chosen,
        "shown": shown,
        "lives": int((shown.until - shown.shown_at).total_seconds()),
        "scenes": scenes,
        "surer": [each for each in scenes if each.level > level],
    }
    return render(request, "codes/code.html", facts)


def _chosen(wanted: str, holders: list[Holder], by: Actor) -> Holder | None:
    """The firm that is asked for, else the one that somebody acts for, else oneself."""
    by_mandate = {str(each.mandate_id or ""): each for each in holders}
    return by_mandate.get(wanted) if wanted else by_mandate.get(str(by.mandate_id or ""), by_mandate.get(""))


@never_cache
@require_GET
@audience("applicant")
def scans(request: HttpRequest) -> HttpResponse:
    """谁扫了我的码."""
    page = queries.scans_of(actor(request), cursor=request.GET.get("cursor"))
    units = orgs.named({each.org_id for each in page.items})
    rows = [(each, units[each.org_id].name) for each in page.items]
    return render(request, "codes/scans.html", {"page": page, "rows": rows})


urlpatterns = [
    path("my/code", code, name="my-code"),
    path("my/code/scans", scans, name="my-code-scans"),
]
