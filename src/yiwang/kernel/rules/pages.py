"""/desk/rules: every rule in force, and a page on which staff try one over facts of their own; nothing is kept."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.rules import _trial, queries

FACT_MAX = 200


@never_cache
@require_GET
@audience("staff")
def desk_rules(request: HttpRequest) -> HttpResponse:
    """The rules in force by the law that they rest on: title, version, since when."""
    queries.require_trying(actor(request))
    wanted = request.GET.get("q", "").strip()[:60]
    found = [each for each in _trial.listed() if wanted in f"{each.pack.title}{each.pack.id}"]
    return render(request, "rules/list.html", {"groups": _trial.by_law(found), "wanted": wanted})


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def desk_rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """One rule on a day. Facts come by POST, for they may be somebody's and do not belong into addresses; nothing is written."""
    queries.require_trying(actor(request))
    pack = queries.pack_of(rule_id)
    today = timezone.localdate()
    on, facts = _day(request) or today, None
    if request.method == "POST":
        number = request.POST.get("example", "")
        chosen = _trial.example(pack, int(number)) if number.isdecimal() and len(number) < 4 else None
        if chosen is not None:
            facts, on = chosen[0], chosen[1] or on
        else:
            facts = {name[5:]: value[:FACT_MAX] for name, value in request.POST.items() if name.startswith("fact.")}
    context = {"pack": pack, "on": on, "basis": _trial.laws(pack)}
    try:
        context["trial"] = _trial.tried(queries.rule(rule_id, on=on), pack, facts)
    except YiwangError as wrong:
        return render(request, "rules/try.html", context | {"wrong": wrong}, status=wrong.status)
    return render(request, "rules/try.html", context)


def _day(request: HttpRequest) -> date | None:
    given = request.POST.get("on") or request.GET.get("on") or ""
    try:
        return date.fromisoformat(given[:10])
    except ValueError:
        return None


urlpatterns = [
    path("desk/rules", desk_rules, name="desk-rules"),
    path("desk/rules/<str:rule_id>", desk_rule, name="desk-rule"),
]
