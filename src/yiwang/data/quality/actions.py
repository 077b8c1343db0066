"""Inspecting data, sending what is wrong back to its source, and answering objections."""

from datetime import datetime

from django.db import transaction

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.catalogue.contracts import NoSuchResource
from yiwang.data.quality import _book, _inspecting, _keeping, _objections, queries
from yiwang.data.quality.contracts import (
    INSPECT,
    OBJECTION_KIND,
    BadObjection,
    NewObjection,
    NotForThisPost,
    ReportView,
    Taken,
)
from yiwang.data.quality.models import DataObjection, FailingRow, Problem
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.forms import actions as forms_actions
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import ObjectionView
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people


def inspect(*, resource: str, by: Actor, at: datetime) -> ReportView:
    """Inspect the newest data of a resource: keep the report, raise and verify problems. For workers and commands: it scans the lake.

    Raises NoSuchResource, NothingToInspect, CannotCheck, NotPermitted.
    """
    access.require(by, INSPECT, at_org=catalogue.resource(resource).org_id)
    looked = _inspecting.look(resource, at=at)
    return _kept(looked, by=by, at=at)


@transaction.atomic
def _kept(looked: _inspecting.Looked, *, by: Actor, at: datetime) -> ReportView:
    report = _keeping.kept(looked, at=at)
    detail = {"report": report.pk, "snapshot": report.snapshot, "faulty_rows": report.faulty_rows}
    audit.record("quality.inspected", target=f"resource:{report.resource}", by=by, at=at, detail=detail)
    _keeping.follow_up(looked, report, by=by, at=at)
    return queries.view_of(report)


@transaction.atomic
def object_to(*, new: NewObjection, by: Actor, at: datetime) -> ObjectionView:
    """Say that a value of a resource is wrong, from where it is seen; the provider answers it as a case.

    By the door through which people object to what a register holds of them. Raises NoSuchResource, BadObjection, NotPermitted.
    """
    entry = catalogue.get(new.resource, by)
    item = entry.item(new.item)
    if item is None:
        raise BadObjection("目录里没有这个信息项。", places=[Place("item", "请从列出的信息项中选一个。")])
    if not new.key.strip():
        raise BadObjection("请写明是哪一条记录。", places=[Place("key", "请写明是哪一条记录，如主键的值。")])
    held = {
        "form": "", "field": item.name, "element": item.element_id, "source": entry.code,
        "held": new.held.strip()[:200],
    }  # fmt: skip
    words = f"记录：{new.key.strip()[:120]}。{new.words.strip()[:370]}"
    return forms_actions.object_to(held=held, claimed=new.claimed, words=words, by=by, at=at)


@transaction.atomic
def answer_objection(*, objection_id: int, by: Actor, at: datetime) -> CaseView | None:
    """Open the case in which a resource's provider answers an objection; again, the case that there is.

    None where the source is no resource of the catalogue. Raises NobodyHandles.
    """
    said = forms.objection(objection_id)
    before = DataObjection.objects.filter(objection_id=objection_id).first()
    if before is not None:
        return cases.peek(before.case_id)
    try:
        entry = catalogue.resource(said.source)
    except NoSuchResource:
        return None
    item = entry.item(said.field)
    case = engine.open_case(
        kind=OBJECTION_KIND,
        flow=_book.policy().objection_flow,
        title=f"数据异议：{entry.title}—{item.title if item else said.field}"[:200],
        org_id=entry.org_id,
        region_code=orgs.get(entry.org_id).region_code,
        applicant_id=said.party_id,
        subject=people.party(said.party_id).name if said.party_id else "",
        data=_objections.data(said, entry),
        limits={},
        by=by,
        at=at,
    )
    DataObjection.objects.create(
        objection_id=objection_id, resource=entry.code, org_id=entry.org_id, case_id=case.id, raised_at=at
    )
    detail = {"objection": objection_id, "resource": entry.code}
    audit.record("quality.objection.taken", target=case.number, by=by, at=at, detail=detail)
    return case


@transaction.atomic
def settle(*, case_id: int, outcome: str, by: Actor, at: datetime) -> None:
    """Close a problem with its case; its rows are listed no more. A repeat changes nothing."""
    row = Problem.objects.select_for_update().filter(case=case_id).first()
    if row is None or row.closed_at is not None:
        return
    row.closed_at, row.outcome = at, outcome
    row.save(update_fields=["closed_at", "outcome"])
    detail = {"rule": row.rule, "outcome": outcome}
    audit.record("quality.problem.settled", target=f"problem:{row.pk}", by=by, at=at, detail=detail)


@transaction.atomic
def take_rows(*, problem_id: int, by: Actor, at: datetime) -> Taken:
    """The listed rows of a problem as they are, for the unit whose data they are; each taking is recorded.

    Raises NoSuchProblem, NotForThisPost.
    """
    problem = queries.problem(problem_id, by)
    if not any(post.org_id == problem.org_id for post in by.posts):
        raise NotForThisPost("只有数源单位可以取走明细。", hint="其他人可以看遮盖后的列表。")
    finding = queries.finding_of(problem)
    rows = list(FailingRow.objects.filter(finding=finding).order_by("place")) if finding else []
    names = sorted({name for row in rows for name in row.values})
    detail = {"rows": len(rows), "rule": problem.rule}
    audit.record("quality.rows.taken", target=f"problem:{problem_id}", by=by, at=at, detail=detail)
    return Taken(tuple(names), tuple(tuple(str(row.values.get(name, "")) for name in names) for row in rows))
