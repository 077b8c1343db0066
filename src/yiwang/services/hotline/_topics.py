"""Finding hot topics: over signatures, so that the text of a message is opened only to call its topic by a name."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _alike, _naming, _policy, _rising, _signing
from yiwang.services.hotline._alike import Signatures, Star
from yiwang.services.hotline._signature import Seen
from yiwang.services.hotline._topic_shapes import TopicRunView
from yiwang.services.hotline.models import Ticket, TicketSignature, Topic, TopicRun, TopicTicket

FIND = "hotline.lead"
LOOK_BACK, WITHIN = timedelta(days=180), timedelta(days=45)
"""How far back messages are gathered, and how far apart two of one matter may lie."""
TICKETS_MIN, CALLERS_MIN, TOPICS_MAX, WEEKS = 3, 2, 500, 9
"""What several people say is a topic; what one says many times is a repeated caller."""
_LOCK = 0x686F74
_MOST = 500_000


@transaction.atomic
def find_topics(*, by: Actor, at: datetime, look_back: timedelta = LOOK_BACK) -> TopicRunView:
    """Gather the messages of the last months into topics and keep them. Raises NotPermitted.

    A topic that was there before keeps its number as long as it keeps the larger part of its messages.
    """
    _require(by)
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    since = at - look_back
    common = _signing.count_pieces()
    signed = _signing.sign_missing(since, common)
    ids, signatures = _signatures(since, at)
    stars = _alike.stars(signatures, within_seconds=int(WITHIN.total_seconds()))
    found = _kept([(star, [ids[member] for member in star.members]) for star in stars], ids)
    rising = _write(found, ids, signatures, common, at)
    took = round((time.perf_counter() - begun) * 1000)
    run = TopicRun.objects.create(
        at=at, since=since, tickets=len(ids), signed=signed, topics=len(found), rising=rising, took_ms=took
    )
    detail = {"tickets": len(ids), "topics": len(found), "rising": rising}
    audit.record("hotline.topics.found", target=f"hotline.topics:{run.pk}", by=by, at=at, detail=detail)
    return TopicRunView(at, since, len(ids), signed, len(found), rising, took)


def _require(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM:
        for office in orgs.of_kind(_policy.policy().office):
            access.require(by, FIND, at_org=office.id)


def _signatures(since: datetime, until: datetime) -> tuple[list[int], Signatures]:
    rows = TicketSignature.objects.filter(received_at__gte=since, received_at__lte=until)
    found = list(rows.order_by("received_at", "ticket").values_list("ticket", "pieces", "received_at")[:_MOST])
    seconds = np.array([int(moment.timestamp()) for _, _, moment in found], dtype=np.int64)
    return [one for one, _, _ in found], Signatures.of([pieces for _, pieces, _ in found], seconds)


def _kept(stars: Sequence[tuple[Star, list[int]]], ids: Sequence[int]) -> list[tuple[Star, list[Ticket]]]:
    """Those that several people speak of, with their tickets."""
    large = [(star, members) for star, members in stars if len(members) >= TICKETS_MIN][: 2 * TOPICS_MAX]
    wanted = [one for _, members in large for one in members]
    columns = ("phone_index", "party_id", "category", "region_code", "received_at", "number")
    rows = Ticket.objects.only(*columns).in_bulk(wanted)
    found = []
    for star, members in large:
        tickets = [rows[one] for one in members]
        if callers(tickets) >= CALLERS_MIN:
            found.append((star, tickets))
    found.sort(key=lambda one: (-callers(one[1]), -len(one[1]), ids[one[0].middle]))
    return found[:TOPICS_MAX]


def callers(tickets: Sequence[Ticket]) -> int:
    """Different people among them; who gave no number counts as one each."""
    known = {
        ticket.phone_index or f"party/{ticket.party_id}" for ticket in tickets if ticket.phone_index or ticket.party_id
    }
    return len(known) + sum(1 for ticket in tickets if not ticket.phone_index and not ticket.party_id)


def _write(
    found: Sequence[tuple[Star, list[Ticket]]], ids: Sequence[int], signatures: Signatures, common: Seen, at: datetime
) -> int:
    before = _before([ticket.pk for _, tickets in found for ticket in tickets])
    Topic.objects.filter(is_current=True).update(is_current=False)
    TopicTicket.objects.all().delete()
    taken: set[int] = set()
    rising = 0
    links = []
    for star, tickets in found:
        topic = _same(tickets, before, taken)
        _fill(topic, ids[star.middle], signatures.of_row(star.middle).tolist(), tickets, common, at)
        topic.save()
        taken.add(topic.pk)
        rising += topic.is_rising
        links += [TopicTicket(ticket_id=ticket.pk, topic_id=topic.pk) for ticket in tickets]
    TopicTicket.objects.bulk_create(links, batch_size=2000)
    return rising


def _before(tickets: Sequence[int]) -> dict[int, int]:
    return dict(TopicTicket.objects.filter(ticket__in=tickets).values_list("ticket", "topic"))


def _same(tickets: Sequence[Ticket], before: dict[int, int], taken: set[int]) -> Topic:
    """The topic that most of these messages were behind before, a new one where there was none."""
    votes = Counter(before[one.pk] for one in tickets if one.pk in before and before[one.pk] not in taken)
    best = min(votes, key=lambda topic: (-votes[topic], topic), default=None)
    if best is not None and 2 * votes[best] >= sum(one.pk in before for one in tickets):
        return Topic.objects.get(pk=best)
    return Topic()


def _fill(topic: Topic, middle: int, pieces: list[int], tickets: Sequence[Ticket], common: Seen, at: datetime) -> None:
    ages = [(at - ticket.received_at).days for ticket in tickets]
    weeks = [sum(1 for age in ages if age // 7 == week) for week in range(WEEKS)]
    trend = _rising.rising(weeks[0], sum(weeks[1:]))
    topic.category = _most([ticket.category for ticket in tickets if ticket.category])
    topic.region_code = _region([ticket.region_code for ticket in tickets])
    topic.name = _name(tickets, topic.category, common)
    topic.middle_id, topic.pieces = middle, pieces
    topic.tickets, topic.callers = len(tickets), callers(tickets)
    topic.weeks = weeks[::-1]
    topic.chance_ppm, topic.is_rising = round(trend.chance * 1_000_000), trend.is_rising
    topic.first_at, topic.last_at = tickets[0].received_at, tickets[-1].received_at
    topic.found_at, topic.is_current = at, True


def _name(tickets: Sequence[Ticket], category: str, common: Seen) -> str:
    asked = [ticket.pk for ticket in tickets[-_naming.READ_MAX :]]
    texts = [row.content for row in Ticket.objects.filter(pk__in=asked).only("content")]
    return (
        _naming.name_of(texts, lambda word, share: common.rarity_of(word, inside=round(share * len(tickets))))
        or _policy.tree().name(category)
        or "同类诉求"
    )


def _most(values: Sequence[str]) -> str:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value), default="")


def _region(codes: Sequence[str]) -> str:
    """The place where most of them are, or the smallest that holds four in five."""
    for digits in (12, 9, 6, 4, 2):
        counts = Counter(code[:digits] for code in codes)
        place, most = min(counts.items(), key=lambda one: (-one[1], one[0]))
        if most >= 0.8 * len(codes):
            return place.ljust(12, "0")
    return "0" * 12
