"""The counter's pages of 亮码办事: scan a code for a matter, fill in what is said, and let the person confirm on their own phone."""

import io

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience, public_url
from yiwang.kernel.forms import queries as form_queries
from yiwang.services.applications import _counter, actions
from yiwang.support.codes import actions as code_actions
from yiwang.support.codes import queries as codes
from yiwang.support.codes.contracts import NotYourScene

TEXT_MAX = 4000


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def counter(request: HttpRequest) -> HttpResponse:
    """Which matter, and whose code."""
    by, now = actor(request), timezone.now()
    scene = next((each for each in codes.scenes_for(by) if each.fills), None)
    if scene is None:
        raise NotYourScene("您的岗位不能亮码办事。", hint="请联系本单位负责人确认岗位。")
    offered = [(each.code, f"{each.name}（{each.org_name}）") for each in _counter.offered(at=now)]
    facts = {"scene": scene, "offered": offered, "matter": request.POST.get("matter", "")}
    if request.method != "POST":
        return render(request, "applications/counter.html", facts)
    try:
        text = request.POST.get("text", "")[:TEXT_MAX]
        seen = code_actions.scan(text=text, scene_id=scene.id, by=by, at=now)
    except YiwangError as wrong:
        return render(request, "applications/counter.html", {**facts, "wrong": wrong}, status=wrong.status)
    return redirect("desk-counter-form", seen.scan_id, facts["matter"])


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def form(request: HttpRequest, scan_id: int, code: str) -> HttpResponse:
    """What is asked at the counter; kept as the person's draft, and led over to their phone."""
    by, now = actor(request), timezone.now()
    found = _counter.opened(code, scan_id, by, at=now)
    facts = {"found": found, "matter": found.matter, "here_url": reverse("desk-counter-form", args=[scan_id, code])}
    if request.method != "POST":
        return render(request, "applications/counter_form.html", facts)
    answers = form_queries.from_post(found.form, request.POST)
    actions.prepare_at_counter(code=code, scan_id=scan_id, answers=answers, by=by, at=now)
    onward = f"{public_url(request)}{reverse('apply-review', args=[code])}"
    return render(request, "applications/counter_done.html", {**facts, "onward": onward, "picture": _picture(onward)})


def _picture(text: str) -> str:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=6, border=2, xmldecl=False, omitsize=True, light="#fff")
    return out.getvalue().decode()


urlpatterns = [
    path("desk/counter", counter, name="desk-counter"),
    path("desk/counter/<int:scan_id>/<str:code>", form, name="desk-counter-form"),
]
