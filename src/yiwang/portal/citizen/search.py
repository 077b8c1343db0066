"""One search for matters, one-things, themes and a case's own number."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from yiwang.kernel.base.http import audience
from yiwang.kernel.design.queries import address
from yiwang.portal.citizen import _home, _one_things
from yiwang.services.matters import queries as matters

NUMBER = re.compile(r"\d{20,21}(-\d{2})?")
QUERY_CODE = re.compile(r"[2-9A-HJ-NP-Z]{8}")


@require_GET
@audience("public")
def search(request: HttpRequest) -> HttpResponse:
    """What matches; a case's number leads to its progress."""
    text = request.GET.get("q", "").strip()[: matters.QUERY_MAX]
    number = re.sub(r"\s", "", text).upper()
    progress = address("track")
    if progress and (NUMBER.fullmatch(number) or (QUERY_CODE.fullmatch(number) and not number.isalpha())):
        return redirect(f"{progress}?number={number}")
    today = timezone.localdate()
    found = matters.search(matters.Filter(text=text), on=today, cursor=request.GET.get("cursor")) if text else None
    page = _home.front()
    context = {
        "text": text,
        "found": found,
        "one_things": _one_things.search(text) if text else [],
        "themes": _themes(text) if text and page else [],
        "hot": [_home.said(each) for each in page.hot] if page else [],
    }
    return render(request, "citizen/search.html", context)


def _themes(text: str) -> list[_home.Tile]:
    page = _home.front()
    every = [*_home.tiles(page, "person"), *_home.tiles(page, "firm")] if page else []
    return [tile for tile in every if text in tile.title or tile.title in text]


urlpatterns = [path("search", search, name="search")]
