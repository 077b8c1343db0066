"""附近大厅: where to go in person, with addresses and telephones."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView

HALL = "service-centre"
SHOWN_MAX = 300


@require_GET
@audience("public")
def halls(request: HttpRequest) -> HttpResponse:
    """Service halls by region; a region or a word narrows the list."""
    every = orgs.of_kind(HALL)[:SHOWN_MAX]
    regions = orgs.regions({org.region_code for org in every})
    text, region = request.GET.get("q", "").strip()[:40], request.GET.get("region", "")
    shown = [org for org in every if _is_in(org, region) and (not text or text in f"{org.name}{org.address}")]
    context = {
        "text": text,
        "region": region,
        "regions": [row for code, row in sorted(regions.items()) if code[6:] == "000000"],
        "halls": [(org, regions[org.region_code].name) for org in shown if org.region_code in regions],
    }
    return render(request, "citizen/halls.html", context)


def _is_in(org: OrgView, region: str) -> bool:
    """A county's code covers its towns: what is not filled with zeros must agree."""
    return org.region_code.startswith(region[:12].rstrip("0")) if region.isdecimal() else True


urlpatterns = [path("halls", halls, name="halls")]
