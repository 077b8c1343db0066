"""Reading cases: one, a family, histories, work lists, figures, and the picture of a flow."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.cases import (
    _book,
    _examples,
    _figures,
    _foresight,
    _history,
    _lists,
    _opinions,
    _reading,
    _redating,
    _remedies,
    _rights,
    _summary,
)
from yiwang.kernel.cases._desk import attachment_view
from yiwang.kernel.cases._drawn import flow_bpmn as flow_bpmn
from yiwang.kernel.cases._drawn import flow_picture as flow_picture
from yiwang.kernel.cases._drawn import flow_pictures as flow_pictures
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._glances import applicants_turn as applicants_turn
from yiwang.kernel.cases._glances import told as told
from yiwang.kernel.cases._glances import told_of as told_of
from yiwang.kernel.cases._opened import data as data
from yiwang.kernel.cases._opened import data_of as data_of
from yiwang.kernel.cases._opened import foresee_data as foresee_data
from yiwang.kernel.cases._opened import results as results
from yiwang.kernel.cases._reading import SEALED
from yiwang.kernel.cases._turn import Held, held_of
from yiwang.kernel.cases._views import case_view, family_of, task_view, views_of
from yiwang.kernel.cases.contracts import (
    AttachmentView,
    CaseKind,
    CaseView,
    CorrectionView,
    CorrectionWay,
    DayCount,
    EventView,
    FamilyView,
    ForeseenEffect,
    Funnel,
    KindCount,
    NoSuchRedating,
    OrgSummary,
    OutsideCallView,
    OverdueUnit,
    RedatedView,
    RedatingView,
    RoundView,
    Standing,
    StepBack,
    Summary,
    TaskView,
    WorkRow,
    kinds,
)
from yiwang.kernel.cases.models import (
    Attachment,
    Case,
    CaseEvent,
    Clock,
    OutsideCall,
    Redating,
    RedatingRun,
    Task,
    Urge,
)
from yiwang.kernel.people.contracts import AccountView
from yiwang.kernel.workdays.contracts import Limit

_BY_ID = "id = %s"


def get(case_id: int, by: Actor, *, at: datetime | None = None) -> CaseView:
    """A case as `by` may see it. Raises NoSuchCase, NotYourCase."""
    held = _whole(_BY_ID, [case_id])
    _rights.require_seeing(held.case, by)
    return case_view(held, at or timezone.now())


def peek(case_id: int, *, at: datetime | None = None) -> CaseView:
    """A case without asking who looks: for apps that have asked themselves. Raises NoSuchCase."""
    return case_view(_whole(_BY_ID, [case_id]), at or timezone.now())


def by_number(number: str, *, at: datetime | None = None) -> CaseView:
    """The case of a number or a query code, without asking who looks. Raises NoSuchCase."""
    return case_view(_of_number(number), at or timezone.now())


def seen_by_number(number: str, by: Actor, *, at: datetime | None = None) -> CaseView:
    """As `by_number`, if `by` may see it. Raises NoSuchCase, NotYourCase."""
    held = _of_number(number)
    _rights.require_seeing(held.case, by)
    return case_view(held, at or timezone.now())


def _of_number(number: str) -> Held:
    wanted = number.strip().upper()
    return _whole("number = %s OR query_code = %s", [wanted, wanted])


def family(root_id: int, *, at: datetime | None = None) -> FamilyView:
    """A root case with its slots and their cases, without asking who looks. Raises NoSuchCase."""
    return family_of(_one(Q(pk=root_id)).family_id, at or timezone.now())


def may_see(case_id: int, by: Actor) -> bool:
    return _rights.may_see(_one(Q(pk=case_id)), by)


def history(case_id: int, *, visible_only: bool = False) -> list[EventView]:
    """Everything that happened, oldest first; only what an applicant may read if asked so. Raises NoSuchCase."""
    case = _one(Q(pk=case_id))
    events = CaseEvent.objects.filter(case=case_id).order_by("id")
    events = events.filter(is_visible=True) if visible_only else events
    return _history.event_views(events, _book.pinned(case.flow_id, case.flow_hash))


def explained(views: Iterable[CaseView]) -> list[EventView]:
    """终止、重新办理、更正、延期 and notes for the applicant of several cases, each with its words, oldest first; one query."""
    flows = {view.id: _book.pinned(view.flow_id, view.flow_hash) for view in views}
    events = CaseEvent.objects.filter(case__in=flows, kind__in=_history.EXPLAINED, is_visible=True).order_by("id")
    return [view for event in events if event.grounds for view in _history.event_views([event], flows[event.case_id])]


def tasks(case_id: int) -> list[TaskView]:
    """Every task a case ever had, oldest first."""
    case = _one(Q(pk=case_id))
    flow = _book.pinned(case.flow_id, case.flow_hash)
    return [task_view(task, flow, ()) for task in Task.objects.filter(case=case_id).order_by("id")]


def rounds(case_id: int, *, at: datetime | None = None) -> list[RoundView]:
    """会签: every round of a case with what each organisation answered, oldest first. Raises NoSuchCase."""
    return _opinions.rounds_of(_one(Q(pk=case_id)), at or timezone.now())


def recallable(case_id: int, by: Actor) -> list[StepBack]:
    """撤回: the choices that `by` took and could take back now, the latest first. Raises NoSuchCase."""
    return _remedies.recallable(_one(Q(pk=case_id)), by)


def returns(case_id: int, step: str) -> list[StepBack]:
    """退回: the earlier steps to which an open step may be returned. Raises NoSuchCase."""
    return _remedies.returns(_one(Q(pk=case_id)), step)


def receivers(case_id: int, by: Actor, *, at: datetime | None = None) -> dict[int, list[AccountView]]:
    """转办: the open tasks that `by` may hand over, each with whom it may be given to. Raises NoSuchCase."""
    return _remedies.receivers(_one(Q(pk=case_id)), by, at or timezone.now())


def reopenings(case_id: int) -> list[StepBack]:
    """The steps at which a closed case may be reopened. Raises NoSuchCase."""
    return _remedies.reopenings(_one(Q(pk=case_id)))


def correction_ways(case_id: int) -> list[CorrectionWay]:
    """How the decision of a case may be put right; empty while nothing is decided. Raises NoSuchCase."""
    return _remedies.correction_ways(_one(Q(pk=case_id)))


def corrections(case_id: int) -> list[CorrectionView]:
    """The decisions of a case that were put right, oldest first. Raises NoSuchCase."""
    return _remedies.corrections(_one(Q(pk=case_id)))


def attachments(case_id: int, *, role: str = "") -> list[AttachmentView]:
    """The files of a case, newest first; of one role (or those below it, `material:`) if asked so."""
    rows = Attachment.objects.filter(case=case_id)
    rows = rows.filter(role__startswith=role) if role.endswith(":") else rows.filter(role=role) if role else rows
    return [attachment_view(row) for row in rows.order_by("-id")]


def cases_with(file_id: int, *, role: str) -> list[int]:
    """The cases that a file is attached to under a role that begins so. Asks nobody's permission."""
    rows = Attachment.objects.filter(file=file_id, role__startswith=role)
    return list(rows.values_list("case_id", flat=True)[:100])


