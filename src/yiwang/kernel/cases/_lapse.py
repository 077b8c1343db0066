"""What falls due takes effect: each clock of a family in the order of law, re-checked under the family's lock."""

from datetime import datetime

from django.db.models import Case as CaseOf
from django.db.models import F, Q, When

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.rows import together
from yiwang.kernel.cases import _engine, _machine, _timing
from yiwang.kernel.cases._moves import step_of
from yiwang.kernel.cases._turn import Held, Turn, Words, turn_on
from yiwang.kernel.cases._views import basis
from yiwang.kernel.cases.kinds import Silence, Waiting
from yiwang.kernel.cases.models import Clock

FIRES_MAX = 200
"""Of one family at once; what is left then comes with the next sweep."""


def turn_after_dues(case_id: int, *, by: Actor, at: datetime) -> tuple[Turn, Held]:
    """A turn on a case in which everything has taken effect that in law comes before `at`, swept or not.

    Raises NoSuchCase.
    """
    turn, held = turn_on(case_id, by=by, at=at)
    # An effect belongs to the move that runs it: what is due beside that comes after it.
    if _engine.is_moving(turn.root) or not any(_speaks(held, clock, at) for clock in _timing.running(held)):
        return turn, held
    for _ in range(FIRES_MAX):
        if not fire_first(turn.root.pk, SYSTEM, at):
            break
    return turn_on(case_id, by=by, at=at)


def _speaks(held: Held, clock: Clock, at: datetime) -> bool:
    """Whether a limit ran out whose silence has not taken effect yet."""
    if clock.fires_at is None or clock.due_at is None or clock.due_at > at:
        return False
    silence, name = _silence(held, clock)
    return silence is not None and _can_take(held, name, silence)


def first(family: int, at: datetime) -> Clock | None:
    """The clock of a family that takes effect first in law; an alarm counts when it was due, not when it would warn."""
    of_family = Q(case=family) | Q(case__root=family)
    takes_effect = When(Q(due_at__lte=at), then=F("due_at"))
    rows = Clock.objects.filter(of_family, fires_at__lte=at)
    return rows.order_by(CaseOf(takes_effect, default=F("fires_at")), "id").first()


@together()
def fire_first(family: int, by: Actor, at: datetime) -> bool:
    """Fire the first clock of a family that is locked; False if there is none."""
    found = first(family, at)
    if found is None:
        return False
    turn, held = turn_on(found.case_id, by=by, at=at)
    clock = next((one for one in _timing.running(held) if one.pk == found.pk), None)
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
