"""The history of a case in sentences."""

from collections.abc import Iterable, Mapping

from django.utils.translation import get_language, gettext, gettext_noop

from yiwang.kernel.cases import _book
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._views import clock_title, outcome_name, said, step_name
from yiwang.kernel.cases.contracts import EventView, RedatedView
from yiwang.kernel.cases.kinds import Waiting
from yiwang.kernel.cases.models import CaseEvent, Redating
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import Limit

SENTENCES = {
    "opened": gettext_noop("已提交"),
    "advanced": gettext_noop("%(step)s：%(choice)s"),
    "ran": gettext_noop("%(step)s：自动办理"),
    "convened": gettext_noop("%(step)s：征求%(count)s家单位意见"),
    "lapsed": gettext_noop("%(step)s：到期未办，按规定处理"),
    "settled": gettext_noop("%(step)s：各部分已办完"),
    "cancelled": gettext_noop("%(step)s：不再需要办理"),
    "closed": gettext_noop("办结：%(outcome)s"),
    "signed": gettext_noop("%(step)s：已签收"),
    "handed-over": gettext_noop("%(step)s：转给%(person)s办理"),
    "note": gettext_noop("备注"),
    "attached": gettext_noop("添加了文件"),
    "paused": gettext_noop("暂停计时：%(reason)s"),
    "resumed": gettext_noop("恢复计时：%(reason)s"),
    "extended": gettext_noop("延长期限：%(clock)s延长%(limit)s"),
    "withdrawn": gettext_noop("申请人撤回"),
    "terminated": gettext_noop("已终止办理"),
    "returned": gettext_noop("%(step)s：退回%(to)s"),
    "recalled": gettext_noop("%(step)s：收回“%(choice)s”"),
    "reopened": gettext_noop("重新办理，从%(step)s开始"),
    "corrected": gettext_noop("%(correction)s：原结果“%(was)s”"),
    "migrated": gettext_noop("流程由第%(before)s版改为第%(after)s版"),
    "urged": gettext_noop("催办"),
    "redated": gettext_noop("节假日安排公布，%(clock)s的到期日由%(before)s改为%(after)s"),
    "due-soon": gettext_noop("%(clock)s即将到期"),
    "overdue": gettext_noop("%(clock)s已超期"),
    "outside-sent": gettext_noop("%(step)s：已送达对方系统"),
    "outside-accepted": gettext_noop("%(step)s：对方已接收"),
    "outside-progress": gettext_noop("%(step)s：有新进展"),
    "outside-result": gettext_noop("%(step)s：对方已办完"),
    "outside-failed": gettext_noop("%(step)s：对方系统报告失败"),
    "outside-late": gettext_noop("%(step)s：迟到的反馈，未采用"),
}

# What is done to a case beside its steps, with words for the applicant that stand in no document.
EXPLAINED = frozenset({"terminated", "reopened", "corrected", "extended", "note"})


def event_views(events: Iterable[CaseEvent], flow: Flow) -> list[EventView]:
    rows = list(events)
    asked = {event.detail["org"] for event in rows if event.detail and "org" in event.detail}
    units = orgs.named(asked) if asked else {}
    given = {event.detail["to"] for event in rows if event.detail and event.kind == "handed-over"}
    persons = {account.id: account.name for account in people.accounts(given).values()} if given else {}
    views = []
    for event in reversed(rows):
        views.append(_view(event, flow, units, persons))
        if event.kind == "migrated":
            # What happened before is told in the words of the version it happened in.
            flow = _book.pinned(flow.id, (event.detail or {})["from"])
    return views[::-1]


def _view(event: CaseEvent, flow: Flow, units: Mapping[int, OrgView], persons: Mapping[int, str]) -> EventView:
    step, choice = _step_name(event, flow, units), _choice_name(flow, event)
    return EventView(
        id=event.pk,
        case_id=event.case_id,
        kind=event.kind,
        step=event.step,
        step_name=step,
        choice=event.choice,
        choice_name=choice,
        sentence=gettext(SENTENCES[event.kind])
        % {**_names(event, flow, step, choice), "person": persons.get((event.detail or {}).get("to", ""), "")},
        grounds=event.grounds or "",
        form=event.form or {},
        actor_kind=event.actor_kind,
        actor_id=event.account_id,
        org_id=event.org_id,
        as_backup=event.as_backup,
        is_visible=event.is_visible,
        effective_at=event.effective_at,
        recorded_at=event.recorded_at,
    )


def _step_name(event: CaseEvent, flow: Flow, units: Mapping[int, OrgView]) -> str:
    """The step; for one of many with the organisation that was asked."""
    name, unit = step_name(flow, event.step), units.get((event.detail or {}).get("org", 0))
    return f"{name}（{unit.short_name}）" if unit else name


def _choice_name(flow: Flow, event: CaseEvent) -> str:
    part = flow.steps.get(event.step)
    if isinstance(part, Waiting) and event.choice in part.choices:
        return said(part.choices[event.choice].name)
    return ""


def _names(event: CaseEvent, flow: Flow, step: str, choice: str) -> dict[str, str]:
    detail = event.detail or {}
    correction = flow.body.corrections.get(detail.get("correction", ""))
    reason, clock = flow.body.pauses.get(detail.get("reason", "")), flow.body.clocks.get(detail.get("clock", ""))
    return {
        "step": step,
        "choice": choice,
        "outcome": outcome_name(flow, detail.get("outcome", "")),
        "to": step_name(flow, detail.get("to", "")),
        "correction": said(correction.name) if correction else "",
        "was": outcome_name(flow, detail.get("was", "")),
        "count": str(detail.get("count", "")),
        "reason": said(reason.name) if reason else "",
        "clock": said(clock.name) if clock else step,
        "before": detail.get("before", ""),
        "after": detail.get("after", ""),
        "limit": _limit(detail["limit"]) if "limit" in detail else "",
    }


def _limit(text: str) -> str:
    """As records keep it (`3 workdays`), which is English, or in Chinese words."""
    return text if (get_language() or "").startswith("en") else str(Limit.parse(text))


def redated_view(row: Redating) -> RedatedView:
    """One limit before and after its calendar changed."""
    flow = _book.pinned(row.case.flow_id, row.case.flow_hash)
    return RedatedView(
        case_id=row.case_id,
        case_number=row.case.number,
        org_id=row.case.org_id,
        clock=clock_title(flow, row.clock),
        before=row.before,
        after=row.after,
        was_provisional=row.was_provisional,
        is_provisional=row.is_provisional,
        is_lifted=row.is_lifted,
    )
