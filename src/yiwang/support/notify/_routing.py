"""A message leaves the site: by which channels, within a day's measure, not at night, as its reader chose; and on the next channel when one fails."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.workdays.queries import day_begins, legal_day
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors.contracts import NoSuchSystem
from yiwang.support.notify import _clock, _mail, queries
from yiwang.support.notify._reach import Reach, of_one
from yiwang.support.notify.contracts import Channel, State
from yiwang.support.notify.kinds import MessagePolicy, MessageTemplate
from yiwang.support.notify.models import Delivery, Message

REFERENCE = "d-"
# What did not go out uses up nothing and stands in nobody's way.
UNSENT = frozenset({State.HELD, State.JOINED, State.DECLINED, State.NO_ADDRESS})
LOST = frozenset({State.FAILED, State.UNDELIVERED, State.DECLINED, State.NO_ADDRESS})


class Recent(NamedTuple):
    """Something that went to an address a while ago."""

    at: datetime
    template: str
    case_number: str
    key: str


def go_out(row: Message, body: MessageTemplate, reach: Reach, *, by: Actor, at: datetime) -> None:
    """Queue it with the transaction on each channel of its template, or on those that follow where one cannot be."""
    policy = queries.policy()
    if policy is None:
        return
    for name in body.channels:
        if name != "site":
            _try_in_order(row, body, reach, Channel(name), policy, by=by, at=at)


def fall_back(lost: Delivery, *, by: Actor, at: datetime) -> None:
    """What did not arrive goes on the next channel of the place's order, unless it has been there."""
    policy, row = queries.policy(), lost.message
    body = queries.find_template(row.template)
    if policy is None or body is None or row.party_id is None:
        return
    following = after(Channel(lost.channel), policy)
    if following is not None:
        _try_in_order(row, body, of_one(row.party_id), following, policy, by=by, at=at)


def send_again(lost: Delivery, *, by: Actor, at: datetime) -> None:
    """Once more on the same channel, to today's address, whatever was sent meanwhile."""
    policy, row = queries.policy(), lost.message
    if policy is None or row.party_id is None:
        return
    reach = of_one(row.party_id)
    lost.address = reach.address(Channel(lost.channel)) or lost.address
    lost.address_index = sealed_index(str(lost.address))
    lost.state, lost.trouble, lost.again, lost.changed_at = State.WAITING, "", lost.again + 1, at
    lost.save(update_fields=["address", "address_index", "state", "trouble", "again", "changed_at"])
    carry(lost, reach, policy, is_urgent=False, by=by, at=at)


def fate(
    reach: Reach,
    channel: Channel,
    template: MessageTemplate,
    kept: Iterable[str],
    recent: Sequence[Recent],
    row: Message,
    policy: MessagePolicy,
    at: datetime,
) -> State:
    """What becomes of a message on a channel before it leaves; pure."""
    if not reach.wants(template.category, channel, kept):
        return State.DECLINED
    if not reach.address(channel):
        return State.NO_ADDRESS
    if any(each.key == row.key for each in recent):
        return State.JOINED
    if template.is_urgent:
        return State.WAITING
    near = at - timedelta(minutes=policy.join_minutes)
    if row.case_number and any(
        each.at > near and (each.template, each.case_number) == (row.template, row.case_number) for each in recent
    ):
        return State.JOINED
    midnight = day_begins(legal_day(at))
    is_enough = sum(each.at >= midnight for each in recent) >= policy.per_day
    return State.HELD if is_enough else State.WAITING


def earliest(channel: Channel, reach: Reach, policy: MessagePolicy, at: datetime) -> datetime:
    """When it may go: a text message not in the place's night, nothing in its reader's own."""
    stretches = [(policy.quiet_from, policy.quiet_until)] if channel is Channel.SMS else []
    return _clock.wake(at, *stretches, *([reach.quiet] if reach.quiet else []))


def reference(row: Delivery) -> str:
    return f"{REFERENCE}{row.pk}-{row.again}"


