"""Every day both sides are compared: missed answers are fetched, lost messages sent again, the rest listed for people."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from procrastinate.contrib.django import app

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.workdays.queries import day_begins
from yiwang.support.connectors import _line, _permits, _wire, queries
from yiwang.support.connectors._applying import note_difference
from yiwang.support.connectors._hearing import hear_quietly
from yiwang.support.connectors.contracts import (
    BadNote,
    DifferenceKind,
    DifferenceView,
    NoSuchDifference,
    PushState,
    ReconciliationView,
    ReportKind,
    Via,
)
from yiwang.support.connectors.kinds import OutsideSystem
from yiwang.support.connectors.models import Difference, Push, Reconciliation, Report

# Clocks differ: a message sent this close to midnight may stand in the neighbouring day's list.
MIDNIGHT_MARGIN = timedelta(minutes=5)
RECONCILE_TASK = "connectors.reconcile"
NOTE_MAX = 200
SETTLES_ITSELF = (DifferenceKind.UNANSWERED, DifferenceKind.MISSING_THERE, DifferenceKind.UNKNOWN_HERE)


@dataclass
class _Findings:
    repaired: int = 0
    found: set[tuple[str, str]] = field(default_factory=set)


def reconcile(*, system: str, day: date, by: Actor, at: datetime) -> ReconciliationView:
    """Compare a day with a system and repair what is safe. Raises NoSuchSystem, CannotReach, Denied.

    Safe is: taking an answer that was lost on its way, and sending again, under its own id, what they never got.
    """
    _permits.require(by, _permits.SETTLE)
    spec = queries.system(system)
    theirs = _latest_turns(_wire.reconciliation(spec, day))
    pushes = _pushes(spec, theirs)
    findings = _Findings()
    for reference, item in theirs.items():
        _compare(spec, reference, item, pushes.get(reference), findings, by=by, at=at)
    ours = _sent_on(system, day)
    for push in ours:
        if push.reference not in theirs and not _is_near_midnight(push, day):
            _missing_there(push.pk, findings, at=at)
    return _finish(spec, day, len(ours), len(theirs), findings, [*theirs], by=by, at=at)


@transaction.atomic
def reconcile_soon(*, system: str, day: date, by: Actor, at: datetime) -> None:
    """Have the worker compare a day: the other side may take its time. Raises NoSuchSystem, Denied."""
    _permits.require(by, _permits.SETTLE)
    detail = {"day": day.isoformat()}
    target = f"outside:{queries.system(system).id}"
    audit.record("connectors.reconciliation.asked", target=target, by=by, at=at, detail=detail)
    app.configure_task(RECONCILE_TASK, queue="outside").defer(system=system, day=day.isoformat())


@transaction.atomic
def settle(*, difference_id: int, note: str, by: Actor, at: datetime) -> DifferenceView:
    """Write down that people have dealt with a difference. Raises NoSuchDifference, BadNote, Denied."""
    _permits.require(by, _permits.SETTLE)
    note = note.strip()
    if not 2 <= len(note) <= NOTE_MAX:
        raise BadNote("请写明怎样处理的。", hint=f"2至{NOTE_MAX}字。")
    row = Difference.objects.select_for_update().filter(pk=difference_id, settled_at__isnull=True).first()
    if row is None:
        raise NoSuchDifference("没有这条差异,或已处理。", hint="请刷新后再看。")
    row.settled_at, row.settled_by, row.settled_note = at, by.account_id, note
    row.save(update_fields=["settled_at", "settled_by", "settled_note"])
    audit.record("connectors.difference.settled", target=f"difference:{row.pk}", by=by, at=at)
    return queries.difference_view(row)


def _latest_turns(lines: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Their item by reference; a reference that came back counts with its last turn."""
    latest: dict[str, dict[str, Any]] = {}
    for line in sorted(lines, key=lambda each: int(each.get("turn") or 1)):
        if isinstance(line.get("reference"), str):
            latest[line["reference"]] = line
    return latest


