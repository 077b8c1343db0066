"""A message leaves the site: by which channels, within a day's measure, not at night, as its reader chose; and on the next channel when one fails."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from yiwang.kernel.base import rows
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
_RECENT = (
    "SELECT d.address_index, d.created_at, m.template, m.case_number, m.key "
    "FROM notify_delivery d JOIN notify_message m ON m.id = d.message_id "
    "WHERE d.address_index = ANY(%s) AND d.created_at >= %s AND d.state <> ALL(%s)"
)
LOST = frozenset({State.FAILED, State.UNDELIVERED, State.DECLINED, State.NO_ADDRESS})


class Recent(NamedTuple):
    """Something that went to an address a while ago."""

    at: datetime
    template: str
    case_number: str
    key: str


def go_out(made: Sequence[Message], reaches: Mapping[int, Reach], *, by: Actor) -> None:
    """Queue them with the transaction on each channel of their templates, or on those that follow where one cannot be."""
    policy = queries.policy()
    if policy is not None:
        _leave(chosen(made, reaches, policy), reaches, policy, by=by)


def fall_back(lost: Delivery, *, by: Actor, at: datetime) -> None:
    """What did not arrive goes on the next channel of the place's order, unless it has been there."""
    policy, row = queries.policy(), lost.message
    body = queries.find_template(row.template)
    if policy is None or body is None or row.party_id is None:
        return
    following = after(Channel(lost.channel), policy)
    if following is not None:
        reach = of_one(row.party_id)
        been = set(Delivery.objects.filter(message=row).values_list("channel", flat=True))
        past = recent([reach], policy, at)
        _leave(_in_order(row, body, reach, following, been, past, policy, at), {reach.party_id: reach}, policy, by=by)


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
    carry(lost, reach, policy, by=by, at=at)


def chosen(made: Sequence[Message], reaches: Mapping[int, Reach], policy: MessagePolicy) -> list[Delivery]:
    """On which channels each of them goes, or why not, in the order in which they were made."""
    leaving = [(row, body) for row in made if row.party_id and (body := queries.template(row.template)).leaves]
    if not leaving:
        return []
    past = recent([reaches[row.party_id or 0] for row, _ in leaving], policy, min(row.created_at for row, _ in leaving))
    found: list[Delivery] = []
    for row, body in leaving:
        been: set[str] = set()
        for name in body.channels:
            if name != "site":
                reach = reaches[row.party_id or 0]
                found += _in_order(row, body, reach, Channel(name), been, past, policy, row.created_at)
    return found


def recent(reaches: Iterable[Reach], policy: MessagePolicy, at: datetime) -> dict[str, list[Recent]]:
    """What went to each of their addresses of late, by its index, in one question."""
    indexes = [sealed_index(address) for reach in reaches for address in (reach.phone, reach.email) if address]
    past: dict[str, list[Recent]] = defaultdict(list)
    if indexes:
        for index, *said in rows.fetch(_RECENT, [sorted(set(indexes)), since(policy, at), sorted(UNSENT)]):
            past[index].append(Recent(*said))
    return past


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


def _in_order(
    row: Message,
    body: MessageTemplate,
    reach: Reach,
    first: Channel,
    been: set[str],
    past: dict[str, list[Recent]],
    policy: MessagePolicy,
    at: datetime,
) -> list[Delivery]:
    """From one channel on until it goes out on one, or stands still by a rule that holds for all."""
    made: list[Delivery] = []
    kept = queries.kept_channels(body.category)
    channel: Channel | None = first
    while channel is not None and channel not in been and not (channel is Channel.EMAIL and policy.mail is None):
        been.add(channel)
        address = reach.address(channel)
        index = sealed_index(address) if address else ""
        state = fate(reach, channel, body, kept, past.get(index, ()), row, policy, at)
        made.append(
            Delivery(
                message=row,
                channel=channel.value,
                address=address or None,
                address_index=index,
                state=state.value,
                created_at=at,
                changed_at=at,
            )
        )
        if state is State.WAITING:
            past.setdefault(index, []).append(Recent(at, row.template, row.case_number, row.key))
        if state not in LOST:
            break
        channel = after(channel, policy)
    return made


def _leave(made: Sequence[Delivery], reaches: Mapping[int, Reach], policy: MessagePolicy, *, by: Actor) -> None:
    """Keep what was chosen, and hand over what is to go now."""
    waiting = [each for each in made if each.state == State.WAITING]
    for each, key in zip(waiting, rows.keys(Delivery, len(waiting)), strict=True):
        each.pk = key
    for each in made:
        rows.insert(each)
    for each in waiting:
        reach = reaches[each.message.party_id or 0]
        if not carry(each, reach, policy, by=by, at=each.created_at):
            fall_back(each, by=by, at=each.created_at)


def carry(made: Delivery, reach: Reach, policy: MessagePolicy, *, by: Actor, at: datetime) -> bool:
    """Hand it to the outside system of its channel; False where the place has none."""
    channel, row = Channel(made.channel), made.message
    body = queries.find_template(row.template)
    system, data = _content(made, body, reach, policy)
    is_urgent = made.again == 0 and body is not None and body.is_urgent
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
        return False
    return True


def _content(
    made: Delivery, body: MessageTemplate | None, reach: Reach, policy: MessagePolicy
) -> tuple[str, dict[str, Any]]:
    row = made.message
    wording = row.wording[reach.language]
    if made.channel == Channel.SMS or policy.mail is None:
        return policy.channel, {"phone": str(made.address), "text": sms_text(wording["text"], policy)}
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


def after(channel: Channel, policy: MessagePolicy) -> Channel | None:
    names = list(policy.order)
    place = names.index(channel.value) + 1 if channel.value in names else len(names)
    return Channel(names[place]) if place < len(names) else None
