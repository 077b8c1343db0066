"""Ratings as JSON: rate one's own case, and the place's figures for anyone."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import queries as cases
from yiwang.services.feedback import actions, queries
from yiwang.services.feedback.contracts import Channel

applicants = ApiRouter(tags=["好差评"], audience="applicant")
public = ApiRouter(tags=["好差评公开"], audience="public")

PERIOD_DAYS_MAX = 400


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
    """Excluded ratings are in no figure but `excluded`; silent ones never count as satisfied."""

    levels: dict[int, int]
    rated: int
    satisfied: int
    satisfied_percent: int | None
    silent: int
    excluded: int
    since: date
    until: date


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
def score(request: HttpRequest, days: Annotated[int, Field(ge=1, le=PERIOD_DAYS_MAX)] = 90) -> Any:
    """The place's ratings of the last days."""
    today = timezone.localdate()
    return queries.place_score(today - timedelta(days=days), today)