def of_applicant(
    party_id: int, cursor: str | None = None, *, size: int = 20, at: datetime | None = None, roots_only: bool = True
) -> Page[CaseView]:
    """A party's cases, newest first, in a constant number of queries; sub-cases are seen in their family."""
    rows = Case.objects.filter(applicant=party_id).defer(*SEALED)
    rows = rows.filter(root__isnull=True) if roots_only else rows
    page = keyset(rows, order=("-id",), cursor=cursor, size=size)
    views = views_of(page.items, at or timezone.now())
    return page.map(lambda case: views[case.pk])


def of_applicants_seen_by(
    by: Actor, party_ids: Sequence[int], *, size: int = 20, at: datetime | None = None
) -> list[CaseView]:
    """The newest root cases of these parties, as far as the actor may see them."""
    rows = _rights.visible(Case.objects.filter(applicant__in=party_ids, root__isnull=True), by).defer(*SEALED)
    found = list(rows.order_by("-id")[:size])
    views = views_of(found, at or timezone.now())
    return [views[case.pk] for case in found]


def waiting_for_applicant(party_id: int) -> list[TaskView]:
    """Steps that wait for this party, the most urgent first."""
    return _lists.waiting_for_applicant(party_id)


def work_list(
    by: Actor,
    *,
    box: str = "todo",
    kind: str | None = None,
    org_id: int | None = None,
    cursor: str | None = None,
    size: int = 20,
    at: datetime | None = None,
) -> Page[WorkRow]:
    """One box of a desk in a constant number of queries: todo, unsigned, due, overdue, unit, waiting, done.

    Raises Invalid for an unknown box or cursor.
    """
    return _lists.work_list(by, box=box, kind=kind, org_id=org_id, cursor=cursor, size=size, at=at or timezone.now())


def open_rows(case_ids: Sequence[int], *, at: datetime | None = None) -> dict[int, list[WorkRow]]:
    """The open tasks of some cases, by case, the oldest first; for lists of what has a case. Asks nobody's permission."""
    return _lists.open_rows(case_ids, at=at or timezone.now())


def counts(by: Actor, *, at: datetime | None = None) -> dict[str, int]:
    """How many rows each open box has, counted up to a thousand."""
    return _lists.counts(by, at=at or timezone.now())


def summary_by_org(since: date, until: date, *, at: datetime | None = None) -> list[OrgSummary]:
    """What each organisation opened, closed and owes; legal days, both included."""
    return list(_summary.by_org(since, until, at or timezone.now()).units)


def summary(
    since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str], at: datetime | None = None
) -> Summary:
    """The same for some organisations and kinds of case, with one line for all together."""
    return _summary.by_org(since, until, at or timezone.now(), org_ids=org_ids, kinds=kinds)


def daily(
    since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str], roots_only: bool = False
) -> list[DayCount]:
    """What came in and what was finished on each legal day, both ends included, none left out; one query."""
    return _figures.daily(since, until, org_ids=org_ids, kinds=kinds, roots_only=roots_only)


