"""Making, revising and retiring entries: the one place that writes them."""

from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.data.catalogue import _content, _rights, _rows
from yiwang.data.catalogue.contracts import (
    AlreadyRegistered,
    BadResource,
    CannotChange,
    Content,
    NewResource,
    NoSuchResource,
    NoSuchSystem,
    Origin,
    ResourceView,
    State,
    SystemView,
)
from yiwang.data.catalogue.models import Item, Resource, Revision, System
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.events import publish
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays import queries as workdays

REASON_MAX = 400


@transaction.atomic
def register(
    *,
    new: NewResource,
    origin: Origin = Origin.PAGE,
    state: State = State.IN_FORCE,
    case_id: int | None = None,
    by: Actor,
    at: datetime,
) -> ResourceView:
    """Enter a resource; the same entry a second time changes nothing.

    By the data authority: a unit's own proposals go through review (`propose`). Raises NotPermitted, BadResource, AlreadyRegistered.
    """
    org = orgs.get(new.org_id)
    _rights.require_governing(by, org)
    if not _content.CODE.fullmatch(new.code) or len(new.code) > 120:
        where = Place("code", "资源代码用小写字母、数字和点，如 anlan.market.enterprises。")
        raise BadResource("资源代码不合规则。", places=[where], hint="请改写代码。")
    content = _checked(new.content, state)
    before = Resource.objects.select_for_update().select_related(None).filter(code=new.code).first()
    if before is not None:
        found = view_of(new.code)
        if found.content == content and found.org_id == new.org_id and found.state is not State.RETIRED:
            return found
        raise AlreadyRegistered("这个资源代码已有登记。", hint="请换一个代码，或修订原来的登记。")
    row = Resource(code=new.code, org_id=org.id, state=state, origin=origin, revision=1, revised_at=at)
    row.published_on = new.published_on or (workdays.legal_day(at) if state is State.IN_FORCE else None)
    _write(row, content, ["首次登记。"], case_id=case_id, by=by, at=at)
    _tell("registered", row, by=by, at=at)
    return view_of(row.code)


@transaction.atomic
def revise(
    *,
    code: str,
    content: Content,
    origin: Origin = Origin.PAGE,
    expected_revision: int | None = None,
    case_id: int | None = None,
    by: Actor,
    at: datetime,
) -> ResourceView:
    """Let an entry say something else from now on; a draft comes into force so.

    Raises NoSuchResource, NotPermitted, BadResource, CannotChange.
    """
    row = locked(code)
    _rights.require_governing(by, orgs.get(row.org_id))
    if row.state == State.RETIRED:
        raise CannotChange("这项资源已停用，不能再修订。", hint="请重新登记。")
    if expected_revision is not None and row.revision != expected_revision:
        raise CannotChange("登记内容已被他人修订。", hint="请对照最新内容重新提出。")
    before, content = view_of(code), _checked(content, State.IN_FORCE)
    told = _content.changes(before.content, content)
    if not told and row.state == State.IN_FORCE:
        return before
    was_draft = row.state == State.DRAFT
    row.state, row.origin, row.revision, row.revised_at = State.IN_FORCE, origin, row.revision + 1, at
    row.published_on = row.published_on or workdays.legal_day(at)
    _write(row, content, ["补全后启用。", *told] if was_draft else told, case_id=case_id, by=by, at=at)
    _tell("revised", row, by=by, at=at)
    return view_of(code)


@transaction.atomic
def retire(*, code: str, reason: str, case_id: int | None = None, by: Actor, at: datetime) -> ResourceView:
    """Keep an entry as something that is no longer kept up. Raises NoSuchResource, NotPermitted, BadResource."""
    row = locked(code)
    _rights.require_governing(by, orgs.get(row.org_id))
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_MAX:
        where = Place("reason", f"请写明停用的原因，不超过{REASON_MAX}字。")
        raise BadResource("停用要写明原因。", places=[where], hint="查目录的人会看到原因。")
    if row.state == State.RETIRED:
        return view_of(code)
    content = view_of(code).content
    row.state, row.retired_at, row.retired_because = State.RETIRED, at, reason
    row.revision, row.revised_at = row.revision + 1, at
    _write(row, content, [f"停用：{reason}"], case_id=case_id, by=by, at=at)
    _tell("revised", row, by=by, at=at)
    return view_of(code)


@transaction.atomic
def save_system(*, code: str, name: str, org_id: int, by: Actor, at: datetime) -> SystemView:
    """Enter an information system, or give it another name. Raises NotPermitted, BadResource, AlreadyRegistered."""
    _rights.require_governing(by, orgs.get(org_id))
    if not _content.CODE.fullmatch(code) or not 0 < len(name.strip()) <= 120:
        where = Place("system", "系统要有代码（如 anlan.market.registration）和名称。")
        raise BadResource("系统登记不完整。", places=[where], hint="请补全。")
    row, is_new = System.objects.select_for_update().get_or_create(
        code=code, defaults={"name": name.strip(), "org_id": org_id, "since": workdays.legal_day(at)}
    )
    if row.org_id != org_id:
        raise AlreadyRegistered("这个系统代码已由别的单位使用。", hint="请换一个代码。")
    if is_new or row.name != name.strip():
        row.name = name.strip()
        row.save(update_fields=["name"])
        audit.record("catalogue.system.saved", target=f"system:{code}", by=by, at=at)
    return SystemView(row.pk, row.code, row.name, row.org_id, row.since, row.retired_on)


def view_of(code: str) -> ResourceView:
    """Raises NoSuchResource."""
    row = Resource.objects.select_related("system").filter(code=code).first()
    if row is None:
        raise NoSuchResource("目录里没有这项资源。", hint="请核对资源代码，或用名称查找。")
    return _rows.view(row, row.items.order_by("position"))


def locked(code: str) -> Resource:
    """Raises NoSuchResource."""
    row = Resource.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NoSuchResource("目录里没有这项资源。", hint="请核对资源代码。")
    return row


def _checked(content: Content, state: State) -> Content:
    """A draft may lack anything but a title."""
    content = _content.completed(content)
    places = [place for place in _content.problems(content) if state is not State.DRAFT or place.where == "title"]
    if places:
        raise BadResource(f"登记内容有{len(places)}处要改。", places=places, hint="请按各处说明修改后再提交。")
    return content


def _write(row: Resource, content: Content, told: list[str], *, case_id: int | None, by: Actor, at: datetime) -> None:
    system = System.objects.filter(code=content.system).first() if content.system else None
    if content.system and system is None:
        raise NoSuchSystem("没有这个系统。", hint="请先登记系统。")
    for name, value in _rows.columns(row.code, content, system.pk if system else None).items():
        setattr(row, name, value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as wrong:
        raise AlreadyRegistered("代码或湖内表已由另一项资源使用。", hint="请核对。") from wrong
    Item.objects.filter(resource=row).delete()
    Item.objects.bulk_create(_rows.items(row.pk, content))
    Revision.objects.create(
        resource=row,
        number=row.revision,
        origin=row.origin,
        content=_content.as_json(content),
        words=[each[:600] for each in told],
        case_id=case_id,
        recorded_at=at,
        recorded_by=by.account_id,
    )


def _tell(what: str, row: Resource, *, by: Actor, at: datetime) -> None:
    detail = {"revision": row.revision, "state": str(row.state)}
    audit.record(f"catalogue.resource.{what}", target=f"resource:{row.code}", by=by, at=at, detail=detail)
    payload = {"code": row.code, "org_id": row.org_id, "revision": row.revision, "state": str(row.state)}
    publish(f"catalogue.resource.{what}", payload, at=at)
