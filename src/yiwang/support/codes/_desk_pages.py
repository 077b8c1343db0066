"""At the desk: scanning a code in a scene, and making door plates."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.data.places import queries as places
from yiwang.kernel.access import queries as access
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import Actor, YiwangError
from yiwang.kernel.base.http import actor, audience
from yiwang.support.codes import actions, queries
from yiwang.support.codes.contracts import PLATES, NoSuchPlate, NotYourScene

TEXT_MAX = 4000


@never_cache
@require_http_methods(["GET", "POST"])
@audience("staff")
def scan(request: HttpRequest) -> HttpResponse:
    """By camera, by a hand scanner that types, or typed: the declared values of whoever shows the code."""
    by = actor(request)
    scenes = queries.scenes_for(by)
    if not scenes:
        raise NotYourScene("您的岗位不能扫码。", hint="请联系本单位负责人确认岗位。")
    asked = request.POST.get("scene") or request.GET.get("scene", "")
    chosen = next((each for each in scenes if each.id == asked), scenes[0])
    facts: dict[str, Any] = {"scenes": scenes, "chosen": chosen}
    if request.method != "POST":
        return render(request, "codes/scan.html", facts)
    try:
        text = request.POST.get("text", "")[:TEXT_MAX]
        facts["seen"] = actions.scan(text=text, scene_id=chosen.id, by=by, at=timezone.now())
    except YiwangError as wrong:
        return render(request, "codes/scan.html", {**facts, "wrong": wrong}, status=wrong.status)
    return render(request, "codes/scan.html", facts)


@require_GET
@audience("staff")
def plates(request: HttpRequest) -> HttpResponse:
    """Find a door to print its plate."""
    _require_plates(actor(request))
    words = request.GET.get("q", "").strip()[:80]
    found = [each for each in places.find(words, size=20) if each.entry_id is not None] if words else []
    return render(request, "codes/plates.html", {"words": words, "found": found})


@require_GET
@audience("staff")
def plate(request: HttpRequest, door_id: int) -> HttpResponse:
    """The plate of one door, to print."""
    _require_plates(actor(request))
    door = places.door(door_id)
    if door is None:
        raise NoSuchPlate("没有这个标准地址。", hint="请从门牌码里重新查找。")
    text = queries.plate_text(door, at=timezone.now())
    url = request.build_absolute_uri(reverse("plate", args=[text]))
    return render(request, "codes/plate_print.html", {"door": door, "url": url})


def _require_plates(by: Actor) -> None:
    if not access.may_anywhere(by, PLATES):
        raise NotPermitted("您的岗位不能制作门牌码。", hint="请联系本单位负责人确认岗位。")


urlpatterns = [
    path("desk/scan", scan, name="desk-scan"),
    path("desk/plates", plates, name="desk-plates"),
    path("desk/plates/<int:door_id>", plate, name="desk-plate"),
]
