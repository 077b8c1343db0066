"""In: callbacks and polls. A message counts once, whichever way and however often it comes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from yiwang.kernel.base.contracts import Actor, Conflict, Place
from yiwang.support.connectors import _line, _wire, queries
from yiwang.support.connectors._applying import apply, digest_of
from yiwang.support.connectors.contracts import (
    BadMessage,
    Incoming,
    MessageReused,
    NoSuchReference,
    ReportKind,
    ReportView,
    Via,
)
from yiwang.support.connectors.models import Line, Push, Report

POLLS_MAX = 20


class _Form(BaseModel):
    """The shape every message must have; what else it says is the system's own business."""

    model_config = ConfigDict(extra="ignore", strict=True)

    message_id: str = Field(min_length=8, max_length=80, pattern=r"^[A-Za-z0-9\-_.:]+$")
    reference: str = Field(min_length=1, max_length=80)
    kind: str
    receipt: str = Field(default="", max_length=80)
    sequence: int = Field(default=0, ge=0, lt=2**62)
    occurred_at: str = Field(max_length=40)
    payload: dict[str, Any] = Field(default_factory=dict)


@transaction.atomic
def hear(*, system: str, message: Mapping[str, Any], via: Via, by: Actor, at: datetime) -> ReportView:
    """Take one message of an outside system; the same again changes nothing.

    Raises BadMessage, NoSuchSystem, NoSuchReference, MessageReused.
    """
    queries.system(system)
    incoming = read(message)
    push = Push.objects.select_for_update().filter(system=system, reference=incoming.reference).order_by("-id").first()
    if push is None:
        raise NoSuchReference("本平台没有向该系统推送过这项业务。", hint="请核对reference。")
    known = Report.objects.filter(system=system, message_id=incoming.message_id).first()
    if known is None:
        known = apply(push, incoming, via=via, by=by, at=at)
        _line.heard(system, at=at)
    elif known.digest != digest_of(incoming):
        raise MessageReused("这个报文编号已用于另一份报文。", hint="每份报文请使用新的message_id。")
    return queries.report_view(known)


def poll(*, system: str, by: Actor, at: datetime) -> int:
    """Ask a system what it has answered since the last time; returns how many messages were new. Raises CannotReach."""
    spec = queries.system(system)
    new = 0
    for _ in range(POLLS_MAX):
        after = Line.objects.filter(system=system).values_list("polled_sequence", flat=True).first() or 0
        messages = _wire.answers(spec, after=after)
        new += sum(hear_quietly(system=system, message=each, via=Via.POLL, by=by, at=at) for each in messages)
        sequences = [each["sequence"] for each in messages if isinstance(each.get("sequence"), int)]
        _line.polled(system, max([after, *sequences]), at=at)
        if not sequences:
            break
    return new


def hear_quietly(*, system: str, message: Mapping[str, Any], via: Via, by: Actor, at: datetime) -> bool:
    """As `hear`, for messages that we fetched: true when it was new; what cannot be taken is left to the reconciliation."""
    message_id = str(message.get("message_id", ""))
    if Report.objects.filter(system=system, message_id=message_id).exists():
        return False
    try:
        hear(system=system, message=message, via=via, by=by, at=at)
    except (BadMessage, NoSuchReference, Conflict):
        return False
    return True


def read(message: Mapping[str, Any]) -> Incoming:
    """The message, checked in form. Raises BadMessage listing every place."""
    try:
        form = _Form.model_validate(dict(message))
        occurred_at = datetime.fromisoformat(form.occurred_at)
        kind = ReportKind(form.kind)
    except ValidationError as error:
        places = [Place(".".join(map(str, each["loc"])), "缺少或格式不对。") for each in error.errors()]
        raise BadMessage("报文格式不正确。", places=places, hint="请对照接口说明。") from None
    except ValueError:
        places = [Place("occurred_at", "应为ISO 8601时间。"), Place("kind", "应为accepted、progress、result或failed。")]
        raise BadMessage("报文格式不正确。", places=places, hint="请对照接口说明。") from None
    return Incoming(
        message_id=form.message_id,
        reference=form.reference,
        kind=kind,
        receipt=form.receipt,
        sequence=form.sequence,
        occurred_at=occurred_at if timezone.is_aware(occurred_at) else timezone.make_aware(occurred_at),
        payload=form.payload,
    )
