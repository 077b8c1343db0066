"""For everybody: the keys by which gates check codes, and the page behind a door plate."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.codes import _policy, queries
from yiwang.support.codes.contracts import BadText, NoSuchPlate


@require_GET
@audience("outside")
def keys(request: HttpRequest) -> HttpResponse:
    """Public keys and the allowances, for any gate."""
    response = JsonResponse(queries.published(at=timezone.now()))
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_GET
@audience("public")
def plate(request: HttpRequest, text: str) -> HttpResponse:
    """What a door plate leads to: where this is, who serves it, and a way to report something."""
    try:
        door = queries.door_of(text, at=timezone.now())
    except (BadText, NoSuchPlate) as wrong:
        return render(request, "codes/plate_wrong.html", {"wrong": wrong}, status=404)
    facts = {
        "door": door,
        "region": orgs.full_name(door.region_code),
        "units": orgs.handling_of(_policy.policy().door_units, door.region_code),
    }
    return render(request, "codes/plate.html", facts)


urlpatterns = [
    path(".well-known/yiwang-codes.json", keys, name="code-keys"),
    path("plates/<str:text>", plate, name="plate"),
]