def funnel(since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str]) -> Funnel:
    """How far the cases opened in a period have got; one query."""
    return _figures.funnel(since, until, org_ids=org_ids, kinds=kinds)


def by_kind(
    since: date, until: date, *, org_ids: Sequence[int], kinds: Sequence[str], at: datetime | None = None
) -> dict[str, KindCount]:
    """What each kind brought, finished and owes; kinds that nothing is known of are left out; one query."""
    return _figures.by_kind(since, until, at or timezone.now(), org_ids=org_ids, kinds=kinds)


def overdue_by_org(*, org_ids: Sequence[int], at: datetime | None = None) -> list[OverdueUnit]:
    """Organisations with steps past their due moment, the worst first; steps of applicants do not count; one query."""
    return _figures.overdue_by_org(at or timezone.now(), org_ids=org_ids)


def due_soon(*, org_ids: Sequence[int], at: datetime | None = None) -> int:
    """How many steps are yellow; one query."""
    return _figures.due_soon(at or timezone.now(), org_ids=org_ids)


def rehearse(flow: str, taken: Sequence[str]) -> Standing:
    """Where the flow in force stands after `step.choice`s taken one after the other, without a case.

    Raises PackNotFound, CannotAdvance for what is not open or not offered then.
    """
    return _examples.rehearsed(_book.current(flow), taken)


def urges(case_id: int) -> int:
    """How often a case was urged."""
    return Urge.objects.filter(case=case_id).count()


def pause_reasons(case_id: int) -> list[tuple[str, str]]:
    """Code and name of every reason for which the flow of a case stops its clocks. Raises NoSuchCase."""
    case = _one(Q(pk=case_id))
    body = _book.pinned(case.flow_id, case.flow_hash).body
    return [(code, str(reason.name)) for code, reason in body.pauses.items()]


def foresee(
    *,
    case_id: int,
    step: str,
    choice: str,
    form: Mapping[str, Any] | None = None,
    grounds: str = "",
    by: Actor,
    at: datetime,
) -> tuple[ForeseenEffect, ...]:
    """The effects that a choice would run, with the case as they would find it; nothing is done.

    Raises NoSuchCase, CannotAdvance, NotYourStep, SameHolder, HandledByOther: as taking it would.
    """
    return _foresight.foresee(case_id=case_id, step=step, choice=choice, form=form or {}, grounds=grounds, by=by, at=at)


def limit_after(case: CaseView, step: str, choice: str) -> Limit | None:
    """The limit of the step to which a choice of the case's flow leads; None where it has none."""
    return _foresight.limit_after(case, step, choice)


def redatings(cursor: str | None = None, *, size: int = 20) -> Page[RedatingView]:
    """Recomputations of all running limits, the latest first."""
    return keyset(RedatingRun.objects.all(), order=("-id",), cursor=cursor, size=size).map(_redating.run_view)


def redating(run_id: int) -> RedatingView:
    """One of them. Raises NoSuchRedating."""
    run = RedatingRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NoSuchRedating("没有这次重算。", hint="请核对编号。")
    return _redating.run_view(run)


def redated(run_id: int, by: Actor, cursor: str | None = None, *, size: int = 50) -> Page[RedatedView]:
    """What a recomputation changed where `by` supervises cases, as it went; a constant number of queries."""
    rows = access.visible(by, Redating.objects.filter(run=run_id), _rights.SUPERVISE, "case__org")
    page = keyset(rows.select_related("case", "clock"), order=("id",), cursor=cursor, size=size)
    return page.map(_history.redated_view)


def kind(code: str) -> CaseKind:
    """A declared kind of case; an undeclared one is called as its code."""
    return kinds.get(code) or CaseKind(code, code)


def _whole(where: str, values: Sequence[Any]) -> Held:
    found = _reading.whole(where, values)
    if found is None:
        return _missing()  # type: ignore[no-any-return]
    case, tasks, clocks = found
    held = held_of(case, tasks)
    held.clocks = clocks
    return held


def _one(which: Q) -> Case:
    case = Case.objects.filter(which).defer(*SEALED).first()
    return case if case else _missing()


def _missing() -> Any:
    raise missing()


def is_asked(system: str, reference: str) -> bool:
    """Whether an outside system's answer under this reference is still waited for."""
    return _lists.is_asked(system, reference)


def outside_call(task_id: int) -> OutsideCallView | None:
    """What an outside system is asked for a task that it has not answered; None when there is nothing to answer."""
    row = OutsideCall.objects.filter(task=task_id, answered_at__isnull=True).first()
    return OutsideCallView(row.system, row.reference) if row else None


def calls_waiting(system: str) -> Mapping[str, datetime]:
    """References a system took and has not answered, with when it took them: for the daily reconciliation."""
    return _lists.calls_waiting(system)


def fires_since(at: datetime) -> datetime | None:
    """Since when the longest-waiting time limit should have taken effect; None when none is late."""
    late = Clock.objects.filter(fires_at__lte=at).order_by("fires_at").values_list("fires_at", flat=True)
    return late.first()
