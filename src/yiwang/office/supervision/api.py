"""Cards and recalculations as JSON, for staff: what they see or supervise."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import queries as cases
from yiwang.office.supervision import actions, queries
from yiwang.office.supervision.contracts import CardStatus, CardView, Colour, UnitFigure

cards = ApiRouter(tags=["监察牌"], audience="staff")
recalculations = ApiRouter(tags=["期限重算"], audience="staff")

Size = Annotated[int, Field(ge=1, le=100)]


class CardPage(Schema):
    items: list[CardView]
    next_cursor: str | None
    previous_cursor: str | None


class CardIn(Schema):
    case_number: Annotated[str, Field(max_length=24)]
    colour: Literal["yellow", "red"]
    reason: Annotated[str, Field(max_length=1000)]


class RunOut(Schema):
    """`release` is the release of packs whose calendar it followed, 0 when asked for by hand."""

    id: int
    release: int
    started_at: datetime
    last_at: datetime
    is_open: bool
    is_superseded: bool
    seen: int
    moved: int
    firmed: int


class RunPage(Schema):
    items: list[RunOut]
    next_cursor: str | None
    previous_cursor: str | None


class ChangeOut(Schema):
    case_number: str
    org_id: int
    clock: str
    before: datetime
    after: datetime
    was_provisional: bool
    is_provisional: bool
    is_lifted: bool


class ChangePage(Schema):
    items: list[ChangeOut]
    next_cursor: str | None
    previous_cursor: str | None


@cards.get("", response=CardPage)
def listed(
    request: HttpRequest,
    org_id: int | None = None,
    status: CardStatus | None = None,
    since: date | None = None,
    until: date | None = None,
    warnings: bool = False,
    cursor: str | None = None,
    size: Size = 20,
) -> Any:
    """Cards of the units one sees or supervises, the latest first."""
    return queries.listed(
        actor(request),
        org_id=org_id,
        status=status or "",
        since=since,
        until=until,
        with_warnings=warnings,
        cursor=cursor,
        size=size,
    )


@cards.post("", response=CardView)
def issue(request: HttpRequest, body: CardIn) -> Any:
    """Give out a card by hand; what follows is done in its case."""
    return actions.issue(
        case_number=body.case_number,
        colour=Colour(body.colour),
        reason=body.reason,
        by=actor(request),
        at=timezone.now(),
    )


@cards.get("figures", response=list[UnitFigure])
def figures(request: HttpRequest, since: date, until: date) -> Any:
    """Each unit's cards of a period of legal days, the highest score first."""
    return queries.figures(actor(request), since, until)


@recalculations.get("", response=RunPage)
def runs(request: HttpRequest, cursor: str | None = None, size: Size = 20) -> Any:
    """Recomputations of all running limits, the latest first."""
    return cases.redatings(cursor, size=size)


@recalculations.get("{int:run_id}", response=ChangePage)
def changes(request: HttpRequest, run_id: int, cursor: str | None = None, size: Size = 50) -> Any:
    """What one of them changed where one supervises cases."""
    cases.redating(run_id)
    return cases.redated(run_id, actor(request), cursor, size=size)
