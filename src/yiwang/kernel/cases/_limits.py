"""Pausing, resuming and extending the clocks of a case."""

from collections.abc import Sequence
from datetime import datetime

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.rows import action
from yiwang.kernel.cases import _rights, _timing
from yiwang.kernel.cases._lapse import turn_after_dues
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases._views import basis, case_view
from yiwang.kernel.cases.contracts import CannotExtend, CannotPause, CannotResume, CaseView, TextMissing
from yiwang.kernel.cases.kinds import Extension
from yiwang.kernel.cases.models import Clock, ClockExtension, ClockPause
from yiwang.kernel.workdays.contracts import Limit

DERIVED = ["due_at", "yellow_at", "fires_at", "is_paused", "is_provisional", "uncounted"]


@action
def pause(*, case_id: int, reason: str, by: Actor, at: datetime, words: str = "") -> CaseView:
    """Stop counting for a reason of the flow; the limits of open tasks wait too, and the applicant is told.

    Raises NotYourCase, CannotPause for a reason that no running clock knows, or when time is already up.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.ACT)
    clocks = _to_pause(held, reason, at)
    ClockPause.objects.bulk_create(ClockPause(clock=clock, reason=reason, started_at=at) for clock in clocks)
    for clock in clocks:
        clock.is_paused, clock.due_at, clock.yellow_at, clock.fires_at = True, None, None, None
    title, article = held.flow.body.pauses[reason].name, basis(held.flow.body.pauses[reason].basis)
    detail = {"reason": reason, "basis": article}
    turn.write(held, "paused", grounds=words.strip() or None, detail=detail)
    _written(turn, held, clocks)
    turn.tell(held, "paused", reason=reason, title=str(title))
    audit.record("cases.case.paused", target=f"case:{case_id}", by=by, at=at, detail=detail)
    return case_view(held, at)


@action
def resume(*, case_id: int, by: Actor, at: datetime) -> CaseView:
    """Count again. Raises NotYourCase, CannotResume if nothing is paused."""
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.ACT)
    clocks = [clock for clock in _timing.running(held) if clock.is_paused]
    if not clocks:
        raise CannotResume("没有暂停中的计时。", hint="请刷新后再看。")
    rows = ClockPause.objects.filter(clock__in=clocks, ended_at__isnull=True)
    reason = rows.values_list("reason", flat=True)[0]
    rows.update(ended_at=at)
    pauses = _timing.pauses_of(clocks)
    for clock in clocks:
        clock.is_paused = False
        _timing.derive(held, clock, pauses[clock.pk])
    turn.write(held, "resumed", detail={"reason": reason})
    _written(turn, held, clocks)
    turn.tell(held, "resumed", reason=reason)
    audit.record("cases.case.resumed", target=f"case:{case_id}", by=by, at=at, detail={"reason": reason})
    return case_view(held, at)


@action
def extend(*, case_id: int, clock: str, limit: Limit, reason: str, by: Actor, at: datetime) -> CaseView:
    """Give a clock more time, as often and as much as its flow allows; the applicant is told why.

    Raises NotYourCase without `cases.extend`, CannotExtend, TextMissing.
    """
    turn, held = turn_after_dues(case_id, by=by, at=at)
    _rights.require_staff(turn, held, _rights.EXTEND)
    found = next((one for one in _timing.over_case(held) if one.name == clock), None)
    if found is None:
        raise CannotExtend("这个时限没有在计时。", hint="请刷新后再看。")
    _require_extensible(found, limit, held.flow.body.clocks[clock].extension, at)
    if not reason.strip():
        raise TextMissing("请说明延长的理由。", places=[Place("reason", "请说明延长的理由，申请人会看到。")])
    ClockExtension.objects.create(
        clock=found, n=limit.n, reason=reason.strip(), account_id=by.account_id, extended_at=at
    )
    found.extra += limit.n
    # What was only yellow may be green again, and turns yellow anew.
    found.yellow_fired_at = None
    if not found.is_paused:
        _timing.derive(held, found, _timing.pauses_of([found] if found.uncounted else []).get(found.pk, ()))
    detail = {"clock": clock, "limit": limit.text}
    turn.write(held, "extended", grounds=reason.strip(), detail=detail)
    _written(turn, held, [found])
    turn.tell(held, "extended", clock=clock)
    audit.record("cases.case.extended", target=f"case:{case_id}", by=by, at=at, detail=detail)
    return case_view(held, at)


def _to_pause(held: Held, reason: str, at: datetime) -> list[Clock]:
    body = held.flow.body
    mine = [clock for clock in _timing.over_case(held) if reason in body.clocks[clock.name].pauses]
    if reason not in body.pauses or not mine:
        known = "、".join(body.pauses[name].name for clock in body.clocks.values() for name in clock.pauses)
        raise CannotPause("现在不能以这个事由暂停计时。", hint=f"可用的事由：{known or '无'}。")
    if any(clock.is_paused for clock in mine):
        raise CannotPause("计时已经暂停。", hint="请先恢复计时。")
    if any(clock.due_at is not None and clock.due_at <= at for clock in mine):
        raise CannotPause("已经超期，不能再暂停计时。", hint="请尽快办结。")
    return [*mine, *(clock for clock in _timing.running(held) if clock.task_id is not None and not clock.is_paused)]


def _require_extensible(clock: Clock, limit: Limit, allowed: Extension | None, at: datetime) -> None:
    if allowed is None:
        raise CannotExtend("这个时限不能延长。", hint="请在期限内办结。")
    if ClockExtension.objects.filter(clock=clock).count() >= allowed.times:
        raise CannotExtend(f"这个时限只能延长{allowed.times}次。", hint="请在期限内办结。")
    if limit.unit != clock.unit or limit.unit != allowed.max.unit or not 0 < limit.n <= allowed.max.n:
        raise CannotExtend(f"一次最多延长{allowed.max}。", hint="请改小后再试。")
    if clock.due_at is not None and clock.due_at <= at:
        raise CannotExtend("已经超期，不能再延长。", hint="请尽快办结。")


def _written(turn: Turn, held: Held, clocks: Sequence[Clock]) -> None:
    _timing.save(clocks, [*DERIVED, "extra", "yellow_fired_at"])
    _timing.bind_open(held)
    turn.moved(held)
    turn.flush()
