"""What the system decided by rule, as JSON: of one case for who may see it, and of units for their staff."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.kernel.cases import queries as cases
from yiwang.services.verdicts import queries
from yiwang.services.verdicts.contracts import VerdictView

readers = ApiRouter(tags=["系统自动审批"], audience="signed-in")
desk = ApiRouter(tags=["系统自动审批"], audience="staff")

Number = Annotated[str, Field(max_length=40)]


class GroundOut(Schema):
    code: str
    sentence: str
    sentence_en: str
    answer: str
    missing: list[str]
    basis: str


class DrawOut(Schema):
    """The draw for a spot check: SHA-256 of root, case number and verdict number, see docs/reference/instant.md."""

    tree_size: int
    root: str
    share: int
    lot: int
    is_drawn: bool
    check_number: str
    check_outcome: str


class VerdictOut(Schema):
    """`answer`: met, not-met or unknown; `left` says why it was left to a person, null where the system could go on."""

    id: int
    case_number: str
    step: str
    rule: str
    rule_title: str
    rule_version: int
    on: date
    answer: str
    left: str | None
    is_taken: bool | None
    given_at: datetime
    leaf_id: int
    grounds: list[GroundOut]
    draw: DrawOut | None


class CountOut(Schema):
    reason: str
    title: str
    n: int


class FiguresOut(Schema):
    given: int
    taken: int
    percent: int | None
    left: list[CountOut]
    checks: int
    checks_open: int
    found_right: int
    found_wrong: int


class VerdictPage(Schema):
    figures: FiguresOut
    items: list[VerdictOut]
    next_cursor: str | None
    previous_cursor: str | None


@readers.get("/{number}/verdicts", response=list[VerdictOut])
def of_case(request: HttpRequest, number: Number) -> Any:
    """The verdicts of one case: all for its staff, for the applicant those by which the system decided."""
    by = actor(request)
    case = cases.get(cases.by_number(number).id, by)
    found = queries.of_case(case.number)
    shown = [each for each in found if each.is_taken] if by.acting_for is not None and not by.posts else found
    return [_out(case.number, each) for each in shown]


@desk.get("", response=VerdictPage)
def listed(
    request: HttpRequest,
    days: Annotated[int, Field(ge=1, le=365)] = 30,
    left: bool = False,
    cursor: Annotated[str, Field(max_length=400)] | None = None,
) -> Any:
    """Verdicts of the cases one may see, newest first, and what they add up to; `left` only those left to people."""
    by, since = actor(request), timezone.now() - timedelta(days=days)
    page = queries.listed(by, since=since, left_only=left, cursor=cursor)
    found = queries.figures(by, since=since)
    counts = [CountOut(reason=each.left.value, title=each.left.label, n=each.n) for each in found.left]
    names = ("given", "taken", "percent", "checks", "checks_open", "found_right", "found_wrong")
    return {
        "figures": {name: getattr(found, name) for name in names} | {"left": counts},
        "items": [_out(row.case_number, row.verdict) for row in page.items],
        "next_cursor": page.next_cursor,
        "previous_cursor": page.previous_cursor,
    }


def _out(number: str, view: VerdictView) -> VerdictOut:
    grounds = [
        GroundOut(
            code=ground.code,
            sentence=str(ground.sentence),
            sentence_en=ground.sentence.en,
            answer=ground.answer.value,
            missing=[str(each) for each in ground.missing],
            basis=ground.basis,
        )
        for ground in view.grounds
    ]
    return VerdictOut(
        id=view.id,
        case_number=number,
        step=view.step,
        rule=view.rule_id,
        rule_title=str(view.rule_title),
        rule_version=view.rule_version,
        on=view.on,
        answer=view.answer.value,
        left=view.left.value if view.left else None,
        is_taken=view.is_taken,
        given_at=view.given_at,
        leaf_id=view.leaf_id,
        grounds=grounds,
        draw=DrawOut.from_orm(view.draw) if view.draw else None,
    )
