"""Steps that run in a system that is not ours: the call, its pushes until they arrive, and what comes back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from yiwang.kernel.base.contracts import Unavailable
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import contracts
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.contracts import NotInstalled, OutsideRequest
from yiwang.kernel.cases.kinds import HANDLING, OUTSIDE_SYSTEM, OutsideStep
from yiwang.kernel.cases.models import Case, OutsideCall, Task
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs

LEASE = timedelta(minutes=2)
"""How long a push that was begun is left alone; after a crash it is begun again under the same message id."""
BACKOFF = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)


def open_call(turn: Turn, held: Held, task: Task, step: OutsideStep) -> None:
    """Keep what is to be pushed; the job that pushes it runs after commit, the sweep if that fails."""
    call = OutsideCall.objects.create(
        task=task,
        system=_system(held, step),
        message_id=f"{held.case.number}:{task.pk}",
        reference=f"{held.case.number}:{task.step}:{task.pk}",
        next_try_at=turn.at,
    )
    publish("cases.outside.opened", {"call_id": call.pk, "system": call.system}, at=turn.at)


def _system(held: Held, step: OutsideStep) -> str:
    """The system a step names; for `handling` the one that the handling organisation's kind of office runs."""
    if step.system != HANDLING:
        return step.system
    office = orgs.get(held.case.org_id)
    for pack in packs.all_of(OUTSIDE_SYSTEM):
        if pack.raw.get("owner") == office.kind:
            return pack.id
    raise NotInstalled(f"{office.short_name}没有接入业务系统。", hint="请联系管理员。")


def close(turn: Turn, task: Task) -> None:
    """A call whose task is closed is pushed no more."""
    rows = OutsideCall.objects.filter(task=task)
    rows.update(next_try_at=None, answered_at=turn.at)


def push(call_id: int, *, at: datetime) -> bool:
    """Push one call if it still waits for that; False when it will be tried again. Holds no lock while it speaks."""
    call = _claimed(call_id, at)
    if call is None:
        return True
    adapter = contracts.outsides.get(call.system) or contracts.outsides.get(contracts.ANY_SYSTEM)
    try:
        if adapter is None:
            raise Unavailable(f"外部系统“{call.system}”没有接入。")
        receipt = adapter.push(_request(call))
    except Unavailable:
        wait = BACKOFF[min(call.attempts, len(BACKOFF)) - 1]
        OutsideCall.objects.filter(pk=call.pk, sent_at__isnull=True).update(next_try_at=at + wait)
        return False
    OutsideCall.objects.filter(pk=call.pk).update(sent_at=at, next_try_at=None, their_number=receipt.their_number[:80])
    return True


def waiting_to_push(at: datetime, most: int) -> list[int]:
    rows = OutsideCall.objects.filter(next_try_at__lte=at).order_by("next_try_at")
    return list(rows.values_list("pk", flat=True)[:most])


@action
def _claimed(call_id: int, at: datetime) -> OutsideCall | None:
    call = OutsideCall.objects.select_for_update(skip_locked=True).filter(pk=call_id, next_try_at__lte=at).first()
    if call is None:
        return None
    OutsideCall.objects.filter(pk=call.pk).update(next_try_at=at + LEASE, attempts=F("attempts") + 1)
    call.attempts += 1
    return call


def _request(call: OutsideCall) -> OutsideRequest:
    from yiwang.kernel.cases import queries

    task = Task.objects.get(pk=call.task_id)
    return OutsideRequest(
        system=call.system,
        message_id=call.message_id,
        reference=call.reference,
        case=queries.peek(task.case_id),
        step=task.step,
        data=data_of(task.case_id),
    )


def data_of(case_id: int) -> Mapping[str, Any]:
    row: Case = Case.objects.only("data").get(pk=case_id)
    return dict(row.data)
