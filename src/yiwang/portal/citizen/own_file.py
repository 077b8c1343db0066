"""我的档案: what the registry holds of the reader, or of the firm the reader acts for, and how to say that it is wrong."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from yiwang.data.registries import actions as registries
from yiwang.data.registries import queries as held
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.portal.citizen import _uses

READERS = 5


@never_cache
@require_GET
@audience("applicant")
def own_file(request: HttpRequest) -> HttpResponse:
    return _show(request, None)


@never_cache
@require_POST
@audience("applicant")
def objection(request: HttpRequest) -> HttpResponse:
    """Say that a value is wrong; the registry's unit answers."""
    given = {name: request.POST.get(name, "").strip()[:300] for name in ("column", "claimed", "words")}
    try:
        registries.object_to_own(**given, by=actor(request), at=timezone.now())
    except YiwangError as wrong:
        return _show(request, wrong)
    messages.success(request, gettext("已转给登记单位核对，答复会发消息给您，也在“我的办件”里。"))
    return redirect("own-file")


def _show(request: HttpRequest, wrong: YiwangError | None) -> HttpResponse:
    by = actor(request)
    language = "en" if (get_language() or "").startswith("en") else "zh"
    found = registries.open_own_file(language=language, by=by, at=timezone.now())
    others = [use for use in _uses.uses(by, cursor=None).items if not use.is_own][:READERS]
    region = held.region_of(found) if found else None
    context = {"file": found, "region": region, "uses": others, "wrong": wrong, "given": request.POST}
    return render(request, "citizen/own_file.html", context, status=wrong.status if wrong else 200)


urlpatterns = [
    path("my/file", own_file, name="own-file"),
    path("my/file/objection", objection, name="own-file-objection"),
]
