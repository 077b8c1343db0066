"""Reading tickets: one, lists, those that are alike, suggestions, answers, figures of units."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.masking import mask_name, mask_phone
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.base.text import bigrams
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseStatus
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.services.hotline import _dispatch, _intake, _policy, _sketch, contracts
from yiwang.services.hotline._policy import Tree
from yiwang.services.hotline.contracts import (
    Alike,
    AnswerView,
    Channel,
    NoSuchTicket,
    Satisfaction,
    Spot,
    Suggestion,
    TicketKind,
    TicketView,
    Urgency,
)
from yiwang.services.hotline.models import Ticket

SEE = "cases.view"
HIDDEN = "保密"
_ALIKE_MAX, _LOOKED_AT_MAX, _SUGGESTED_MAX = 8, 400, 3
# Words alone are never sure.
_BY_WORDS_MAX = 60


def view(number: str) -> TicketView:
    """A ticket without asking who looks: for apps that have asked themselves. Raises NoSuchTicket."""
    return as_view(_one(Ticket.objects.filter(number=number.strip())))


def by_case(case_id: int) -> TicketView | None:
    """The ticket of a case; None for a case that is none."""
    row = Ticket.objects.filter(case=case_id).select_related("case").first()
    return as_view(row) if row else None


def get(number: str, by: Actor) -> TicketView:
    """A ticket as `by` may see it. Raises NoSuchTicket, NotYourCase."""
    found = view(number)
    cases.get(found.case_id, by)
    return found


def listed(by: Actor, *, cursor: str | None = None, size: int = 20, **which: object) -> Page[TicketView]:
    """Tickets of the hotlines that `by` watches, newest first; `which` are columns: kind, channel, category, lead_org …"""
    rows = access.visible(by, Ticket.objects.filter(**which), SEE).select_related("case")
    return keyset(rows, order=("-received_at", "-id"), cursor=cursor, size=size).map(as_view)


def of_phone(phone: str, by: Actor, *, size: int = 10) -> list[TicketView]:
    """What came before from a number that was shown: a claim. Never a 举报, which no number leads to."""
    wanted = _intake.phone_of(phone)
    if len(wanted) < 5:
        return []
    rows = access.visible(by, Ticket.objects.filter(phone_index=sealed_index(wanted)), SEE)
    return [as_view(row) for row in rows.select_related("case").order_by("-id")[:size]]


def alike(*, text: str, at: datetime, region_code: str = "") -> list[Alike]:
    """Tickets of the last days that may be about the same, the most alike first; works on numbers, not on words."""
    policy, numbers = _policy.policy(), _sketch.sketch(text)
    if not numbers:
        return []
    since = at - timedelta(days=policy.alike_days)
    rows = Ticket.objects.filter(bands__overlap=_sketch.bands(numbers), received_at__gte=since, is_confidential=False)
    if region_code:
        rows = rows.filter(region_code__startswith=region_code.rstrip("0"))
    slim = rows.select_related("case").only(
        "number", "sketch", "received_at", "region_code", "lead_org_id", "case__status", "case__title"
    )
    scored = [(_sketch.likeness(numbers, row.sketch), row) for row in slim.order_by("-received_at")[:_LOOKED_AT_MAX]]
    near = sorted(
        (pair for pair in scored if pair[0] >= policy.alike_percent), key=lambda pair: (-pair[0], -pair[1].pk)
    )
    return [
        Alike(row.number, row.case.title, row.received_at, score, row.region_code, row.case.status, row.lead_org_id)
        for score, row in near[:_ALIKE_MAX]
    ]


def categories() -> Tree:
    """All categories of the place."""
    return _policy.tree()


def unit_for(category: str, region_code: str) -> OrgView | None:
    """Whose a topic at a place is: by ruling, else by the catalogue; None where there is no such unit."""
    found = _dispatch.find(category, region_code)
    return found.org if found else None


def suggest(*, text: str, kind: TicketKind | None = None, region_code: str = "") -> list[Suggestion]:
    """Categories and units that fit a text, the best first, each with how sure and why. The operator decides."""
    found: list[Suggestion] = []
    for suggester in contracts.suggesters:
        found = found or suggester(text=text, kind=kind, region_code=region_code)
    found = found or _by_words(text)
    return [_with_unit(one, region_code) for one in found[:_SUGGESTED_MAX]]


def answers(text: str, *, on: datetime, size: int = 5) -> list[AnswerView]:
    """Answers to questions like this one, the nearest first; what is out of date is left out."""
    asked = set(bigrams(text))
    scored = [
        (len(asked & pieces) / len(pieces), body_id, body)
        for body_id, body, pieces in _policy.answers()
        if pieces and (body.valid_until is None or body.valid_until >= on.date())
    ]
    near = sorted((one for one in scored if one[0] > 0), key=lambda one: (-one[0], one[1]))
    return [
        AnswerView(body_id, body.title.zh, body.answer.zh, body.category, body.valid_until, body.source)
        for _, body_id, body in near[:size]
    ]


def as_view(row: Ticket) -> TicketView:
    caller = row.caller or {}
    return TicketView(
        id=row.pk,
        case_id=row.case_id,
        number=row.number,
        query_code=row.case.query_code,
        kind=TicketKind(row.kind),
        channel=Channel(row.channel),
        title=row.case.title,
        content=row.content,
        category=row.category,
        category_name=_policy.tree().line(row.category),
        spot=Spot(row.place or "", row.lon, row.lat, row.region_code, row.grid_code),
        urgency=Urgency(row.urgency),
        external_number=row.external_number,
        received_at=row.received_at,
        is_confidential=row.is_confidential,
        lead_org_id=row.lead_org_id,
        dispatched_at=row.dispatched_at,
        responded_at=row.responded_at,
        respond_due_at=row.respond_due_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
        returns=row.returns,
        redone=row.redone,
        calls=row.calls,
        asked_days=row.asked_days,
        plan=row.plan or "",
        review_on=row.review_on,
        is_parked=row.is_parked,
        is_ruled=row.is_ruled,
        outcome=row.case.outcome,
        answer=row.answer or "",
        is_open=row.case.status == CaseStatus.OPEN,
        contacted=row.contacted,
        solved=row.solved,
        satisfaction=Satisfaction(row.satisfaction) if row.satisfaction else None,
        excluded=row.excluded,
        closed_at=row.case.closed_at,
        caller_masked=HIDDEN if row.is_confidential else mask_name(str(caller.get("name", ""))),
        phone_masked=HIDDEN if row.is_confidential else mask_phone(str(caller.get("phone", ""))),
    )


def _one(rows: QuerySet[Ticket]) -> Ticket:
    row = rows.select_related("case").first()
    if row is None:
        raise NoSuchTicket("没有这件工单。", hint="请核对编号。")
    return row


def _with_unit(one: Suggestion, region_code: str) -> Suggestion:
    if one.org_id is not None:
        name = orgs.get(one.org_id).short_name if not one.org_name else one.org_name
        return Suggestion(one.category, one.category_name, one.confidence, one.reason, one.org_id, name, one.org_reason)
    found = _dispatch.find(one.category, region_code) if region_code else None
    if found is None:
        return one
    return Suggestion(
        one.category, one.category_name, one.confidence, one.reason, found.org.id, found.org.short_name, found.reason
    )


def _by_words(text: str) -> list[Suggestion]:
    """By the words of the tree: the longer and the more of them, the surer; never as sure as what was learned."""
    tree = _policy.tree()
    scored = [
        (sum(len(word) for word in found), found, node) for node in tree.leaves() if (found := _said(node.words, text))
    ]
    scored.sort(key=lambda one: (-one[0], one[2].code))
    return [
        Suggestion(
            node.code,
            tree.line(node.code),
            min(_BY_WORDS_MAX, 15 + 8 * score),
            f"未经训练，按分类常用词：出现“{'”“'.join(found)}”。",
        )
        for score, found, node in scored[:_SUGGESTED_MAX]
    ]


def _said(words: Sequence[str], text: str) -> list[str]:
    return [word for word in words if word in text]
