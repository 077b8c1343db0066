"""Watching what is late, drawing up cards and issuing them; what follows is done in the card's own case."""

from datetime import datetime

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, Place
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles
from yiwang.kernel.workdays import queries as workdays
from yiwang.office.supervision import _facts, queries
from yiwang.office.supervision.contracts import (
    COLOUR_NAMES,
    KIND,
    BadCard,
    CannotIssue,
    CardStatus,
    CardView,
    Colour,
    NoSuchCard,
    NotTheIssuer,
)
from yiwang.office.supervision.kinds import CardPolicy
from yiwang.office.supervision.models import Card, Cause

REASON_MAX = 1000


@transaction.atomic
def watch(*, event: str, case_id: int, clock: str = "", task_id: int = 0, by: Actor, at: datetime) -> None:
    """Keep a limit that ran out, or a case that was urged, as a cause, once however often it is told; and weigh it."""
    policy, case = queries.policy(), cases.peek(case_id, at=at)
    if policy is None or case.kind in policy.ignores:
        return
    org_id = _facts.responsible(case, task_id)
    if org_id is None:
        return
    which = {"event": event, "case_id": case_id, "clock": clock, "task_id": task_id}
    cause, is_new = Cause.objects.get_or_create(**which, defaults={"org_id": org_id, "found_at": at})
    if is_new:
        audit.record("supervision.cause.found", target=f"case:{case_id}", by=by, at=at, detail={"event": event})
    weigh(cause_id=cause.pk, by=by, at=at)


@transaction.atomic
def weigh(*, cause_id: int, by: Actor, at: datetime) -> CardView | None:
    """Ask the policy what a cause brings now; a card graver than any it brought before is drawn up.

    Returns the new card. A rule that says `at_once` is issued by the system, others wait for a supervisor.
    """
    cause, policy = Cause.objects.select_for_update().get(pk=cause_id), queries.policy()
    if policy is None:
        return None
    case = cases.peek(cause.case_id, at=at)
    weight = _facts.weigh(cause, case, at)
    if weight.is_over and cause.settled_at is None:
        cause.settled_at = at
        cause.save(update_fields=["settled_at"])
        audit.record("supervision.cause.settled", target=f"case:{case.id}", by=by, at=at)
    rule = policy.judge(weight.facts) if weight.facts else None
    before = [Colour(colour).grade for colour in Card.objects.filter(cause=cause).values_list("colour", flat=True)]
    if rule is None or rule.card.grade <= max(before, default=-1):
        return None
    try:
        issuer_id = orgs.handling(policy.issuer, case.region_code).id
    except NobodyHandles:
        return None
    card = Card(colour=rule.card, org_id=cause.org_id, issuer_id=issuer_id, watched_id=case.id, cause=cause)
    card.rule, card.reason = rule.code, f"{rule.sentence}：{weight.words}"
    _draw_up(card, case, policy, by=by, at=at)
    if rule.at_once and card.case_id is not None:
        engine.advance(case_id=card.case_id, step="issue", choice="issue", by=SYSTEM, at=at)
    return queries.get(card.pk)


@transaction.atomic
def issue(*, case_number: str, colour: Colour, reason: str, by: Actor, at: datetime) -> CardView:
    """A supervisor gives out a card by hand. Raises NoSuchCase, NotTheIssuer, BadCard, CannotIssue."""
    case, policy = cases.by_number(case_number, at=at), queries.policy()
    if policy is None or case.kind in policy.ignores:
        raise CannotIssue("这类办件不发牌。", hint="请核对办件编号。")
    issuer = orgs.handling(policy.issuer, case.region_code)
    if not access.may(by, queries.SUPERVISE, issuer.id):
        raise NotTheIssuer(f"这个办件的牌由{issuer.name}发。", hint="您可以“只催办”，或提请该单位发牌。")
    if colour is Colour.WARNING or not 0 < len(reason.strip()) <= REASON_MAX:
        place = Place("reason", f"请写明发牌的事由，不超过{REASON_MAX}字。")
        raise BadCard("发牌要写明颜色和事由。", places=[place], hint="被发牌单位会看到事由。")
    org_id = _facts.responsible(case, 0) or case.org_id
    card = Card(colour=colour, org_id=org_id, issuer_id=issuer.id, watched_id=case.id, reason=reason.strip())
    _draw_up(card, case, policy, by=by, at=at)
    assert card.case_id is not None
    engine.advance(case_id=card.case_id, step="issue", choice="issue", by=by, at=at)
    return queries.get(card.pk)


@transaction.atomic
def mark(*, card_case_id: int, status: CardStatus, by: Actor, at: datetime) -> CardView:
    """What the card's case came to: issued with a number, confirmed with its score, lifted, dropped, rectified.

    Raises NoSuchCard.
    """
    card = Card.objects.select_for_update(of=("self",)).select_related("issuer").filter(case=card_case_id).first()
    if card is None:
        raise NoSuchCard("没有这张牌。", hint="请核对编号。")
    card.status = status
    match status:
        case CardStatus.ISSUED:
            card.number, card.issued_at = _number(card, at), at
        case CardStatus.CONFIRMED:
            card.confirmed_at, card.score = at, _score(card)
        case _:
            card.closed_at = at
    card.save()
    content = {"number": card.number, "colour": card.colour, "status": status.value}
    ledger.append(kind=f"supervision.card.{status}", subject=f"card:{card.pk}", content=content, by=by, at=at)
    audit.record(f"supervision.card.{status}", target=f"card:{card.pk}", by=by, at=at)
    return queries.get(card.pk)


def _draw_up(card: Card, case: CaseView, policy: CardPolicy, *, by: Actor, at: datetime) -> None:
    card.proposed_at, card.status = at, CardStatus.NOTED
    colour = Colour(card.colour)
    if colour is not Colour.WARNING:
        card.status = CardStatus.PROPOSED
        card.case_id = engine.open_case(
            kind=KIND,
            flow=policy.flow,
            title=f"{COLOUR_NAMES[colour]}：{case.title}"[:200],
            org_id=card.org_id,
            region_code=case.region_code,
            applicant_id=None,
            subject="",
            data={"watched_case": case.number, "reason": card.reason},
            limits=policy.limits,
            by=by,
            at=at,
        ).id
    card.save()
    detail = {"colour": colour.value, "rule": card.rule}
    audit.record("supervision.card.proposed", target=f"card:{card.pk}", by=by, at=at, detail=detail)


def _number(card: Card, at: datetime) -> str:
    """安监黄〔2026〕第3号: gapless for each supervising office, colour and year."""
    policy, year = queries.policy(), workdays.legal_day(at).year
    shape = policy.numbers[Colour(card.colour)] if policy else "{mark}〔{year}〕第{n}号"
    n = next_number(f"supervision:{card.issuer_id}:{card.colour}:{year}")
    return shape.format(mark=card.issuer.doc_mark, year=year, n=n)


def _score(card: Card) -> int:
    policy = queries.policy()
    return policy.scores[Colour(card.colour)] if policy else 0
