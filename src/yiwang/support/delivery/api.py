"""Parcels of a case as JSON, for whoever may see the case, and sending again for staff."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema

from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.support.delivery import actions, queries

router = ApiRouter(tags=["parcels"], audience="signed-in")
desk = ApiRouter(tags=["parcels"], audience="staff")


class StatusOut(Schema):
    state: str
    title: str
    sentence: str
    place: str
    occurred_at: datetime


class ParcelOut(Schema):
    """One order; personal values are masked."""

    id: int
    case_number: str
    state: str
    title: str
    waybill_no: str
    items: list[str]
    recipient: str
    phone: str
    address: str
    ordered_at: datetime
    ended_at: datetime | None
    replaces_id: int | None
    history: list[StatusOut]


@router.get("/parcels/{case_number}", response=list[ParcelOut], summary="The parcels of a case")
def of_case(request: HttpRequest, case_number: str) -> Any:
    """403 unless the case is one's own, or one's post sees it."""
    return queries.of_case_seen_by(case_number, actor(request))


@desk.post("/desk/parcels/{order_id}/again", response=ParcelOut, summary="Send a lost parcel again")
def again(request: HttpRequest, order_id: int) -> Any:
    """Needs cases.act where the case is."""
    return actions.reorder(order_id=order_id, by=actor(request), at=timezone.now())
