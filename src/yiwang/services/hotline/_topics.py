"""Finding hot topics: over signatures, so that the text of a message is opened only to call its topic by a name."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.base.sealing import unseal
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.hotline import _alike, _naming, _policy, _rising, _signing
from yiwang.services.hotline._alike import Signatures, Star
from yiwang.services.hotline._signature import Seen
from yiwang.services.hotline._topic_shapes import TopicRunView
from yiwang.services.hotline.models import Topic, TopicRun, TopicTicket

FIND = "hotline.lead"
LOOK_BACK, WITHIN = timedelta(days=180), timedelta(days=45)
"""How far back messages are gathered, and how far apart two of one matter may lie."""
TICKETS_MIN, CALLERS_MIN, TOPICS_MAX, WEEKS = 3, 2, 500, 9
"""What several people say is a topic; what one says many times is a repeated caller."""
_LOCK = 0x686F74
_MOST = 500_000
_SIGNED = (
    "SELECT ticket_id, floor(extract(epoch FROM received_at))::bigint, cardinality(pieces), array_to_string(pieces, ' ') "
    "FROM hotline_ticketsignature "
    "WHERE received_at BETWEEN %s AND %s ORDER BY received_at, ticket_id LIMIT %s"
)
_MESSAGES = (
    "SELECT id, phone_index, party_id, category, region_code, received_at FROM hotline_ticket WHERE id = ANY(%s)"
)
_BEFORE = "SELECT ticket_id, topic_id FROM hotline_topicticket WHERE ticket_id = ANY(%s)"
_CONTENTS = "SELECT id, content FROM hotline_ticket WHERE id = ANY(%s)"
_LINKS = "INSERT INTO hotline_topicticket (ticket_id, topic_id) SELECT * FROM unnest(%s::bigint[], %s::bigint[])"


_FILLED = [field.attname for field in Topic._meta.concrete_fields if not field.primary_key]


class _Message(NamedTuple):
    """What of a ticket is needed to gather it."""

    id: int
    phone_index: str
    party_id: int | None
    category: str
    region_code: str
    received_at: datetime


_Found = Sequence[tuple[Star, list[_Message]]]


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
    """Pieces come as one text and are read at once: millions of numbers as Python's own would take longer than gathering them."""
    found = rows.fetch(_SIGNED, [since, until, _MOST])
    ids, seconds, counts, pieces = zip(*found, strict=True) if found else ((), (), (), ())
    features = np.fromstring(" ".join(filter(None, pieces)), dtype=np.int64, sep=" ")
    return list(ids), Signatures(features, np.cumsum([0, *counts]), np.array(seconds, dtype=np.int64))


def _kept(stars: Sequence[tuple[Star, list[int]]], ids: Sequence[int]) -> list[tuple[Star, list[_Message]]]:
    """Those that several people speak of, with their messages."""
    large = [(star, members) for star, members in stars if len(members) >= TICKETS_MIN][: 2 * TOPICS_MAX]
    wanted = [one for _, members in large for one in members]
    known = {one.id: one for one in map(_Message._make, rows.fetch(_MESSAGES, [wanted]))}
    found = [(star, [known[one] for one in members]) for star, members in large]
    found = [(star, messages) for star, messages in found if callers(messages) >= CALLERS_MIN]
    found.sort(key=lambda one: (-callers(one[1]), -len(one[1]), ids[one[0].middle]))
    return found[:TOPICS_MAX]


def callers(messages: Sequence[_Message]) -> int:
    """Different people among them; who gave no number counts as one each."""
    known = {one.phone_index or f"party/{one.party_id}" for one in messages if one.phone_index or one.party_id}
    return len(known) + sum(1 for one in messages if not one.phone_index and not one.party_id)


def _write(found: _Found, ids: Sequence[int], signatures: Signatures, common: Seen, at: datetime) -> int:
    before = _before([one.id for _, messages in found for one in messages])
    known = Topic.objects.in_bulk(set(before.values()))
    texts = _texts(found)
    Topic.objects.filter(is_current=True).update(is_current=False)
    TopicTicket.objects.all().delete()
    topics = []
    links: tuple[list[int], list[int]] = ([], [])
    for star, messages in found:
        topic = known.pop(_same(messages, before, known), None) or Topic()
        topic.middle_id, topic.pieces = ids[star.middle], signatures.of_row(star.middle).tolist()
        _fill(topic, messages, [texts[one.id] for one in _named_by(messages)], common, at)
        topics.append(topic)
    Topic.objects.bulk_create(topics, update_conflicts=True, unique_fields=["id"], update_fields=_FILLED)
    for topic, (_, messages) in zip(topics, found, strict=True):
        links[0].extend(one.id for one in messages)
        links[1].extend([topic.pk] * len(messages))
    rows.later(_LINKS, links)
    return sum(topic.is_rising for topic in topics)


def _before(tickets: Sequence[int]) -> dict[int, int]:
    return dict(rows.fetch(_BEFORE, [tickets]))


def _named_by(messages: Sequence[_Message]) -> Sequence[_Message]:
    """The last of them; their texts are opened to name the topic."""
    return messages[-_naming.READ_MAX :]


def _texts(found: _Found) -> dict[int, str]:
    wanted = [one.id for _, messages in found for one in _named_by(messages)]
    return {one: unseal(bytes(content)).decode() for one, content in rows.fetch(_CONTENTS, [wanted])}


def _same(messages: Sequence[_Message], before: dict[int, int], free: Mapping[int, Topic]) -> int:
    """The topic that most of these messages were behind before, of those still free; 0 where there was none."""
    votes = Counter(before[one.id] for one in messages if one.id in before and before[one.id] in free)
    best = min(votes, key=lambda topic: (-votes[topic], topic), default=0)
    return best if best and 2 * votes[best] >= sum(one.id in before for one in messages) else 0


def _fill(topic: Topic, messages: Sequence[_Message], texts: Sequence[str], common: Seen, at: datetime) -> None:
    weeks = [0] * WEEKS
    for age, count in Counter((at - one.received_at).days // 7 for one in messages).items():
        if age in range(WEEKS):
            weeks[age] = count
    trend = _rising.rising(weeks[0], sum(weeks[1:]))
    topic.category = _most([one.category for one in messages if one.category])
    topic.region_code = _region([one.region_code for one in messages])
    topic.name = _name(texts, len(messages), topic.category, common)
    topic.tickets, topic.callers = len(messages), callers(messages)
    topic.weeks = weeks[::-1]
    topic.chance_ppm, topic.is_rising = round(trend.chance * 1_000_000), trend.is_rising
    topic.first_at, topic.last_at = messages[0].received_at, messages[-1].received_at
    topic.found_at, topic.is_current = at, True


def _name(texts: Sequence[str], count: int, category: str, common: Seen) -> str:
    return (
        _naming.name_of(texts, lambda words, shares: common.rarities(words, [round(share * count) for share in shares]))
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
