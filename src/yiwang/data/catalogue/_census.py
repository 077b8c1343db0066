"""普查: a campaign as a family of cases, what a unit answers, and what becomes of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.data.catalogue import _entries, _rights
from yiwang.data.catalogue.contracts import (
    CENSUS_KIND,
    EDIT,
    BadAnswer,
    BadRequest,
    CensusTaskView,
    CensusView,
    Content,
    Cycle,
    NewData,
    NewResource,
    NoSuchCensus,
    Origin,
    State,
    TaskState,
)
from yiwang.data.catalogue.models import Census, CensusTask, Resource
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Place
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, EffectContext, Part
from yiwang.kernel.orgs import queries as orgs

UNITS_MAX, ADDED_MAX = 500, 50


@transaction.atomic
def open_census(*, title: str, words: str, org_ids: Sequence[int], org_id: int, by: Actor, at: datetime) -> CensusView:
    """Ask units what data they have, each by a case of its own. `org_id` is the authority's. Raises NotPermitted, BadRequest."""
    authority = orgs.get(org_id)
    _rights.require_governing(by, authority)
    units = list(dict.fromkeys(org_ids))
    if not 0 < len(title.strip()) <= 80 or not 0 < len(units) <= UNITS_MAX:
        place = Place("title", f"请写名称，选1至{UNITS_MAX}个单位。")
        raise BadRequest("普查不完整。", places=[place], hint="请补全后再发起。")
    row = Census.objects.create(title=title.strip(), words=words.strip()[:1000], org_id=org_id, opened_at=at)
    case = engine.open_case(
        kind=CENSUS_KIND,
        flow=_rights.policy().flows.census,
        title=f"数据资源普查：{row.title}",
        org_id=org_id,
        region_code=authority.region_code,
        applicant_id=None,
        subject="",
        data={"census": row.pk, "units": units},
        limits={},
        by=by,
        at=at,
    )
    row.case_id = case.id
    row.save(update_fields=["case"])
    audit.record("catalogue.census.opened", target=f"census:{row.pk}", by=by, at=at, detail={"units": len(units)})
    return view(row.pk)


@transaction.atomic
def answer(*, task_id: int, gone: Iterable[str], added: Sequence[NewData], by: Actor, at: datetime) -> CensusTaskView:
    """A unit hands in: entries not in `gone` are kept, `added` are new. Raises NoSuchCensus, NotPermitted, BadAnswer, CannotAdvance."""
    row = CensusTask.objects.select_for_update().filter(pk=task_id).first()
    if row is None:
        raise NoSuchCensus("没有这件普查。", hint="请从普查列表进入。")
    access.require(by, EDIT, at_org=row.org_id)
    known = set(Resource.objects.filter(org=row.org_id).exclude(state=State.RETIRED).values_list("code", flat=True))
    lost = sorted(known & set(gone))
    _check(added)
    row.answer = {"kept": sorted(known - set(lost)), "gone": lost, "added": [asdict(each) for each in added]}
    row.filled_at = at
    row.save(update_fields=["answer", "filled_at"])
    audit.record("catalogue.census.answered", target=f"census-task:{row.pk}", by=by, at=at)
    engine.advance(case_id=row.case_id, step="fill", choice="submit", by=by, at=at)
    return task_view(row.pk)


def plan(case: CaseView) -> list[Part]:
    """One sub-case a unit."""
    given = cases.data(case.id)
    flow = _rights.policy().flows.census_unit
    named = orgs.named(given["units"])
    return [
        Part(
            slot=f"unit-{org.id}",
            title=f"普查填报：{org.short_name}",
            kind=CENSUS_KIND,
            flow=flow,
            org_id=org.id,
            region_code=org.region_code,
            data={"census": given["census"]},
        )
        for org in named.values()
    ]


def enter(context: EffectContext) -> None:
    census = cases.data(context.case.id)["census"]
    CensusTask.objects.create(census_id=census, org_id=context.case.org_id, case_id=context.case.id)


