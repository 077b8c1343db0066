"""Rows of cases as what other apps see of them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language, gettext

from yiwang.kernel.cases import _book, _clock, _machine, _timing
from yiwang.kernel.cases._check import is_good
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._turn import Held, by_place
from yiwang.kernel.cases.contracts import (
    OUTCOMES,
    CaseStatus,
    CaseView,
    ChoiceView,
    ClockView,
    ExtensionView,
    FamilyView,
    Lamp,
    PauseView,
    SlotStatus,
    SlotView,
    TaskKind,
    TaskStatus,
    TaskView,
)
from yiwang.kernel.cases.kinds import Choice, Waiting
from yiwang.kernel.cases.models import NEVER, Case, Clock, ClockExtension, ClockPause, SubcaseSlot, Task
from yiwang.kernel.packs.contracts import LegalBasis, Text
from yiwang.kernel.workdays.contracts import Limit, Unit


def said(text: Text | str | None, language: str | None = None) -> str:
    """A pack's text in the reader's language; whoever says much asks once which that is."""
    return text.in_language(language or get_language()) if isinstance(text, Text) else text or ""


def outcome_name(flow: Flow, outcome: str, language: str | None = None) -> str:
    if outcome in flow.body.outcomes:
        return said(flow.body.outcomes[outcome].name, language)
    return gettext(OUTCOMES[outcome].name) if outcome in OUTCOMES else ""


def step_name(flow: Flow, step: str, language: str | None = None) -> str:
    return said(flow.steps[step].name, language) if step in flow.steps else step


def lamp(due_at: datetime | None, yellow_at: datetime | None, at: datetime, *, is_paused: bool = False) -> Lamp:
    """The lamp of a limit that still runs."""
    if is_paused:
        return Lamp.PAUSED
    if due_at is None or due_at == NEVER:
        return Lamp.NONE
    if at >= due_at:
        return Lamp.RED
    return Lamp.YELLOW if yellow_at is not None and at >= yellow_at else Lamp.GREEN


def case_view(held: Held, at: datetime) -> CaseView:
    """A case in the hands of an action."""
    clocks = _latest(_timing.every(held))
    pauses = _pauses([clock for clock in clocks if clock.is_paused or clock.uncounted])
    extensions = _extensions([clock for clock in clocks if clock.extra])
    language = get_language()
    shown = tuple(_clock_view(held, clock, pauses, extensions, at, language) for clock in clocks)
    return _view(held, shown, language)


def _latest(clocks: Iterable[Clock]) -> list[Clock]:
    """Of a limit that was started anew only the last one shows; the limits of tasks are each their own."""
    rows = list(clocks)
    last = {clock.name: clock.pk for clock in rows if clock.task_id is None}
    return [clock for clock in rows if clock.task_id is not None or last[clock.name] == clock.pk]


def _view(held: Held, clocks: tuple[ClockView, ...], language: str | None) -> CaseView:
    case, flow, marking = held.case, held.flow, held.marking
    return CaseView(
        id=case.pk,
        number=case.number,
        query_code=case.query_code,
        kind=case.kind,
        title=case.title,
        subject=case.subject,
        flow_id=case.flow_id,
        flow_version=case.flow_version,
        flow_hash=case.flow_hash,
        status=CaseStatus(case.status),
        outcome=case.outcome,
        outcome_name=outcome_name(flow, case.outcome, language),
        org_id=case.org_id,
        region_code=case.region_code,
        applicant_id=case.applicant_id,
        filed_by_id=case.filed_by_id,
        root_id=case.family_id,
        parent_id=case.parent_id,
        slot=case.slot,
        opened_at=case.opened_at,
        accepted_at=case.accepted_at,
        decided_at=case.decided_at,
        closed_at=case.closed_at,
        steps_open=tuple(
            task_view(task, flow, _machine.offered(flow, marking, name), language) for name, task in held.tasks.items()
        ),
        clocks=clocks,
        version=case.version,
    )


def task_view(task: Task, flow: Flow, offered: Iterable[str], language: str | None = None) -> TaskView:
    # A done step of an earlier version of the flow may be gone.
    part = flow.steps.get(task.step)
    choices = part.choices if isinstance(part, Waiting) else {}
    return TaskView(
        id=task.pk,
        case_id=task.case_id,
        step=task.step,
        instance=task.instance,
        name=step_name(flow, task.step, language),
        kind=TaskKind(task.kind),
        org_id=task.org_id,
        post=task.post,
        assignee_id=task.assignee_id,
        status=TaskStatus(task.status),
        opened_at=task.opened_at,
        signed_at=task.signed_at,
        closed_at=task.closed_at,
        closed_by_id=task.closed_by_id,
        choice=task.choice,
        due_at=None if task.due_at == NEVER else task.due_at,
        yellow_at=None if task.yellow_at == NEVER else task.yellow_at,
        words=said(part.words, language) if part else "",
        choices=tuple(_choice_view(code, choices[code], task, flow, language) for code in offered),
    )


def _choice_view(code: str, choice: Choice, task: Task, flow: Flow, language: str | None) -> ChoiceView:
    from yiwang.kernel.cases._rights import taker

    return ChoiceView(
        code=code,
        name=said(choice.name, language),
        grounds=choice.grounds,
        grounds_list=tuple(said(one, language) for one in choice.grounds_list),
        remedies=said(choice.remedies, language),
        form_id=choice.form or "",
        outcome=choice.outcome or "",
        decides=choice.decides,
        words=said(choice.words, language),
        by=taker(task.kind, choice),
        effects=tuple(call.do for call in choice.effects),
        is_good=bool(choice.outcome) and is_good(flow.body, choice.outcome or ""),
    )


def _clock_view(
    held: Held,
    clock: Clock,
    pauses: Mapping[int, list[ClockPause]],
    extensions: Mapping[int, list[ClockExtension]],
    at: datetime,
    language: str | None,
) -> ClockView:
    mine = pauses.get(clock.pk, [])
    spans = [_clock.Span(pause.started_at, pause.ended_at) for pause in mine]
    reckoning = _timing.reckoning(held, clock, spans)
    return ClockView(
        id=clock.pk,
        name=clock.name,
        title=clock_title(held.flow, clock, language),
        task_id=clock.task_id,
        limit=Limit(clock.n, Unit(clock.unit)),
        started_at=clock.started_at,
        due_at=clock.due_at,
        yellow_at=clock.yellow_at,
        stopped_at=clock.stopped_at,
        is_paused=clock.is_paused,
        is_provisional=clock.is_provisional,
        pauses=tuple(_pause_view(held.flow, pause) for pause in mine),
        extensions=tuple(
            ExtensionView(Limit(row.n, Unit(clock.unit)), row.reason, row.extended_at)
            for row in extensions.get(clock.pk, ())
        ),
        used_days=_clock.used(reckoning, at) if clock.used is None else clock.used,
        uncounted_days=_clock.uncounted_of(reckoning),
        lamp=_clock_lamp(clock, at),
    )


def _clock_lamp(clock: Clock, at: datetime) -> Lamp:
    if clock.stopped_at is not None:
        return Lamp.RED if clock.due_at is not None and clock.stopped_at >= clock.due_at else Lamp.DONE
    return lamp(clock.due_at, clock.yellow_at, at, is_paused=clock.is_paused)


def clock_title(flow: Flow, clock: Clock, language: str | None = None) -> str:
    kind, _, name = clock.name.rpartition(":")
    if kind:
        return step_name(flow, name, language)
    return said(flow.body.clocks[name].name, language) if name in flow.body.clocks else name


def _pause_view(flow: Flow, pause: ClockPause) -> PauseView:
    reason = flow.body.pauses.get(pause.reason)
    return PauseView(
        reason=pause.reason,
        title=said(reason.name) if reason else pause.reason,
        basis=basis(reason.basis) if reason else "",
        since=pause.started_at,
        until=pause.ended_at,
    )


def basis(found: LegalBasis | None) -> str:
    """An article as one reads it: 《行政许可法》第四十五条."""
    if found is None:
        return ""
    return f"《{found.title}》第{found.article}条" if found.article else f"《{found.title}》"


def _pauses(clocks: Iterable[Clock]) -> Mapping[int, list[ClockPause]]:
    return _grouped(ClockPause, clocks)


def _extensions(clocks: Iterable[Clock]) -> Mapping[int, list[ClockExtension]]:
    return _grouped(ClockExtension, clocks)


def _grouped(model: Any, clocks: Iterable[Clock]) -> dict[int, list[Any]]:
    ids = [clock.pk for clock in clocks]
    found: dict[int, list[Any]] = {}
    for row in model.objects.filter(clock__in=ids).order_by("id") if ids else ():
        found.setdefault(row.clock_id, []).append(row)
    return found


def views_of(cases: Iterable[Case], at: datetime) -> dict[int, CaseView]:
    """Many cases with their open tasks and clocks, in a constant number of queries."""
    rows = list(cases)
    ids = [case.pk for case in rows]
    tasks: dict[int, list[Task]] = {}
    for task in Task.objects.filter(case__in=ids, status=TaskStatus.OPEN).order_by("id"):
        tasks.setdefault(task.case_id, []).append(task)
    clocks: dict[int, list[Clock]] = {}
    for clock in Clock.objects.filter(case__in=ids).order_by("id"):
        clocks.setdefault(clock.case_id, []).append(clock)
    every = [clock for found in clocks.values() for clock in found]
    pauses = _pauses([clock for clock in every if clock.is_paused or clock.uncounted])
    extensions = _extensions([clock for clock in every if clock.extra])
    views, language = {}, get_language()
    for case in rows:
        held = Held(case, _book.pinned(case.flow_id, case.flow_hash), by_place(tasks.get(case.pk, ())))
        mine = _latest(clocks.get(case.pk, ()))
        shown = tuple(_clock_view(held, clock, pauses, extensions, at, language) for clock in mine)
        views[case.pk] = _view(held, shown, language)
    return views


def family_of(root_id: int, at: datetime) -> FamilyView:
    """A root with all its slots, their cases and what these handed on."""
    rows = list(Case.objects.filter(Q(pk=root_id) | Q(root=root_id)).defer("data").order_by("id"))
    views = views_of(rows, at)
    slots = SubcaseSlot.objects.filter(Q(parent=root_id) | Q(parent__root=root_id)).defer(*("data", "subject"))
    shown = tuple(_slot_view(slot, views) for slot in slots.order_by("parent_id", "position"))
    results = {case.slot: case.result or {} for case in rows if case.slot}
    return FamilyView(views[root_id], shown, results)


def _slot_view(slot: SubcaseSlot, views: Mapping[int, CaseView]) -> SlotView:
    return SlotView(
        id=slot.pk,
        parent_id=slot.parent_id,
        step=slot.step,
        slot=slot.slot,
        title=slot.title,
        after=tuple(slot.after),
        status=SlotStatus(slot.status),
        org_id=slot.org_id,
        is_good=slot.is_good,
        case=views.get(slot.case_id) if slot.case_id else None,
    )
