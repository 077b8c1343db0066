"""/board: one page for a leader, readable on a phone and on a wall."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from yiwang.command.boards import queries
from yiwang.command.boards.contracts import Board
from yiwang.kernel.base.http import actor, audience

THEME_COOKIE = "board-theme"


@never_cache
@require_GET
@audience("staff")
def board(request: HttpRequest) -> HttpResponse:
    """Figures of the organisations that the reader leads."""
    found = queries.board(actor(request), at=timezone.now())
    theme = "dark" if request.COOKIES.get(THEME_COOKIE) == "dark" else "light"
    return render(request, "boards/board.html", {"board": found, "charts": _charts(found), "theme": theme})


def _charts(found: Board) -> dict[str, Any]:
    """What the script draws; the tables beside the pictures hold the same."""
    funnel = found.funnel
    return {
        "trend": [[f"{day.on:%m-%d}", day.opened, day.closed] for day in found.trend],
        "funnel": [
            ["收件", funnel.opened],
            ["受理", funnel.accepted],
            ["作出决定", funnel.decided],
            ["办结", funnel.closed],
        ],
        "ratings": [
            *([level.name, level.count, "bad" if level.is_bad else "good"] for level in found.ratings.levels),
            ["没有评价", found.ratings.silent, "silent"],
        ],
    }


urlpatterns = [path("board", board, name="board")]
