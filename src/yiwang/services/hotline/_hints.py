"""What helps an operator: tickets that are alike, categories and units that fit, answers to common questions."""

from datetime import datetime, timedelta

from yiwang.kernel.base.text import bigrams
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.services.hotline import _dispatch, _policy, _sketch, contracts
from yiwang.services.hotline.contracts import (
    Alike,
    AnswerView,
    Suggestion,
    TicketKind,
)
from yiwang.services.hotline.models import Ticket

_ALIKE_MAX, _LOOKED_AT_MAX, _SUGGESTED_MAX = 8, 400, 3
_BY_WORDS_MAX = 60
_SHARED_MIN = 2


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
        if len(asked & pieces) >= _SHARED_MIN and (body.valid_until is None or body.valid_until >= on.date())
    ]
    near = sorted(scored, key=lambda one: (-one[0], one[1]))
    return [
        AnswerView(body_id, body.title.zh, body.answer.zh, body.category, body.valid_until, body.source)
        for _, body_id, body in near[:size]
    ]


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
    return [
        Suggestion(
            node.code,
            tree.line(node.code),
            min(_BY_WORDS_MAX, 15 + 8 * sum(len(word) for word in found)),
            f"未经训练，按分类常用词：出现“{'”“'.join(found)}”。",
        )
        for node, found in tree.said(text)[:_SUGGESTED_MAX]
    ]
