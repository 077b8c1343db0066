"""One report becomes one change: stored, handed to whoever pushed, and written down, in one transaction."""

import hashlib
import json
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Unavailable, YiwangError
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.connectors import _mapping, queries
from yiwang.support.connectors._consumers import consumer
from yiwang.support.connectors.contracts import (
    DifferenceKind,
    Incoming,
    OutsideReport,
    PushState,
    ReportKind,
    ReportState,
    Via,
)
from yiwang.support.connectors.models import Difference, Push, Report


def apply(push: Push, message: Incoming, *, via: Via, by: Actor, at: datetime) -> Report:
    """Store a report of a locked push and hand it on. What the case cannot take is kept as a difference, not lost."""
    state, trouble = _belongs(push, message), ""
    if state is not ReportState.STALE:
        trouble = _hand_on(push, message, is_late=state is ReportState.LATE, by=by, at=at)
    if trouble:
        state = ReportState.NOT_APPLIED
        note_difference(push, DifferenceKind.NOT_APPLIED, {"code": trouble, "message_id": message.message_id}, at=at)
    if message.kind is ReportKind.RESULT and state is ReportState.APPLIED:
        push.state, push.ended_at, push.next_at = PushState.ANSWERED, at, None
    push.save(update_fields=["state", "receipt", "sent_at", "ended_at", "next_at"])
    return _store(push, message, state=state, trouble=trouble, via=via, by=by, at=at)


def tell_ourselves(
    push: Push,
    *,
    outcome: str,
    by: Actor,
    at: datetime,
    code: str = "",
    sentence: str = "",
    kind: ReportKind = ReportKind.FAILED,
) -> None:
    """Report on their behalf what they will not: their counter refused, we gave up, or what they said at once was all."""
    message = Incoming(
        message_id=str(uuid5(NAMESPACE_URL, f"{push.message_id}/{outcome}/{push.attempts}")),
        reference=push.reference,
        kind=kind,
        receipt=push.receipt,
        sequence=0,
        occurred_at=at,
        payload={"outcome": outcome, "code": code, "sentence": sentence},
    )
    apply(push, message, via=Via.OURSELVES, by=by, at=at)


def digest_of(message: Incoming) -> str:
    """The same whether it came by callback, poll or reconciliation."""
    parts = [
        message.reference,
        message.kind,
        message.receipt,
        message.sequence,
        message.occurred_at.timestamp(),
        message.payload,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def note_difference(push: Push, kind: DifferenceKind, detail: dict[str, object], *, at: datetime) -> None:
    row = Difference(
        system=push.system, reference=push.reference, about=push.about, kind=kind, detail=detail, found_at=at
    )
    Difference.objects.bulk_create([row], ignore_conflicts=True)


def _belongs(push: Push, message: Incoming) -> ReportState:
    if message.receipt and message.receipt != push.receipt:
        earlier = Push.objects.filter(system=push.system, reference=push.reference, receipt=message.receipt)
        if push.receipt or earlier.exclude(pk=push.pk).exists():
            return ReportState.STALE
        # Their answer overtook the reply to our own request: it tells the receipt that the reply would have told.
        push.receipt = message.receipt
        if push.state == PushState.WAITING:
            push.state, push.next_at, push.sent_at = PushState.SENT, None, message.occurred_at
    if message.kind in (ReportKind.RESULT, ReportKind.FAILED):
        return ReportState.APPLIED
    later = Report.objects.filter(push=push, sequence__gt=message.sequence)
    return ReportState.LATE if later.exists() else ReportState.APPLIED


def _hand_on(push: Push, message: Incoming, *, is_late: bool, by: Actor, at: datetime) -> str:
    """Empty when taken, else the code of the reason why not. Unavailable goes up: they are to send it again."""
    part = queries.subject_of(queries.system(push.system), push.subject)
    outcome = str(message.payload.get("outcome", ""))
    choice, facts = _mapping.read_result(part, outcome, message.payload) if outcome else ("", {})
    report = OutsideReport(
        system=push.system,
        reference=push.reference,
        message_id=message.message_id,
        kind=message.kind,
        subject=push.subject,
        about=push.about,
        payload=message.payload,
        outcome=outcome,
        choice=choice,
        facts=facts,
        sentence=_mapping.sentence(message.payload),
        occurred_at=message.occurred_at,
        is_late=is_late,
    )
    try:
        with transaction.atomic():
            consumer(push.consumer)(report=report, by=by, at=at)
    except Unavailable:
        raise
    except YiwangError as error:
        return error.code
    return ""


def _store(
    push: Push, message: Incoming, *, state: ReportState, trouble: str, via: Via, by: Actor, at: datetime
) -> Report:
    row = Report.objects.create(
        system=push.system,
        message_id=message.message_id,
        push=push,
        reference=message.reference,
        receipt=message.receipt,
        kind=message.kind,
        sequence=message.sequence,
        digest=digest_of(message),
        content=message.payload,
        via=via,
        state=state,
        trouble=trouble,
        occurred_at=message.occurred_at,
        received_at=at,
    )
    detail = {"system": push.system, "reference": push.reference, "kind": message.kind, "via": via, "state": state}
    audit.record("connectors.message.heard", target=f"push:{push.pk}", by=by, at=at, detail=detail)
    content = detail | {"message_id": message.message_id, "sha256": row.digest}
    ledger.append(kind="connectors.message.heard", subject=f"case:{push.about}", content=content, by=by, at=at)
    return row