def filled(context: EffectContext) -> None:
    _state(context, TaskState.FILLED)


def back(context: EffectContext) -> None:
    _state(context, TaskState.WAITING)


def taken(context: EffectContext) -> Mapping[str, Any]:
    """What is gone is retired, what is new becomes a draft that the unit completes."""
    row = CensusTask.objects.select_for_update().get(case=context.case.id)
    for code in row.answer.get("gone", ()):
        _entries.retire(
            code=code, reason="普查时单位确认已不再维护。", case_id=context.case.id, by=SYSTEM, at=context.at
        )
    drafts = [_draft(row, number, each, context) for number, each in enumerate(row.answer.get("added", ()), start=1)]
    row.state, row.taken_at = TaskState.TAKEN, context.at
    row.save(update_fields=["state", "taken_at"])
    return {"drafts": drafts, "retired": len(row.answer.get("gone", ()))}


def view(census_id: int) -> CensusView:
    """Raises NoSuchCensus."""
    found = next(iter(views(census_id)), None)
    if found is None:
        raise NoSuchCensus("没有这次普查。", hint="请从普查列表进入。")
    return found


def views(census_id: int | None = None) -> list[CensusView]:
    """Campaigns, the newest first, with how far they are; two queries."""
    rows = Census.objects.select_related("case").order_by("-id")
    rows = rows.filter(pk=census_id) if census_id is not None else rows
    listed = list(rows[:100])
    states: dict[int, list[str]] = {}
    for census, state in CensusTask.objects.filter(census__in=listed).values_list("census", "state"):
        states.setdefault(census, []).append(state)
    return [
        CensusView(
            row.pk,
            row.title,
            row.words,
            row.opened_at,
            row.case.number if row.case else "",
            len(of := states.get(row.pk, [])),
            sum(state != TaskState.WAITING for state in of),
            sum(state == TaskState.TAKEN for state in of),
        )
        for row in listed
    ]


def task_view(task_id: int) -> CensusTaskView:
    """Raises NoSuchCensus."""
    row = CensusTask.objects.select_related("census", "case").filter(pk=task_id).first()
    if row is None:
        raise NoSuchCensus("没有这件普查。", hint="请从普查列表进入。")
    return one_task(row)


def one_task(row: CensusTask) -> CensusTaskView:
    said = row.answer
    added = tuple(
        NewData(each["title"], each["summary"], Cycle(each["update_cycle"])) for each in said.get("added", ())
    )
    return CensusTaskView(
        row.pk,
        row.census_id,
        row.census.title,
        row.census.words,
        row.org_id,
        row.case_id,
        row.case.number,
        TaskState(row.state),
        tuple(said.get("kept", ())),
        tuple(said.get("gone", ())),
        added,
        row.filled_at,
    )


def _check(added: Sequence[NewData]) -> None:
    places = [
        Place(f"title-{number}", f"第{number}行要写名称（最多120字）和里面是什么（最多1000字）。")
        for number, each in enumerate(added, start=1)
        if not 0 < len(each.title) <= 120 or not 0 < len(each.summary) <= 1000
    ]
    if len(added) > ADDED_MAX:
        places.append(Place("title-1", f"一次最多补报{ADDED_MAX}项，其余请用表格导入。"))
    if places:
        raise BadAnswer("补报的内容不完整。", places=places, hint="请补全，或清空该行。")


def _draft(row: CensusTask, number: int, given: Mapping[str, str], context: EffectContext) -> str:
    code = f"draft.unit{row.org_id}.census{row.census_id}-{number}"
    content = Content(given["title"], given["summary"], update_cycle=Cycle(given["update_cycle"]))
    new = NewResource(code, row.org_id, content)
    _entries.register(
        new=new, origin=Origin.CENSUS, state=State.DRAFT, case_id=context.case.id, by=SYSTEM, at=context.at
    )
    return code


def _state(context: EffectContext, state: TaskState) -> None:
    CensusTask.objects.filter(case=context.case.id).update(state=state)
