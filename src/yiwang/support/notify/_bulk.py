"""One message to a thousand parties at once: a few questions for all, rows by COPY, texts five hundred to an outside message."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import NoSuchSystem
from yiwang.support.notify import _reach, _routing, queries
from yiwang.support.notify._reach import Reach
from yiwang.support.notify.contracts import Channel, State
from yiwang.support.notify.kinds import MessagePolicy, MessageTemplate
from yiwang.support.notify.models import Campaign, Delivery, Message

REFERENCE = "t-"
TEXTS_AT_ONCE = 500

Wording = dict[str, dict[str, str]]


def send(
    body: MessageTemplate,
    wording: Wording,
    lines: Mapping[int, int],
    campaign: Campaign,
    *,
    by: Actor,
    at: datetime,
) -> dict[int, int]:
    """The message of each line, by the party of whom it is; the rules are those of one message (`_routing.fate`)."""
    policy = queries.policy() if body.leaves else None
    reaches = _reach.of(lines) if policy else _reach.choices_of(lines)
    kept = queries.kept_channels(body.category)
    made = {
        party: Message(
            key=f"{body.id}:campaign:{campaign.pk}"[:160],
            template=body.id,
            party_id=party,
            wording=wording,
            is_declined=not reaches[party].wants(body.category, "site", kept),
            org_id=campaign.org_id,
            campaign=campaign,
            created_at=at,
        )
        for party in lines
    }
    for row, key in zip(made.values(), rows.keys(Message, len(made)), strict=True):
        row.pk = key
    rows.copy_in(list(made.values()))
    if policy:
        _go_out(list(made.values()), reaches, campaign, policy, by=by, at=at)
    return {lines[party]: row.pk for party, row in made.items()}


def read_reference(text: str) -> tuple[int, int, int]:
    """Campaign, first and last delivery of an outside message of many texts; zeros for what is none."""
    parts = text.removeprefix(REFERENCE).split("-")
    is_ours = text.startswith(REFERENCE) and len(parts) == 3 and all(part.isdecimal() for part in parts)
    return (int(parts[0]), int(parts[1]), int(parts[2])) if is_ours else (0, 0, 0)


def _go_out(
    made: Sequence[Message],
    reaches: Mapping[int, Reach],
    campaign: Campaign,
    policy: MessagePolicy,
    *,
    by: Actor,
    at: datetime,
) -> None:
    deliveries = _routing.chosen(made, reaches, policy)
    for each, key in zip(deliveries, rows.keys(Delivery, len(deliveries)), strict=True):
        each.pk = key
    rows.copy_in(deliveries)
    waiting = [each for each in deliveries if each.state == State.WAITING]
    _texts([each for each in waiting if each.channel == Channel.SMS], reaches, campaign, policy, by=by, at=at)
    for each in waiting:
        if each.channel == Channel.EMAIL:
            _routing.carry(each, reaches[each.message.party_id or 0], policy, by=by, at=at)


def _texts(
    waiting: Sequence[Delivery],
    reaches: Mapping[int, Reach],
    campaign: Campaign,
    policy: MessagePolicy,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Those that may go at the same time together: carriers take many at once, and answer for many at once."""
    by_time: dict[datetime, list[Delivery]] = defaultdict(list)
    for each in waiting:
        reach = reaches[each.message.party_id or 0]
        by_time[_routing.earliest(Channel.SMS, reach, policy, at)].append(each)
    for time, those in sorted(by_time.items()):
        for start in range(0, len(those), TEXTS_AT_ONCE):
            _push(those[start : start + TEXTS_AT_ONCE], reaches, campaign, policy, time, by=by, at=at)


def _push(
    those: Sequence[Delivery],
    reaches: Mapping[int, Reach],
    campaign: Campaign,
    policy: MessagePolicy,
    time: datetime,
    *,
    by: Actor,
    at: datetime,
) -> None:
    texts = [
        {
            "n": each.pk,
            "phone": str(each.address),
            "text": _routing.sms_text(
                each.message.wording[reaches[each.message.party_id or 0].language]["text"], policy
            ),
        }
        for each in those
    ]
    try:
        connectors.push(
            system=policy.channel,
            reference=f"{REFERENCE}{campaign.pk}-{those[0].pk}-{those[-1].pk}",
            subject="texts",
            data={"texts": texts},
            consumer="notify",
            about=f"campaign:{campaign.pk}",
            not_before=time,
            by=by,
            at=at,
        )
    except NoSuchSystem:
        numbers = [each.pk for each in those]
        Delivery.objects.filter(pk__in=numbers).update(state=State.FAILED, trouble="no-channel")
