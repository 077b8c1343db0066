"""The sweep: whatever fell due since the last one takes effect, each thing once."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case as CaseOf
from django.db.models import F, Q, When
from django.db.models.functions import Coalesce

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.rows import together
from yiwang.kernel.cases import _engine, _machine, _outside, _reading, _timing
from yiwang.kernel.cases._moves import step_of
from yiwang.kernel.cases._reports import push_outside
from yiwang.kernel.cases._turn import Held, Turn, Words, turn_on
from yiwang.kernel.cases._views import basis
from yiwang.kernel.cases.kinds import Silence, Waiting
from yiwang.kernel.cases.models import Clock

SWEEP_BATCH = 500
FIRES_MAX = 200
"""Of one family in one sweep; what is left then comes with the next."""
PUT_OFF = timedelta(minutes=5)
logger = logging.getLogger("yiwang.cases")


def sweep(*, by: Actor, at: datetime) -> int:
    """Fire clocks that are yellow or due and push again what did not arrive; returns how many things took effect.

    Each clock has its own transaction, and in a family what comes first in law fires first, also what only opens by
    that: a sweep that is hours late changes nothing. A family that is being worked on is left for the next sweep, and
    the state is read again under its lock, so nothing fires twice and nothing fires that was handled in time.
    """
    waiting = Clock.objects.filter(fires_at__lte=at).order_by("fires_at", "id")
    found = waiting.annotate(family=Coalesce("case__root", "case")).values_list("family", flat=True)[:SWEEP_BATCH]
    fired = [_drained(family, by, at) for family in dict.fromkeys(found)]
    pushed = [_pushed(call_id, by, at) for call_id in _outside.waiting_to_push(at, SWEEP_BATCH)]
    return sum(fired) + sum(pushed)


def turn_after_dues(case_id: int, *, by: Actor, at: datetime) -> tuple[Turn, Held]:
    """A turn on a case in which everything has taken effect that in law comes before `at`, swept or not.

    Raises NoSuchCase.
    """
    turn, held = turn_on(case_id, by=by, at=at)
    if not any(_speaks(held, clock, at) for clock in _timing.running(held)):
        return turn, held
    for _ in range(FIRES_MAX):
        if not _fire_first(turn.root.pk, SYSTEM, at):
            break
    return turn_on(case_id, by=by, at=at)


def _speaks(held: Held, clock: Clock, at: datetime) -> bool:
    """Whether a limit ran out whose silence has not taken effect yet."""
    if clock.fires_at is None or clock.due_at is None or clock.due_at > at:
        return False
    silence, name = _silence(held, clock)
    return silence is not None and _can_take(held, name, silence)


def _drained(family: int, by: Actor, at: datetime) -> int:
    """Fire all that is due in a family, the earliest first. One clock that fails must not keep the others waiting."""
    fired = 0
    for _ in range(FIRES_MAX):
        try:
            with transaction.atomic():
                is_fired = _reading.locked_root(family, skip_locked=True) is not None and _fire_first(family, by, at)
        except Exception:
            logger.exception("a clock of family %s could not fall due", family)
            is_fired = _put_off(family, at)
            fired -= is_fired
        if not is_fired:
            break
        fired += 1
    return fired


def _put_off(family: int, at: datetime) -> bool:
    clock = _first(family, at)
    return clock is not None and bool(Clock.objects.filter(pk=clock.pk, fires_at__lte=at).update(fires_at=at + PUT_OFF))


def _first(family: int, at: datetime) -> Clock | None:
    """The clock of a family that takes effect first in law; an alarm counts when it was due, not when it would warn."""
    of_family = Q(case=family) | Q(case__root=family)
    takes_effect = When(Q(due_at__lte=at), then=F("due_at"))
    rows = Clock.objects.filter(of_family, fires_at__lte=at)
    return rows.order_by(CaseOf(takes_effect, default=F("fires_at")), "id").first()


def _pushed(call_id: int, by: Actor, at: datetime) -> int:
    """One push that fails in a way its adapter did not foresee is tried again when its lease is over."""
    try:
        return int(push_outside(call_id=call_id, by=by, at=at))
    except Exception:
        logger.exception("outside call %s could not be pushed", call_id)
        return 0


@together()
def _fire_first(family: int, by: Actor, at: datetime) -> bool:
    """Fire the first clock of a family that is locked; False if there is none."""
    first = _first(family, at)
    if first is None:
        return False
    turn, held = turn_on(first.case_id, by=by, at=at)
    clock = next((one for one in _timing.running(held) if one.pk == first.pk), None)
    if clock is None or clock.due_at is None:
        return False
    if clock.due_at <= at:
        _fall_due(turn, held, clock)
    else:
        _turn_yellow(turn, held, clock)
    return True


def _turn_yellow(turn: Turn, held: Held, clock: Clock) -> None:
    clock.yellow_fired_at = turn.at
    _kept(turn, held, clock, "due-soon", is_visible=False)
    turn.tell(held, "due_soon", clock=clock.name, task_id=clock.task_id)
    turn.flush()


def _fall_due(turn: Turn, held: Held, clock: Clock) -> None:
    assert clock.due_at is not None
    silence, name = _silence(held, clock)
    clock.due_fired_at = turn.at
    turn.effective_at = clock.started_at if silence and silence.effective == "start" else clock.due_at
    _kept(turn, held, clock, "overdue", is_visible=silence is None or not _can_take(held, name, silence))
    if silence is None or not _can_take(held, name, silence):
        turn.tell(held, "overdue", clock=clock.name, task_id=clock.task_id)
        turn.flush()
        return
    words = Words(grounds=basis(silence.basis))
    if silence.take and clock.task_id is None:
        move = _machine.take(held.flow, held.marking, name, silence.take, how="lapsed")
    else:
        move = _machine.lapse(held.flow, held.marking, name)
    _engine.run(turn, held, move, words)
    detail = {"step": step_of(name), "clock": clock.name}
    audit.record("cases.case.lapsed", target=f"case:{held.case.pk}", by=turn.by, at=turn.at, detail=detail)


def _can_take(held: Held, name: str, silence: Silence) -> bool:
    return name in held.tasks and (
        silence.take is None or silence.take in _machine.offered(held.flow, held.marking, name)
    )


def _silence(held: Held, clock: Clock) -> tuple[Silence | None, str]:
    """What the limit that ran out does beyond the alarm, and at which place."""
    kind, _, step = clock.name.rpartition(":")
    if kind:
        part = held.flow.steps.get(step)
        name = next((name for name, task in held.tasks.items() if task.pk == clock.task_id), step)
        return (part.silence if isinstance(part, Waiting) else None), name
    silence = held.flow.body.clocks[step].silence
    return silence, (silence.step or "") if silence else ""


def _kept(turn: Turn, held: Held, clock: Clock, kind: str, *, is_visible: bool) -> None:
    clock.fires_at = _timing.fires_at(clock)
    clock.save(update_fields=["fires_at", "yellow_fired_at", "due_fired_at"])
    step = clock.name.removeprefix(_timing.OF_STEP) if clock.name.startswith(_timing.OF_STEP) else ""
    turn.write(held, kind, step=step, detail={"clock": clock.name}, is_visible=is_visible)
    audit.record(f"cases.clock.{kind}", target=f"clock:{clock.pk}", by=turn.by, at=turn.at)
