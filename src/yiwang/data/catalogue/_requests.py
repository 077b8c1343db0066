"""Changes, claims and demands as cases: asked by a unit, decided by the flow, carried out by its effects."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from yiwang.data.catalogue import _content, _entries, _rights, _sources
from yiwang.data.catalogue.contracts import (
    CASE_KINDS,
    EDIT,
    AlreadyAsked,
    BadRequest,
    BadResource,
    Content,
    NewResource,
    Origin,
    RequestKind,
    RequestOutcome,
    RequestView,
    State,
)
from yiwang.data.catalogue.models import Authority, Item, Request, Resource
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Place
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.orgs import queries as orgs

REASON_MAX = 1000


@transaction.atomic
def propose(*, code: str, org_id: int, content: Content | None, reason: str, by: Actor, at: datetime) -> RequestView:
    """A unit asks for a new entry, a change of one, or (without content) its retirement; it holds once reviewed.

    Raises NotPermitted, BadResource, BadRequest, AlreadyAsked.
    """
    access.require(by, EDIT, at_org=org_id)
    reason = _reason(reason)
    row = Resource.objects.select_for_update().filter(code=code).first()
    if row is not None and (row.org_id != org_id or row.state == State.RETIRED):
        raise BadRequest("这个代码是别的单位的，或已停用。", hint="请换一个代码。")
    if content is None and row is None:
        raise BadRequest("目录里没有要停用的资源。", hint="请核对代码。")
    said, title = told(code, row, content), content.title if content else (row.title if row else "")
    given = {
        "org_id": org_id,
        "answering_id": org_id,
        "resource": row,
        "code": code,
        "title": title[:120],
        "reason": reason,
        "content": _content.as_json(content) if content else None,
        "words": [each[:600] for each in said],
        "base_revision": row.revision if row else None,
    }
    return _ask(RequestKind.CHANGE, _rights.policy().flows.change, given, by=by, at=at)


@transaction.atomic
def claim(*, element_id: str, resource_code: str, reason: str, by: Actor, at: datetime) -> RequestView:
    """A unit says that it is the source of an element, in one of its entries that has it; who is the source now answers first.

    Raises NoSuchElement, NoSuchResource, NotPermitted, BadRequest, AlreadyAsked.
    """
    element, resource = elements.get(element_id), _entries.locked(resource_code)
    access.require(by, EDIT, at_org=resource.org_id)
    has = Item.objects.filter(resource=resource, element_id=element_id).exists()
    if resource.state != State.IN_FORCE or not has:
        raise BadRequest("这项资源不在用，或没有这个数据元。", hint="请先在目录中登记这个信息项。")
    held = Authority.objects.filter(element_id=element_id, until=None).first()
    if held is not None and held.org_id == resource.org_id:
        raise BadRequest("本单位已经是这个数据元的数源。", hint="无需再认领。")
    flows = _rights.policy().flows
    given = {
        "org_id": resource.org_id,
        "answering_id": held.org_id if held else resource.org_id,
        "resource": resource,
        "element_id": element_id,
        "title": str(element.title)[:120],
        "reason": _reason(reason),
    }
    return _ask(RequestKind.CLAIM, flows.dispute if held else flows.claim, given, by=by, at=at)


@transaction.atomic
def demand(
    *, org_id: int, provider_id: int, title: str, reason: str, resource_code: str = "", by: Actor, at: datetime
) -> RequestView:
    """A unit needs data of another: a line of the list of demands (需求清单). Raises NotPermitted, BadRequest, NoSuchResource."""
    access.require(by, EDIT, at_org=org_id)
    orgs.get(provider_id)
    title = title.strip()
    if provider_id == org_id or not 0 < len(title) <= 120:
        raise BadRequest(
            "需求不完整。", places=[Place("title", "请写明需要什么数据，向别的单位提出。")], hint="请补全后再提交。"
        )
    resource = _entries.locked(resource_code) if resource_code else None
    given = {"org_id": org_id, "answering_id": provider_id, "resource": resource, "title": title}
    return _ask(RequestKind.DEMAND, _rights.policy().flows.demand, given | {"reason": _reason(reason)}, by=by, at=at)


def take(context: EffectContext) -> Mapping[str, Any]:
    """The change comes into force; what somebody else revised meanwhile stops it."""
    row = _of_case(context)
    if row.content is None:
        done = _entries.retire(code=row.code, reason=row.reason, case_id=context.case.id, by=SYSTEM, at=context.at)
    elif row.resource_id is None:
        new = NewResource(row.code, row.org_id, _content.from_json(row.content))
        done = _entries.register(new=new, case_id=context.case.id, by=SYSTEM, at=context.at)
    else:
        done = _entries.revise(
            code=row.code,
            content=_content.from_json(row.content),
            origin=Origin.PAGE,
            expected_revision=row.base_revision,
            case_id=context.case.id,
            by=SYSTEM,
            at=context.at,
        )
    _close(row, RequestOutcome.TAKEN, context)
    return {"revision": done.revision}


def award(context: EffectContext) -> None:
    """The unit that claimed becomes the source."""
    row = _of_case(context)
    assert row.resource is not None
    _sources.award(
        element_id=row.element_id,
        org_id=row.org_id,
        resource_code=row.resource.code,
        basis=f"{row.reason}（{context.case.number}）",
        case_id=context.case.id,
        by=context.by,
        at=context.at,
    )
    _close(row, RequestOutcome.TAKEN, context)


def settle(context: EffectContext) -> None:
    _close(_of_case(context), RequestOutcome.TAKEN, context)


def drop(context: EffectContext) -> None:
    _close(_of_case(context), RequestOutcome.REFUSED, context)


def view(row: Request) -> RequestView:
    """`row` with its resource and case joined."""
    return RequestView(
        row.pk,
        RequestKind(row.kind),
        row.org_id,
        row.answering_id,
        row.resource.code if row.resource else row.code,
        row.element_id,
        row.title,
        row.reason,
        tuple(row.words),
        RequestOutcome(row.outcome),
        row.case.number,
        row.asked_at,
    )


def told(code: str, row: Resource | None, content: Content | None, *, may_be_same: bool = False) -> list[str]:
    """In words what would change. Raises BadResource, and BadRequest where nothing would, unless it `may_be_same`."""
    if content is None:
        return ["停用这项资源。"]
    content = _content.completed(content)
    places = list(_content.problems(content))
    if not _content.CODE.fullmatch(code) or len(code) > 120:
        places.append(Place("code", "资源代码用小写字母、数字和点，如 anlan.market.enterprises。"))
    if places:
        raise BadResource(f"登记内容有{len(places)}处要改。", places=places, hint="请按各处说明修改后再提交。")
    if row is None:
        return [f"新登记“{content.title}”，{len(content.items)}个信息项，{content.sharing.label}。"]
    changed = _content.changes(_entries.view_of(code).content, content)
    if changed or row.state == State.DRAFT:
        return changed or ["补全后启用。"]
    if may_be_same:
        return []
    raise BadRequest("没有改动。", hint="请修改后再提交。")


def _ask(kind: RequestKind, flow: str, given: Mapping[str, Any], *, by: Actor, at: datetime) -> RequestView:
    answering = orgs.get(given["answering_id"])
    case = engine.open_case(
        kind=CASE_KINDS[kind],
        flow=flow,
        title=f"{kind.label}：{given['title']}"[:200],
        org_id=answering.id,
        region_code=answering.region_code,
        applicant_id=None,
        subject="",
        data={"title": given["title"], "reason": given["reason"], "words": list(given.get("words", ()))},
        limits={},
        by=by,
        at=at,
    )
    try:
        with transaction.atomic():
            row = Request.objects.create(kind=kind, case_id=case.id, asked_at=at, **given)
    except IntegrityError as twice:
        raise AlreadyAsked("已有一件同样的申请正在办理。", hint="请等它办结后再提出。") from twice
    audit.record(f"catalogue.{kind}.asked", target=f"request:{row.pk}", by=by, at=at, detail={"case": case.number})
    return view(Request.objects.select_related("resource", "case").get(pk=row.pk))


def _reason(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= REASON_MAX:
        place = Place("reason", f"请写明原因，不超过{REASON_MAX}字。")
        raise BadRequest("还没有写明原因。", places=[place], hint="审核的人会看到。")
    return text


def _of_case(context: EffectContext) -> Request:
    return Request.objects.select_for_update(of=("self",)).select_related("resource").get(case=context.case.id)


def _close(row: Request, outcome: RequestOutcome, context: EffectContext) -> None:
    row.outcome, row.closed_at = outcome, context.at
    row.save(update_fields=["outcome", "closed_at"])
    target = f"request:{row.pk}"
    audit.record(f"catalogue.{row.kind}.{outcome}", target=target, by=context.by, at=context.at)