def _pushes(spec: OutsideSystem, references: Iterable[str]) -> dict[str, Push]:
    rows = Push.objects.filter(system=spec.id, reference__in=list(references)).order_by("id")
    return {row.reference: row for row in rows}


def _sent_on(system: str, day: date) -> list[Push]:
    start = day_begins(day)
    states = (PushState.SENT, PushState.ANSWERED)
    rows = Push.objects.filter(
        system=system, state__in=states, sent_at__gte=start, sent_at__lt=start + timedelta(days=1)
    )
    return list(rows.defer("content").order_by("id"))


def _is_near_midnight(push: Push, day: date) -> bool:
    start = day_begins(day)
    assert push.sent_at is not None
    return push.sent_at - start < MIDNIGHT_MARGIN or start + timedelta(days=1) - push.sent_at < MIDNIGHT_MARGIN


def _compare(
    spec: OutsideSystem,
    reference: str,
    item: dict[str, Any],
    push: Push | None,
    findings: _Findings,
    *,
    by: Actor,
    at: datetime,
) -> None:
    told = {name: item.get(name) for name in ("receipt", "stage", "outcome", "last_message_id")}
    if push is None:
        stranger = Push(system=spec.id, reference=reference[:80], about="")
        _differ(stranger, DifferenceKind.UNKNOWN_HERE, told, findings, at=at)
        return
    heard = Report.objects.filter(system=spec.id, reference=reference, receipt=str(item.get("receipt", "")))
    if heard.count() < int(item.get("answers") or 0):
        for message in _wire.answers(spec, reference=reference):
            findings.repaired += hear_quietly(system=spec.id, message=message, via=Via.RECONCILIATION, by=by, at=at)
    if item.get("outcome") and not heard.filter(kind=ReportKind.RESULT).exists():
        _differ(push, DifferenceKind.UNANSWERED, told, findings, at=at)


def _missing_there(push_id: int, findings: _Findings, *, at: datetime) -> None:
    with transaction.atomic():
        push = Push.objects.select_for_update().get(pk=push_id)
        if push.state == PushState.SENT:
            push.state, push.next_at = PushState.WAITING, at
            push.save(update_fields=["state", "next_at"])
            _line.wake(push.system)
            findings.repaired += 1
        elif push.state == PushState.ANSWERED:
            _differ(push, DifferenceKind.MISSING_THERE, {"receipt": push.receipt}, findings, at=at)


def _differ(push: Push, kind: DifferenceKind, detail: dict[str, Any], findings: _Findings, *, at: datetime) -> None:
    note_difference(push, kind, detail, at=at)
    findings.found.add((push.reference, kind))


@transaction.atomic
def _finish(
    spec: OutsideSystem,
    day: date,
    ours: int,
    theirs: int,
    findings: _Findings,
    looked_at: list[str],
    *,
    by: Actor,
    at: datetime,
) -> ReconciliationView:
    left = Difference.objects.filter(system=spec.id, reference__in=looked_at, settled_at__isnull=True)
    for each in left.filter(kind__in=SETTLES_ITSELF):
        if (each.reference, each.kind) not in findings.found:
            each.settled_at, each.settled_note = at, "再次对账时双方已一致。"
            each.save(update_fields=["settled_at", "settled_note"])
    row = Reconciliation.objects.create(
        system=spec.id,
        day=day,
        run_at=at,
        ours=ours,
        theirs=theirs,
        repaired=findings.repaired,
        differences=Difference.objects.filter(system=spec.id, settled_at__isnull=True).count(),
    )
    detail = {"day": day.isoformat(), "ours": ours, "theirs": theirs, "repaired": findings.repaired}
    audit.record("connectors.day.reconciled", target=f"outside:{spec.id}", by=by, at=at, detail=detail)
    return queries.reconciliation_view(row)
