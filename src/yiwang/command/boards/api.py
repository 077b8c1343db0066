"""The leader's board as JSON."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from yiwang.command.boards import queries
from yiwang.command.boards.contracts import Figure, Net, Ratings, RedUnit
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["board"], audience="staff")


class FunnelOut(Schema):
    opened: int
    accepted: int
    decided: int
    closed: int
    turned_away: int


class DayOut(Schema):
    on: date
    opened: int
    closed: int


class KindCountOut(Schema):
    kind: str
    opened: int
    closed: int
    open_now: int
    overdue_now: int


class BoardOut(Schema):
    """Figures of the organisations that the reader leads, and all below them."""

    title: str
    scope: str
    sentence: str
    is_red: bool
    cut_off: datetime
    since: date
    until: date
    figures: list[Figure]
    red_units: list[RedUnit]
    ratings: Ratings
    funnel: FunnelOut
    trend: list[DayOut]
    nets: list[Net]
    awaited: list[str]


@router.get("", response=BoardOut, summary="What is going wrong now")
def board(request: HttpRequest) -> Any:
    """Needs board.view."""
    return queries.board(actor(request), at=timezone.now())
