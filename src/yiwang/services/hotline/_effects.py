"""What the choices of a ticket's flow change about the ticket; each runs under the lock of its family."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from yiwang.kernel.base.contracts import ActorKind, Place
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseStatus, EffectContext, register_effect
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit, Unit
from yiwang.services.hotline import _dispatch, _policy
from yiwang.services.hotline._rolls import limits_of
from yiwang.services.hotline.contracts import BadTicket, CannotDo, CannotReturn, Satisfaction, Urgency
from yiwang.services.hotline.models import Assist, Call, Ruling, Ticket

DAYS_MAX = 15
RETURNS_MAX = 2
_NUMBER = re.compile(r"\d{12,24}")


def dispatch(context: EffectContext) -> dict[str, Any]:
    """派单或改派: to the unit in the form, else to the one that leads already, else to whom the catalogue names."""
    ticket = _locked(context)
    if context.step != "desk" and ticket.returns >= RETURNS_MAX:
        raise CannotDo("已经第二次退单，须会商裁定承办单位。", hint="请选“提请会商裁定”。")
    _classify(ticket, context.form)
    return _to_unit(ticket, _chosen(ticket, context.form), context)


def uphold(context: EffectContext) -> dict[str, Any]:
    """退单不成立: the same unit, its time from now."""
    ticket = _locked(context)
    if ticket.returns >= RETURNS_MAX:
        raise CannotDo("已经第二次退单，须会商裁定承办单位。", hint="请选“提请会商裁定”。")
    return _to_unit(ticket, ticket.lead_org_id or 0, context)


def rule(context: EffectContext) -> dict[str, Any]:
    """会商裁定: whose it is, from now on for the topic at the place too."""
    ticket = _locked(context)
    _classify(ticket, context.form)
    org_id = _chosen(ticket, context.form)
    ticket.is_ruled = True
    if ticket.category:
        which = {"category": ticket.category, "region_code": ticket.region_code}
        Ruling.objects.filter(**which, ended_at=None).update(ended_at=context.at)
        Ruling.objects.create(
            **which,
            org_id=org_id,
            ticket=ticket,
            words=context.grounds,
            account_id=context.by.account_id,
            decided_at=context.at,
        )
    content = {"category": ticket.category, "region": ticket.region_code, "org": org_id}
    ledger.append(kind="hotline.ruled", subject=f"case:{ticket.number}", content=content, by=context.by, at=context.at)
    return _to_unit(ticket, org_id, context)


def send_back(context: EffectContext) -> None:
    """退单: in time, with grounds, not after a ruling (首接负责)."""
    ticket = _locked(context)
    if ticket.is_ruled:
        raise CannotReturn("会商裁定过的工单不能再退回。", hint="请按裁定办理；需要别的单位配合的，请协办。")
    within = _policy.policy().return_within
    if ticket.dispatched_at is None or context.at > workdays.due(ticket.dispatched_at, within).at:
        raise CannotReturn(
            f"已过退单期限（派单后{within}）。", hint="首接负责：请牵头办理，需要别的单位配合的，请协办。"
        )
    ticket.returns += 1
    _save(ticket, "returns")


def move(context: EffectContext) -> None:
    """On to a step of the unit."""
    ticket = _locked(context)
    ticket.moved_at = context.at
    _save(ticket, "moved_at")


def finish(context: EffectContext) -> None:
    """承办单位办结: not before those who were asked to help have answered."""
    ticket = _locked(context)
    open_ones = Assist.objects.filter(ticket=ticket, case__status=CaseStatus.OPEN)
    waiting = list(open_ones.order_by("id").values_list("case__number", flat=True))
    if waiting:
        raise CannotDo("协办单位还没有反馈。", hint=f"请等协办件{'、'.join(waiting)}反馈，或请其尽快。")
    _finished(ticket, context.grounds, context.at)


def to_grid(context: EffectContext) -> dict[str, Any]:
    """转网格事件: where it is, and the caller's own words unless they could tell who sent a 举报."""
    ticket, told = _locked(context), cases.data(context.case.id)
    spot = {key: told.get(key) or None for key in ("lon", "lat", "grid_code", "place", "region_code")}
    if ticket.is_confidential:
        return {"spot": spot}
    photos = [photo.file_id for photo in cases.attachments(context.case.id, role="photo")]
    return {"spot": spot, "incident": {"words": told.get("content"), "photos": photos}}


def finish_onsite(context: EffectContext) -> None:
    """The sub-cases of the spot are done."""
    _finished(_locked(context), "已现场处置。", context.at)


