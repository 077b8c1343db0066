"""Out: a message is stored first, then carried by a job until the other side has it, refuses it, or patience ends."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.measures import count_outside
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.connectors import _line, _mapping, _permits, _smtp, _wire, queries
from yiwang.support.connectors._applying import tell_ourselves
from yiwang.support.connectors._consumers import is_wanted
from yiwang.support.connectors.contracts import CannotReach, NoSuchReference, PushState, PushView, ReportKind
from yiwang.support.connectors.kinds import OutsideSystem, Subject
from yiwang.support.connectors.models import Line, Push

PUMP_MAX = 500
# From a minute to a little more than an hour.
LATER_DOUBLINGS_MAX = 6
ALREADY_THERE = "message.already-here"


@transaction.atomic
def push(
    *,
    system: str,
    reference: str,
    subject: str,
    data: Mapping[str, Any],
    consumer: str,
    about: str,
    by: Actor,
    at: datetime,
    message_id: str = "",
    not_before: datetime | None = None,
) -> PushView:
    """Store a message for an outside system and have it carried after commit; `about` is a case number.

    The same `message_id` again gives the first push. Raises NoSuchSystem, CannotMap.
    """
    spec = queries.system(system)
    part = queries.subject_of(spec, subject)
    known = Push.objects.filter(message_id=message_id).first() if message_id else None
    if known:
        return queries.push_view(known)
    fields = _mapping.to_fields(part, data)
    (key,) = rows.keys(Push, 1)
    row = Push(
        pk=key,
        message_id=message_id or str(uuid4()),
        system=system,
        reference=reference,
        subject=subject,
        consumer=consumer,
        about=about,
        content=fields,
        next_at=not_before or at,
        created_at=at,
        patience_from=at,
    )
    rows.insert(row)
    _write_down(row, spec, part, by=by, at=at)
    _line.wake(system, at=not_before if not_before and not_before > at else None)
    return queries.push_view(row)


def pump(*, system: str, by: Actor, at: datetime, push_id: int | None = None) -> int:
    """Carry what waits for a system, oldest first, until nothing is due or it does not answer; returns how many went.

    With `push_id` that one only.
    Not one transaction: no row stays locked while the other side thinks. A repeat after a crash is told by its message id.
    """
    spec = queries.system(system)
    went = 0
    for _ in range(PUMP_MAX):
        row = _next_due(system, at, push_id)
        if row is None:
            break
        if not is_wanted(row.consumer, system=row.system, reference=row.reference):
            _cancel(row.pk, by=by, at=at)
            continue
        outcome = _smtp.post(spec, body_of(row)) if _goes_by_mail(spec) else _wire.post(spec, body_of(row))
        went += _note(spec, row.pk, outcome, by=by, at=at)
        if isinstance(outcome, _wire.Unreachable):
            break
    _give_up_the_old(spec, by=by, at=at)
    if went == PUMP_MAX:
        _line.wake(system)
    return went


@transaction.atomic
def retry(*, push_id: int, by: Actor, at: datetime) -> PushView:
    """Have a message tried again that was given up or refused. Raises NoSuchReference, Denied."""
    _permits.require(by, _permits.SETTLE)
    row = Push.objects.select_for_update().filter(pk=push_id).first()
    if row is None:
        raise NoSuchReference("没有这份报文。", hint="请刷新后再看。")
    if row.state in (PushState.GIVEN_UP, PushState.REFUSED, PushState.WAITING):
        row.state, row.next_at, row.trouble, row.patience_from = PushState.WAITING, at, "", at
        row.save(update_fields=["state", "next_at", "trouble", "patience_from"])
        audit.record("connectors.message.retried", target=f"push:{row.pk}", by=by, at=at)
        _line.wake(row.system)
    return queries.push_view(row)


@transaction.atomic
def try_now(*, system: str, by: Actor, at: datetime) -> None:
    """Try a system that is down without waiting for the next probe. Raises Denied."""
    _permits.require(by, _permits.SETTLE)
    Line.objects.filter(system=queries.system(system).id).update(probe_at=None)
    audit.record("connectors.line.tried", target=f"outside:{system}", by=by, at=at)
    _line.wake(system)


def body_of(row: Push) -> bytes:
    """The same bytes at every attempt: the other side compares them."""
    message = {
        "message_id": row.message_id,
        "system": row.system,
        "reference": row.reference,
        "subject": row.subject,
        "written_at": row.created_at.isoformat(),
        "fields": row.content,
    }
    return json.dumps(message, ensure_ascii=False, sort_keys=True).encode()


def _goes_by_mail(spec: OutsideSystem) -> bool:
    try:
        return _wire.is_mail(spec)
    except CannotReach:
        return False


def _write_down(row: Push, spec: OutsideSystem, part: Subject, *, by: Actor, at: datetime) -> None:
    detail = {"system": row.system, "reference": row.reference, "subject": row.subject, "about": row.about}
    audit.record("connectors.message.pushed", target=f"push:{row.pk}", by=by, at=at, detail=detail)
    content = detail | {"message_id": row.message_id, "sha256": hashlib.sha256(body_of(row)).hexdigest()}
    ledger.add(kind="connectors.message.pushed", subject=f"case:{row.about}", content=content, by=by, at=at)
    for number, elements in _mapping.told_about(spec, part, row.content).items():
        audit.disclose(
            subject_key=sealed_index(number),
            elements=elements,
            purpose=part.purpose or part.title,
            authority=str(spec.title),
            case_number=row.about or None,
            by=by,
            at=at,
        )


def _next_due(system: str, at: datetime, push_id: int | None) -> Push | None:
    # A probe further off than any was put off by a clock that ran ahead.
    furthest = at + 2 * timedelta(seconds=queries.system(system).retry.most)
    if Line.objects.filter(system=system, probe_at__gt=at, probe_at__lte=furthest).exists():
        return None
    due = Push.objects.filter(system=system, state=PushState.WAITING, next_at__lte=at)
    if push_id is not None:
        due = due.filter(pk=push_id)
    return due.order_by("next_at", "id").first()


@transaction.atomic
def _note(spec: OutsideSystem, push_id: int, outcome: _wire.Outcome, *, by: Actor, at: datetime) -> bool:
    """Write down how an attempt went. The line is locked last, after the case, everywhere."""
    row = Push.objects.select_for_update().get(pk=push_id)
    if row.state != PushState.WAITING:
        return False
    row.attempts += 1
    count_outside(spec.id, type(outcome).__name__.lower())
    if isinstance(outcome, _wire.Refused) and outcome.code == ALREADY_THERE:
        outcome = _wire.Sent("")
    if isinstance(outcome, _wire.Unreachable):
        row.trouble = outcome.trouble
        row.save(update_fields=["attempts", "trouble"])
        _line.failed(spec, outcome.trouble, at=at)
        return False
    if isinstance(outcome, _wire.Sent):
        row.state, row.next_at, row.sent_at, row.trouble = PushState.SENT, None, at, ""
        row.receipt = row.receipt or outcome.receipt
    elif isinstance(outcome, _wire.Later):
        doublings = min(row.attempts - 1, LATER_DOUBLINGS_MAX) if outcome.grows else 0
        row.next_at, row.trouble = at + outcome.wait * 2**doublings, "throttled"
        _line.wake(spec.id, at=row.next_at)
    else:
        row.state, row.next_at, row.trouble, row.ended_at = PushState.REFUSED, None, outcome.code, at
    row.save(update_fields=["state", "attempts", "next_at", "sent_at", "ended_at", "trouble", "receipt"])
    if isinstance(outcome, _wire.Refused):
        tell_ourselves(row, outcome="rejected", code=outcome.code, sentence=outcome.sentence, by=by, at=at)
    elif isinstance(outcome, _wire.Sent) and outcome.is_all:
        tell_ourselves(row, outcome="handed-over", kind=ReportKind.RESULT, by=by, at=at)
    _line.answered(spec, at=at, is_sent=isinstance(outcome, _wire.Sent))
    return isinstance(outcome, _wire.Sent)


@transaction.atomic
def _cancel(push_id: int, *, by: Actor, at: datetime) -> None:
    """What was withdrawn while the line was down is not told to anybody."""
    row = Push.objects.select_for_update().get(pk=push_id)
    if row.state == PushState.WAITING:
        row.state, row.next_at, row.ended_at = PushState.CANCELLED, None, at
        row.save(update_fields=["state", "next_at", "ended_at"])
        audit.record("connectors.message.cancelled", target=f"push:{row.pk}", by=by, at=at)


def _give_up_the_old(spec: OutsideSystem, *, by: Actor, at: datetime) -> None:
    limit = at - timedelta(seconds=spec.retry.give_up)
    old = Push.objects.filter(system=spec.id, state=PushState.WAITING, patience_from__lt=limit)
    for push_id in list(old.values_list("pk", flat=True)[:PUMP_MAX]):
        with transaction.atomic():
            row = Push.objects.select_for_update().get(pk=push_id)
            if row.state == PushState.WAITING:
                row.state, row.next_at, row.ended_at = PushState.GIVEN_UP, None, at
                row.save(update_fields=["state", "next_at", "ended_at"])
                sentence = f"{spec.title}长时间无法送达,请人工处理。"
                tell_ourselves(row, outcome="unreachable", code="connectors.given-up", sentence=sentence, by=by, at=at)
                publish(
                    "connectors.message.given-up", {"push_id": row.pk, "system": row.system, "about": row.about}, at=at
                )
