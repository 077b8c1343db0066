"""What outside systems report, each message counted once, and the pushing of what they are asked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Place
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import _engine, _machine, _outside
from yiwang.kernel.cases._lapse import turn_after_dues
from yiwang.kernel.cases._turn import Held, Turn, Words, turn_on
from yiwang.kernel.cases.contracts import NoSuchMessage, NotYourCase, OutsideKind, TextMissing
from yiwang.kernel.cases.kinds import OutsideStep
from yiwang.kernel.cases.models import OutsideCall, OutsideMessage

FAILED = "failed"


@action
def report_outside(
    *,
    system: str,
    message_id: str,
    reference: str,
    kind: OutsideKind,
    payload: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> bool:
    """Take in a report about what a system was asked; False if this message was taken in before.

    A result names the `choice` it takes, may give `grounds`, and its `data` is added to the case's results.
    Raises NotYourCase unless `by` is a machine, NoSuchMessage for a reference we never gave, TextMissing.
    """
    if by.kind not in (ActorKind.MACHINE, ActorKind.SYSTEM):
        raise NotYourCase("只有外部系统能报告办理情况。", hint="请用系统账号。")
    call = OutsideCall.objects.select_related("task").filter(system=system, reference=reference).first()
    if call is None:
        raise NoSuchMessage("没有向该系统提交过这件事。", hint="请核对 reference。")
    turn, held = turn_after_dues(call.task.case_id, by=by, at=at)
    if OutsideMessage.objects.filter(system=system, message_id=message_id).exists():
        return False
    OutsideMessage.objects.create(
        system=system, message_id=message_id, call=call, reference=reference, kind=kind, payload=dict(payload),
        received_at=at,
    )  # fmt: skip
    # Read again under the lock: what was open before it may be closed now.
    task = held.tasks.get(call.task.step)
    if task is None or task.pk != call.task_id:
        _write(turn, held, call, "outside-late", payload)
    else:
        _take_in(turn, held, call, kind, payload)
    turn.flush()
    detail = {"system": system, "kind": kind.value}
    audit.record("cases.outside.reported", target=f"case:{held.case.pk}", by=by, at=at, detail=detail)
    return True


def push_outside(*, call_id: int, by: Actor, at: datetime) -> bool:
    """Push what an outside system is asked, unless it arrived already; False when it will be tried again.

    Not one transaction: nothing may be locked while another system takes its time.
    """
    done = _outside.push(call_id, at=at)
    call = OutsideCall.objects.select_related("task").get(pk=call_id)
    if done and call.sent_at == at:
        with transaction.atomic():
            turn, held = turn_on(call.task.case_id, by=by, at=at)
            _write(turn, held, call, "outside-sent", {})
            turn.flush()
            detail = {"system": call.system, "attempts": call.attempts}
            audit.record("cases.outside.pushed", target=f"case:{held.case.pk}", by=by, at=at, detail=detail)
    return done


def _take_in(turn: Turn, held: Held, call: OutsideCall, kind: OutsideKind, payload: Mapping[str, Any]) -> None:
    # Whatever they report proves that the push arrived, even if its answer was lost.
    OutsideCall.objects.filter(pk=call.pk, next_try_at__isnull=False).update(next_try_at=None, sent_at=turn.at)
    if kind is OutsideKind.ACCEPTED:
        OutsideCall.objects.filter(pk=call.pk, accepted_at__isnull=True).update(accepted_at=turn.at)
    if kind in (OutsideKind.ACCEPTED, OutsideKind.PROGRESS):
        _write(turn, held, call, f"outside-{kind.value}", payload)
        return
    choice = FAILED if kind is OutsideKind.FAILED else str(payload.get("choice", ""))
    offered = _theirs(held, call.task.step)
    if choice not in offered and kind is OutsideKind.RESULT:
        known = "、".join(offered)
        raise TextMissing("结果没有写明是哪一种。", places=[Place("choice", f"请写其中之一：{known}。")])
    _write(turn, held, call, f"outside-{kind.value}", payload)
    turn.tell(held, f"outside_{kind.value}", system=call.system)
    if choice in offered:
        _engine.add_result(held, payload.get("data"))
        words = Words(dict(payload.get("data") or {}), str(payload.get("grounds") or payload.get("words") or ""))
        _engine.run(turn, held, _machine.take(held.flow, held.marking, call.task.step, choice), words)


def _theirs(held: Held, step: str) -> list[str]:
    """The offered choices that are the outside system's to take."""
    part = held.flow.steps[step]
    assert isinstance(part, OutsideStep)
    offered = _machine.offered(held.flow, held.marking, step)
    return [name for name in offered if part.choices[name].by in (None, "system")]


def _write(turn: Turn, held: Held, call: OutsideCall, kind: str, payload: Mapping[str, Any]) -> None:
    words = str(payload.get("words") or "")
    turn.write(held, kind, step=call.task.step, grounds=words or None, detail={"system": call.system})
