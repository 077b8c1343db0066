"""Where outside systems call back, and the lines as JSON for the desk."""

import json
import logging
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Schema, Status

from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.base.http import ApiRouter, actor
from yiwang.support.connectors import _permits, _signing, actions, queries
from yiwang.support.connectors.contracts import BadMessage, BadSignature, MessageTooLarge, Via

logger = logging.getLogger(__name__)

BODY_BYTES_MAX = 256 * 1024

router = ApiRouter(tags=["outside"], audience="outside")
desk = ApiRouter(tags=["outside"], audience="staff")


@router.post(
    "/outside/{system}/messages",
    response=dict[str, str],
    summary="An outside system reports on what was pushed to it",
    url_name="outside_messages",
)
def messages(request: HttpRequest, system: str) -> dict[str, Any]:
    """Signed with the shared key, at most five minutes old, taken once per `message_id`."""
    at = timezone.now()
    spec = queries.system(system)
    body = _body(request)
    _require_genuine(request, system, body, at)
    by = Actor(kind=ActorKind.MACHINE, name=str(spec.title))
    report = actions.hear(system=system, message=_message(body), via=Via.CALLBACK, by=by, at=at)
    return {"message_id": report.message_id, "state": report.state}


def _require_genuine(request: HttpRequest, system: str, body: bytes, at: datetime) -> None:
    try:
        _signing.require_genuine(
            system,
            method="POST",
            path=request.get_full_path(),
            body=body,
            timestamp=request.headers.get("X-Yiwang-Timestamp", ""),
            signature=request.headers.get("X-Yiwang-Signature", ""),
            at=at,
        )
    except BadSignature:
        # Not a row: whoever forges could fill the table.
        logger.warning("a message in the name of %s was not genuine", system)
        raise


def _body(request: HttpRequest) -> bytes:
    length = request.headers.get("Content-Length", "")
    if not length.isdigit() or int(length) > BODY_BYTES_MAX:
        raise MessageTooLarge("报文没有写明长度或超过256KB。", hint="附件请另行传送。")
    return request.body


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise BadMessage("报文不是一个JSON对象。", hint="请对照接口说明。")
    return message


class LineOut(Schema):
    """How the line to one system stands."""

    system: str
    title: str
    is_up: bool
    down_since: datetime | None
    trouble: str
    waiting: int
    oldest_waiting_at: datetime | None
    last_sent_at: datetime | None
    last_heard_at: datetime | None
    open_differences: int


class DifferenceOut(Schema):
    """Something both sides do not agree on."""

    id: int
    system: str
    reference: str
    kind: str
    title: str
    detail: dict[str, Any]
    found_at: datetime


class DifferencesOut(Schema):
    items: list[DifferenceOut]
    next_cursor: str | None


class NoteIn(Schema):
    note: str


class DayIn(Schema):
    day: date


@desk.get("/desk/outside/lines", response=list[LineOut], summary="How every line stands")
def lines(request: HttpRequest) -> list[Any]:
    """Needs the permission outside.view."""
    _permits.require(actor(request), _permits.VIEW)
    return list(queries.lines())


@desk.get("/desk/outside/differences", response=DifferencesOut, summary="Open differences")
def differences(request: HttpRequest, cursor: str | None = None) -> Any:
    """Needs the permission outside.view."""
    _permits.require(actor(request), _permits.VIEW)
    return queries.differences(cursor=cursor)


@desk.post("/desk/outside/differences/{difference_id}/settle", response=DifferenceOut, summary="Settle a difference")
def settle(request: HttpRequest, difference_id: int, note: NoteIn) -> Any:
    """Needs the permission outside.settle."""
    return actions.settle(difference_id=difference_id, note=note.note, by=actor(request), at=timezone.now())


@desk.post("/desk/outside/{system}/reconcile", response={202: None}, summary="Have a day compared")
def reconcile(request: HttpRequest, system: str, day: DayIn) -> Any:
    """Needs the permission outside.settle."""
    actions.reconcile_soon(system=system, day=day.day, by=actor(request), at=timezone.now())
    return Status(202, None)


@desk.post("/desk/outside/{system}/try", response={202: None}, summary="Try a system that is down now")
def try_now(request: HttpRequest, system: str) -> Any:
    """Needs the permission outside.settle."""
    actions.try_now(system=system, by=actor(request), at=timezone.now())
    return Status(202, None)


@desk.post("/desk/outside/messages/{push_id}/retry", response={202: None}, summary="Send a message again")
def retry(request: HttpRequest, push_id: int) -> Any:
    """Needs the permission outside.settle."""
    actions.retry(push_id=push_id, by=actor(request), at=timezone.now())
    return Status(202, None)
