"""/ratings: what people say, in figures for everybody; /desk/ratings: each rating, for who may see its case."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import actor, audience
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.feedback import _summary, queries
from yiwang.services.feedback.contracts import RatingView

FILTERS = (("waiting", "差评待答复"), ("bad", "全部差评"), ("all", "全部评价"))
SUBJECT_MAX = 120


@require_GET
@audience("public")
def ratings(request: HttpRequest) -> HttpResponse:
    """Figures of the last ninety days; `?of=` narrows them to one matter or one-thing."""
    subject = request.GET.get("of", "")[:SUBJECT_MAX]
    summary = _summary.public_summary(timezone.localdate(), subject=subject)
    language = get_language()
    levels = [(name.in_language(language), n, percent) for name, n, percent in summary.levels]
    return render(request, "feedback/ratings.html", {"summary": summary, "levels": levels, "subject": subject})


@require_GET
@audience("staff")
def desk_ratings(request: HttpRequest) -> HttpResponse:
    """Ratings that the reader may see, the bad ones that wait for an answer first."""
    chosen = request.GET.get("show", "bad")
    page = queries.listed(
        actor(request),
        cursor=request.GET.get("cursor"),
        bad_only=chosen != "all",
        unanswered_only=chosen == "waiting",
    )
    offices = orgs.named(row.org_id for row in page.items)
    names, tags = _summary.level_names(), queries.tag_names()

    def line(row: RatingView) -> dict[str, Any]:
        return {
            "rating": row,
            "level": names[row.level or 0].zh,
            "is_bad": row.level is not None and row.level.is_bad,
            "org": offices[row.org_id].short_name,
            "tags": [tags[code].zh for code in row.tags if code in tags],
            "again": names[row.again].zh if row.again else "",
        }

    context = {"page": page.map(line), "filters": FILTERS, "chosen": chosen}
    return render(request, "feedback/desk_ratings.html", context)


urlpatterns = [
    path("ratings", ratings, name="ratings"),
    path("desk/ratings", desk_ratings, name="desk-ratings"),
]
