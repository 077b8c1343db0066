"""Ratings as JSON: rate one's own case, figures for anyone, and for staff each rating of the cases they may see."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import queries as cases
from yiwang.services.feedback import actions, queries
from yiwang.services.feedback.contracts import Channel, Level

applicants = ApiRouter(tags=["好差评"], audience="applicant")
public = ApiRouter(tags=["好差评公开"], audience="public")
desk = ApiRouter(tags=["好差评"], audience="staff")

PERIOD_DAYS_MAX = 400
_OF_SCORE = ("levels", "rated", "satisfied", "satisfied_percent", "silent", "excluded", "since", "until")
_OF_RESPONSE = ("bad", "answered", "better", "answered_percent")


class RatingBody(Schema):
    """`level` 1 very satisfied … 5 very dissatisfied; `tags` as the policy offers them for the level."""

    level: Annotated[int, Field(ge=1, le=5)]
    tags: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=10)] = []
    words: Annotated[str, Field(max_length=500)] = ""


class RatingOut(Schema):
    case_number: str
    level: int | None
    is_silent: bool
    rated_at: datetime
    follow_up_number: str
    again: int | None


class ScoreOut(Schema):
    """Excluded ratings are in no figure but `excluded`; silent ones never count as satisfied.

    `answered` and `better` tell what became of the `bad` ones; percents are null where there is nothing to count.
    """

    levels: dict[int, int]
    rated: int
    satisfied: int
    satisfied_percent: int | None
    silent: int
    excluded: int
    bad: int
    answered: int
    better: int
    answered_percent: int | None
    since: date
    until: date


class HeardOut(Schema):
    """One rating as staff read it."""

    id: int
    case_number: str
    case_title: str
    org_id: int
    level: Level
    channel: str
    tags: list[str]
    words: str
    is_excluded: bool
    rated_at: datetime
    follow_up_number: str
    is_answered: bool
    again: Level | None


class HeardPage(Schema):
    items: list[HeardOut]
    next_cursor: str | None
    previous_cursor: str | None


@applicants.post("/{number}/rating", response=RatingOut)
def rate(request: HttpRequest, number: Annotated[str, Field(max_length=40)], body: RatingBody) -> Any:
    """Rate a closed case, once on this channel."""
    return actions.rate(
        case_id=cases.by_number(number).id,
        level=body.level,
        channel=Channel.MOBILE,
        tags=body.tags,
        words=body.words,
        by=actor(request),
        at=timezone.now(),
    )


@public.get("", response=ScoreOut)
def score(
    request: HttpRequest,
    days: Annotated[int, Field(ge=1, le=PERIOD_DAYS_MAX)] = 90,
    of: Annotated[str, Field(max_length=120)] = "",
) -> Any:
    """The place's ratings of the last days; `of` narrows them to a matter's or journey's id."""
    today = timezone.localdate()
    found = queries.place_score(today - timedelta(days=days), today, subject=of)
    response = queries.response(found.since, found.until, subject=of)
    figures = {name: getattr(found, name) for name in _OF_SCORE}
    return figures | {name: getattr(response, name) for name in _OF_RESPONSE}


@desk.get("", response=HeardPage)
def heard(request: HttpRequest, cursor: str | None = None, bad: bool = False, waiting: bool = False) -> Any:
    """Ratings of the cases one may see, newest first; `waiting` leaves the bad ones that are not answered."""
    return queries.listed(actor(request), cursor=cursor, bad_only=bad, unanswered_only=waiting)
