"""/desk/verdicts: what the system decided by rule, why it left the rest to people, and what checks found."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.verdicts import queries

PERIODS = (7, 30, 90, 365)


@require_GET
@audience("staff")
def desk_verdicts(request: HttpRequest) -> HttpResponse:
    """Figures of the last days and each verdict, for who may see its case."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(each) for each in PERIODS} else 30
    since, left_only = timezone.now() - timedelta(days=days), request.GET.get("show") == "left"
    page = queries.listed(actor(request), since=since, left_only=left_only, cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "figures": queries.figures(actor(request), since=since),
        "offices": orgs.named(row.org_id for row in page.items),
        "days": days,
        "periods": PERIODS,
        "left_only": left_only,
    }
    return render(request, "verdicts/desk.html", context)


urlpatterns = [path("desk/verdicts", desk_verdicts, name="desk-verdicts")]