def ask_extension(context: EffectContext) -> None:
    """申请延期: once."""
    ticket = _locked(context)
    days = int(str(context.form.get("days") or 0))
    if ticket.is_extended:
        raise CannotDo("已经延期过一次。", hint="请在期限内办结，或申请疑难挂账。")
    if not 1 <= days <= DAYS_MAX:
        raise BadTicket(f"延期以1至{DAYS_MAX}个工作日为限。", hint="请改后再提交。")
    if ticket.due_at is not None and ticket.due_at <= context.at:
        raise CannotDo("已经超期，不能再申请延期。", hint="请尽快办结。")
    ticket.asked_days = days
    _save(ticket, "asked_days")


def extend(context: EffectContext) -> None:
    """同意延期: the days that were asked for, after the due day."""
    ticket = _locked(context)
    ticket.due_at = workdays.due(ticket.due_at or context.at, Limit(ticket.asked_days or 0, Unit.WORKDAY)).at
    ticket.is_extended, ticket.moved_at = True, context.at
    _save(ticket, "due_at", "is_extended", "moved_at")


def ask_parking(context: EffectContext) -> None:
    """申请疑难挂账: with a plan and a day to look again."""
    ticket, today = _locked(context), workdays.legal_day(context.at)
    on = _day(context.form.get("review_on"))
    latest = today + timedelta(days=_policy.policy().park_days_max)
    if on is None or not today < on <= latest:
        raise BadTicket("复查日期应在明天以后、最长挂账期以内。", hint=f"请填{latest}或以前的日期。")
    ticket.review_on, ticket.plan = on, str(context.form.get("plan") or context.grounds)[:1000]
    _save(ticket, "review_on", "plan")


def park(context: EffectContext) -> None:
    ticket = _locked(context)
    ticket.is_parked, ticket.moved_at = True, context.at
    _save(ticket, "is_parked", "moved_at")


def unpark(context: EffectContext) -> None:
    """Not parked (any more): the time to handle it runs anew where it had been parked."""
    ticket = _locked(context)
    if ticket.is_parked:
        ticket.due_at = workdays.due(context.at, limits_of(ticket).handle).at
    ticket.is_parked, ticket.review_on, ticket.moved_at = False, None, context.at
    _save(ticket, "is_parked", "review_on", "due_at", "moved_at")


def answer(context: EffectContext) -> None:
    """What the caller reads: an answer at once, why it was not accepted or ended, the number of the police."""
    ticket = _locked(context)
    ticket.answer = context.grounds
    _save(ticket, "answer")


def merge(context: EffectContext) -> None:
    """并入: the number of the ticket that stays stands in the words."""
    ticket = _locked(context)
    numbers = _NUMBER.findall(context.grounds)
    other = Ticket.objects.filter(number__in=numbers).exclude(pk=ticket.pk).first()
    if other is None:
        raise BadTicket("没有写明并入哪一件工单。", hint="请写主工单的编号。")
    if other.merged_into_id is not None:
        raise BadTicket("那一件已经并入别的工单。", hint="请写最后留下的那一件的编号。")
    ticket.merged_into, ticket.excluded = other, "merged"
    ticket.answer = f"您反映的与{other.number}是同一件事，已一并办理。"
    _save(ticket, "merged_into", "excluded", "answer")


def solved(context: EffectContext) -> None:
    _heard(_locked(context), context, is_solved=True)


def unsolved(context: EffectContext) -> None:
    _heard(_locked(context), context, is_solved=False)


def redo(context: EffectContext) -> None:
    """重办: once by the one who called back; a second time a supervisor says so."""
    ticket = _locked(context)
    if ticket.redone:
        raise CannotDo("已经重办过一次仍未解决。", hint="请转督办，或写明客观原因后销号。")
    _heard(ticket, context, is_solved=False)
    _again(ticket, context.at)


def redo_ordered(context: EffectContext) -> None:
    _again(_locked(context), context.at)


def to_supervision(context: EffectContext) -> None:
    _heard(_locked(context), context, is_solved=False)


def unreached(context: EffectContext) -> None:
    """没联系上: one attempt more, as many as the rules allow."""
    ticket, most = _locked(context), _policy.policy().calls_max
    if ticket.calls >= most:
        raise CannotDo(f"已经回访{most}次。", hint="请选“多次联系不上，销号”。")
    _call(ticket, context, is_reached=False)


def unreachable(context: EffectContext) -> None:
    """多次联系不上: only after as many attempts as the rules ask for."""
    ticket, least = _locked(context), _policy.policy().calls_max
    if ticket.calls < least:
        raise CannotDo(f"联系不上的，至少回访{least}次，现在是{ticket.calls}次。", hint="请换个时间再打。")
    ticket.contacted = False
    _save(ticket, "contacted")


