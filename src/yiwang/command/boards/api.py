"""The leader's board as JSON."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from yiwang.command.boards import queries
from yiwang.command.boards.contracts import Tone
from yiwang.kernel.base.http import ApiRouter, actor

router = ApiRouter(tags=["board"], audience="staff")


class NoteOut(Schema):
    """What stands behind a figure."""

    title: str
    meaning: str
    period: str
    source: str
    owner: str


class FigureOut(Schema):
    """`value` is text; with tone `absent` there is no figure, which is not nought."""

    key: str
    value: str
    unit: str
    beside: str
    tone: Tone
    note: NoteOut


class RedUnitOut(Schema):
    org_id: int
    name: str
    phone: str
    count: int
    since: datetime
    case_number: str
    case_title: str
    step_name: str
    who: str
    is_signed: bool


class LevelOut(Schema):
    level: int
    name: str
    count: int
    is_bad: bool


class BadRatingOut(Schema):
    org_name: str
    phone: str
    level_name: str
    case_title: str
    follow_up_number: str
    since: datetime


class RatingsOut(Schema):
    levels: list[LevelOut]
    silent: int
    excluded: int
    satisfied_percent: int | None
    bad: int
    answered: int
    unanswered: list[BadRatingOut]


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


class NetOut(Schema):
    title: str
    kind: str
    count: KindCountOut | None
    source: str
    owner: str


class BoardOut(Schema):
    """Figures of the organisations that the reader leads, and all below them."""

    title: str
    scope: str
    sentence: str
    is_red: bool
    cut_off: datetime
    since: date
    until: date
    figures: list[FigureOut]
    red_units: list[RedUnitOut]
    ratings: RatingsOut
    funnel: FunnelOut
    trend: list[DayOut]
    nets: list[NetOut]
    awaited: list[str]


@router.get("", response=BoardOut, summary="What is going wrong now")
def board(request: HttpRequest) -> Any:
    """Needs board.view."""
    return queries.board(actor(request), at=timezone.now())
