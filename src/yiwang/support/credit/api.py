"""Credit as JSON: the public part, one's own, deliveries of records, and checks of one or a thousand subjects."""

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema
from pydantic import Field

from yiwang.kernel.base import throttle
from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.support.credit import _checking, _taking, actions, queries
from yiwang.support.credit.contracts import (
    CheckedView,
    CheckView,
    GradeView,
    MeasureView,
    NewRecord,
    RecordKind,
    Severity,
    TakenReport,
)

public = ApiRouter(tags=["信用公示"], audience="public")
own = ApiRouter(tags=["我的信用"], audience="applicant")
router = ApiRouter(tags=["信用核查"], audience="signed-in")

LOOKUPS_MOST = 120
Uscc = Annotated[str, Field(min_length=18, max_length=18)]


class RecordOut(Schema):
    kind: str
    title: str
    document_no: str
    decided_on: date
    authority: str
    severity: str | None
    list_id: str
    standing: str
    publish_until: date | None
    is_disputed: bool
    rule: str


class SubjectOut(Schema):
    uscc: str
    name: str
    status: str
    records: list[RecordOut]
    measures: list[MeasureView]


class OwnOut(SubjectOut):
    grade: GradeView | None


class RecordIn(Schema):
    """`number` is the source's own; the same again with another content changes the record."""

    number: Annotated[str, Field(min_length=1, max_length=80)]
    kind: RecordKind
    uscc: Annotated[str, Field(max_length=18)]
    title: Annotated[str, Field(max_length=200)]
    decided_on: date
    authority: Annotated[str, Field(max_length=120)]
    authority_uscc: Annotated[str, Field(max_length=18)] = ""
    document_no: Annotated[str, Field(max_length=80)] = ""
    severity: Severity | None = None
    list_id: Annotated[str, Field(max_length=80)] = ""
    content: Annotated[str, Field(max_length=4000)] = ""
    is_withdrawn: bool = False


class DeliveryIn(Schema):
    source: Annotated[str, Field(min_length=1, max_length=80)]
    records: Annotated[list[RecordIn], Field(min_length=1, max_length=_taking.BATCH_MAX)]


class ChecksIn(Schema):
    purpose: Annotated[str, Field(min_length=1, max_length=_checking.PURPOSE_MAX)]
    subjects: Annotated[list[Uscc], Field(min_length=1, max_length=_checking.CHECKS_MAX)]


class CheckedPageOut(Schema):
    items: list[CheckedView]
    next_cursor: str | None
    previous_cursor: str | None


@public.get("/credit/subjects/{uscc}", response=SubjectOut, summary="A firm's public credit records")
def subject(request: HttpRequest, uscc: Annotated[str, Field(max_length=18)]) -> Any:
    """Slow for whoever reads the whole register off."""
    throttle.count("credit.lookup", request.META.get("REMOTE_ADDR", ""), at=timezone.now(), most=LOOKUPS_MOST)
    return queries.public(uscc)


@own.get("/my/credit", response=OwnOut, summary="The credit of the firm that one acts for")
def mine(request: HttpRequest) -> Any:
    return queries.own(actor(request))


@own.get("/my/credit/checks", response=CheckedPageOut, summary="Who checked the firm")
def checks_of_mine(request: HttpRequest, cursor: str | None = None) -> Any:
    return queries.checks_of(actor(request), cursor=cursor)


@router.post("/credit/records", response=TakenReport, summary="Deliver records")
def deliver(request: HttpRequest, body: DeliveryIn) -> Any:
    """Needs credit.record; each record once by source and number."""
    given = [NewRecord(**each.model_dump()) for each in body.records]
    return actions.take_records(source=body.source, records=given, by=actor(request), at=timezone.now())


@router.post("/credit/checks", response=list[CheckView], summary="Check up to a thousand subjects")
def checks(request: HttpRequest, body: ChecksIn) -> Any:
    """Needs credit.check; in the order asked. The firms see who checked and what for."""
    return actions.check_many(usccs=body.subjects, purpose=body.purpose, by=actor(request), at=timezone.now())