NAMES = {
    "dispatch": dispatch, "uphold": uphold, "rule": rule, "return": send_back, "move": move, "finish": finish,
    "to_grid": to_grid, "finish_onsite": finish_onsite, "ask_extension": ask_extension, "extend": extend, "ask_parking": ask_parking,
    "park": park, "unpark": unpark, "answer": answer, "merge": merge, "solved": solved, "unsolved": unsolved,
    "redo": redo, "redo_ordered": redo_ordered, "to_supervision": to_supervision, "unreached": unreached,
    "unreachable": unreachable,
}  # fmt: skip


def register() -> None:
    for name, effect in NAMES.items():
        register_effect(f"hotline.{name}", effect)


def _locked(context: EffectContext) -> Ticket:
    return Ticket.objects.select_for_update().get(case_id=context.case.id)


def _save(ticket: Ticket, *fields: str) -> None:
    ticket.save(update_fields=list(fields))


def _classify(ticket: Ticket, form: Mapping[str, Any]) -> None:
    category, urgency = str(form.get("category") or ""), str(form.get("urgency") or "")
    if category and not _policy.tree().name(category):
        raise BadTicket("没有这个分类。", hint="请重新选择。")
    ticket.category = category or ticket.category
    ticket.urgency = Urgency(urgency).value if urgency in set(Urgency) else ticket.urgency


def _chosen(ticket: Ticket, form: Mapping[str, Any]) -> int:
    given = str(form.get("org_id") or "")
    if given:
        if not given.isdecimal() or int(given) not in orgs.named([int(given)]):
            raise BadTicket("没有这个单位。", hint="请重新选择承办单位。")
        return int(given)
    if ticket.lead_org_id is not None:
        return ticket.lead_org_id
    if not ticket.category:
        raise BadTicket(
            "还没有分类，派单目录不知道归谁办。",
            places=[Place("category", "请选分类（Alt+C 用第一个建议）。"), Place("org_id", "或直接选承办单位。")],
            hint="也可以先记下，稍后再派。",
        )
    found = _dispatch.find(ticket.category, ticket.region_code)
    if found is None:
        raise BadTicket("还没有选承办单位。", hint="请先选承办单位再派单。")
    return found.org.id


def _to_unit(ticket: Ticket, org_id: int, context: EffectContext) -> dict[str, Any]:
    limits = limits_of(ticket)
    ticket.lead_org_id, ticket.dispatched_at, ticket.moved_at = org_id, context.at, context.at
    ticket.respond_due_at = workdays.due(context.at, limits.respond).at
    ticket.due_at = workdays.due(context.at, limits.handle).at
    names = ("lead_org", "dispatched_at", "moved_at", "respond_due_at", "due_at", "category", "urgency", "is_ruled")
    _save(ticket, *names)
    return {"lead": org_id}


def _finished(ticket: Ticket, words: str, at: datetime) -> None:
    ticket.answer, ticket.finished_at = words, at
    ticket.responded_at = ticket.responded_at or at
    ticket.is_late = ticket.is_late or (ticket.due_at is not None and at > ticket.due_at)
    _save(ticket, "answer", "finished_at", "responded_at", "is_late")


def _again(ticket: Ticket, at: datetime) -> None:
    ticket.redone += 1
    ticket.due_at, ticket.moved_at = workdays.due(at, limits_of(ticket).handle).at, at
    ticket.finished_at = None
    _save(ticket, "redone", "due_at", "moved_at", "finished_at")


def _heard(ticket: Ticket, context: EffectContext, *, is_solved: bool) -> None:
    try:
        grade = Satisfaction(int(str(context.form.get("satisfaction") or 0)))
    except ValueError as wrong:
        raise BadTicket("没有写满意度。", hint="请选1到5中的一级。") from wrong
    ticket.contacted, ticket.solved, ticket.satisfaction = True, is_solved, grade.value
    _save(ticket, "contacted", "solved", "satisfaction")
    _call(ticket, context, is_reached=True, solved=is_solved, satisfaction=grade.value)


def _call(ticket: Ticket, context: EffectContext, *, is_reached: bool, **said: Any) -> None:
    ticket.calls += 1
    _save(ticket, "calls")
    Call.objects.create(
        ticket=ticket,
        channel="web" if context.by.kind is ActorKind.SYSTEM else "phone",
        is_reached=is_reached,
        words=context.grounds or None,
        account_id=context.by.account_id,
        called_at=context.at,
        **said,
    )


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value or ""))
    except ValueError:
        return None