def read_reference(text: str) -> tuple[int, int]:
    """Which delivery, and which sending of it; (0, 0) for what is none."""
    number, _, again = text.removeprefix(REFERENCE).partition("-")
    is_ours = text.startswith(REFERENCE) and number.isdecimal() and again.isdecimal()
    return (int(number), int(again)) if is_ours else (0, 0)


def sms_text(words: str, policy: MessagePolicy) -> str:
    return f"【{policy.sign}】{words}"


def _try_in_order(
    row: Message, body: MessageTemplate, reach: Reach, first: Channel, policy: MessagePolicy, *, by: Actor, at: datetime
) -> None:
    """From one channel on until it goes out on one, or stands still by a rule that holds for all."""
    channel: Channel | None = first
    been = set(Delivery.objects.filter(message=row).values_list("channel", flat=True))
    while channel is not None and channel not in been:
        if channel is Channel.EMAIL and policy.mail is None:
            return
        if _one(row, body, reach, channel, policy, by=by, at=at) not in LOST:
            return
        channel = after(channel, policy)


def _one(
    row: Message,
    body: MessageTemplate,
    reach: Reach,
    channel: Channel,
    policy: MessagePolicy,
    *,
    by: Actor,
    at: datetime,
) -> State:
    address = reach.address(channel)
    index = sealed_index(address) if address else ""
    kept = queries.kept_channels(body.category)
    state = fate(reach, channel, body, kept, _recent(index, policy, at) if index else (), row, policy, at)
    made = Delivery.objects.create(
        message=row,
        channel=channel,
        address=address or None,
        address_index=index,
        state=state,
        created_at=at,
        changed_at=at,
    )
    if state is State.WAITING:
        carry(made, reach, policy, is_urgent=body.is_urgent, by=by, at=at)
    return State(made.state)


def carry(made: Delivery, reach: Reach, policy: MessagePolicy, *, is_urgent: bool, by: Actor, at: datetime) -> None:
    """Hand it to the outside system of its channel."""
    channel, row = Channel(made.channel), made.message
    system, data = _content(made, reach, policy)
    try:
        connectors.push(
            system=system,
            reference=reference(made),
            subject="text" if channel is Channel.SMS else "mail",
            data=data,
            consumer="notify",
            about=row.case_number,
            not_before=at if is_urgent else earliest(channel, reach, policy, at),
            by=by,
            at=at,
        )
    except NoSuchSystem:
        made.state, made.trouble = State.FAILED, "no-channel"
        Delivery.objects.filter(pk=made.pk).update(state=made.state, trouble=made.trouble)


def _content(made: Delivery, reach: Reach, policy: MessagePolicy) -> tuple[str, dict[str, Any]]:
    row = made.message
    wording = row.wording[reach.language]
    if made.channel == Channel.SMS or policy.mail is None:
        return policy.channel, {"phone": str(made.address), "text": sms_text(wording["text"], policy)}
    body = queries.find_template(row.template)
    stop = _mail.stop_token(row.party_id or 0, body.category if body else "")
    letter = _mail.letter(
        wording,
        to=str(made.address),
        policy=policy,
        mail=policy.mail,
        language=reach.language,
        site=queries.site(reach.site),
        stop=stop,
    )
    return policy.mail.system, letter


def since(policy: MessagePolicy, at: datetime) -> datetime:
    """From when on what went to an address counts."""
    return min(day_begins(legal_day(at)), at - timedelta(minutes=policy.join_minutes))


def _recent(index: str, policy: MessagePolicy, at: datetime) -> list[Recent]:
    found = Delivery.objects.filter(address_index=index, created_at__gte=since(policy, at)).exclude(state__in=UNSENT)
    names = ("created_at", "message__template", "message__case_number", "message__key")
    return [Recent(*each) for each in found.order_by("-created_at").values_list(*names)[: policy.per_day + 100]]


def after(channel: Channel, policy: MessagePolicy) -> Channel | None:
    names = list(policy.order)
    place = names.index(channel.value) + 1 if channel.value in names else len(names)
    return Channel(names[place]) if place < len(names) else None
