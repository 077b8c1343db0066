"""Taking tickets down: each looked at, once for a sender's key, their cases opened; one by one or many together."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import rows, throttle
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, YiwangError
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.idempotency import KeyReused
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import CaseToOpen, CaseView
from yiwang.kernel.orgs.contracts import OrgView
from yiwang.services.hotline import _intake, _policy, _sketch
from yiwang.services.hotline._views import as_view
from yiwang.services.hotline.contracts import (
    KIND,
    KIND_NAMES,
    BadTicket,
    Caller,
    Channel,
    NewTicket,
    NotForThisPost,
    Spot,
    TicketKind,
    TicketView,
)
from yiwang.services.hotline.models import Ticket

TAKE = "hotline.take"
PHOTO = "photo"
MANY_MAX = 500
_TOGETHER = 100
"""So many are one transaction: who takes one call down waits for its number meanwhile."""
_DAY_PLACES = Decimal("0.000001")
_PEOPLE = frozenset({ActorKind.RESIDENT, ActorKind.AGENT, ActorKind.ANONYMOUS})
_SENDERS = frozenset({ActorKind.ANONYMOUS, ActorKind.MACHINE})
"""Who may not open a case themselves; the system does it for them."""
_LOCK_ONE = "SELECT pg_advisory_xact_lock_shared(%s), pg_advisory_xact_lock(%s)"
_LOCK_MANY = "SELECT pg_advisory_xact_lock(%s)"
_BY_KEY = "SELECT intake_key, intake_digest, number FROM hotline_ticket WHERE intake_key = ANY(%s)"
_BY_EXTERNAL = (
    "SELECT external_source, external_number, number FROM hotline_ticket WHERE external_number <> '' "
    "AND (external_source, external_number) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
)


@rows.action
def take(*, by: Actor, at: datetime, **said: Any) -> TicketView:
    """Take one thing down and open its case; `said` is what a `NewTicket` holds. What was taken down before is answered again.

    A 举报 is opened by the system and without applicant: neither its case nor its history names who sent it.
    Raises BadTicket, NotForThisPost, NotPermitted, KeyReused, TooOften.
    """
    (answer,) = _answers([NewTicket(**said)], by, at)
    if isinstance(answer, YiwangError):
        raise answer
    return answer


def take_many(*, tickets: Sequence[NewTicket], by: Actor, at: datetime) -> list[TicketView | YiwangError]:
    """Take down what somebody hands over for many callers, in the order given: each ticket, or why it was refused.

    A hundred are one transaction; what is sent again is answered again. Raises NotForThisPost for people, BadTicket for too many.
    """
    if by.kind in _PEOPLE:
        raise NotForThisPost("您不能成批提交诉求。", hint="请一件一件填写。")
    if len(tickets) > MANY_MAX:
        raise BadTicket(f"一次最多{MANY_MAX}件。", hint="请分几次提交。")
    parts = [tickets[begin : begin + _TOGETHER] for begin in range(0, len(tickets), _TOGETHER)]
    return [answer for part in parts for answer in _part(part, by, at)]


def repeated(
    *,
    kind: TicketKind,
    channel: Channel,
    content: str,
    caller: Caller,
    spot: Spot,
    key: str,
    by: Actor,
    at: datetime,
    **_more: object,
) -> TicketView | None:
    """The ticket that this very sending brought before; None for a new one. Raises KeyReused."""
    if not key:
        return None
    own_key = _intake.key_of(by, channel, key)
    _lock([own_key], by)
    known = _known([own_key], [])
    if own_key not in known:
        return None
    _require_same(known[own_key], _intake.digest_of(kind, content, caller, spot, ("", "")))
    return _views([known[own_key].number])[known[own_key].number]


@dataclass(frozen=True, slots=True)
class _Sound:
    """What can be taken down."""

    said: NewTicket
    region: str
    office: OrgView
    key: str
    digest: str
    is_secret: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """Where the ticket of a key is: in the books by its number, or in this sending at a place."""

    digest: str
    number: str = ""
    place: int = 0


_Outer = tuple[str, str]


@rows.action
def _part(tickets: Sequence[NewTicket], by: Actor, at: datetime) -> list[TicketView | YiwangError]:
    return _answers(tickets, by, at)


def _answers(tickets: Sequence[NewTicket], by: Actor, at: datetime) -> list[TicketView | YiwangError]:
    sound: list[_Sound | YiwangError] = [_looked_at(said, by, at) for said in tickets]
    good = [one for one in sound if isinstance(one, _Sound)]
    _lock([one.key for one in good], by)
    known = _known([one.key for one in good], [one.said.external for one in good if one.said.external[1]])
    fresh: list[_Sound] = []
    found = [_sorted(one, known, fresh) if isinstance(one, _Sound) else one for one in sound]
    taken = _taken(fresh, by, at)
    before = _views([one.number for one in found if isinstance(one, _Known) and one.number])
    return [
        one if isinstance(one, YiwangError) else before[one.number] if one.number else taken[one.place] for one in found
    ]


def _looked_at(said: NewTicket, by: Actor, at: datetime) -> _Sound | YiwangError:
    """Why it cannot be taken down, otherwise what is needed to."""
    try:
        _intake.require_channel(said.channel, by)
        received = said.received_at or at
        _intake.require_sound(said.content, said.caller, said.spot, said.category, received, len(said.photos), at)
        if not said.key:
            raise BadTicket("缺少提交标识。", hint="请刷新页面后重新提交。")
        region = _intake.region_of(said.spot)
        office = _intake.office_of(region)
        if by.kind is ActorKind.STAFF:
            rows.remember((TAKE, by.account_id, office.id), lambda: access.require(by, TAKE, at_org=office.id))
    except YiwangError as wrong:
        return wrong
    digest = _intake.digest_of(said.kind, said.content, said.caller, said.spot, said.external)
    is_secret = said.kind in _policy.policy().confidential or bool(said.confidential)
    return _Sound(said, region, office, _intake.key_of(by, said.channel, said.key), digest, is_secret)


def _lock(keys: Sequence[str], by: Actor) -> None:
    """The same key twice at the same moment goes one after the other, whether alone or among many of its sender."""
    sender = _number_of(_intake.key_of(by, Channel.IMPORT, "sender"))
    if len(keys) == 1:
        rows.ask((_LOCK_ONE, [sender, _number_of(keys[0])]))
    elif keys:
        rows.ask((_LOCK_MANY, [sender]))


def _known(keys: Sequence[str], externals: Sequence[_Outer]) -> dict[str | _Outer, _Known]:
    """The tickets that these keys, or what these sources call them, brought before."""
    found: dict[str | _Outer, _Known] = {}
    if externals:
        sources, numbers = zip(*externals, strict=True)
        for source, outer, number in rows.fetch(_BY_EXTERNAL, [list(sources), list(numbers)]):
            found[source, outer] = _Known("", number)
    for key, digest, number in rows.fetch(_BY_KEY, [list(keys)]):
        found[key] = _Known(digest, number)
    return found


def _sorted(one: _Sound, known: dict[str | _Outer, _Known], fresh: list[_Sound]) -> _Known | YiwangError:
    """Where its ticket is; what nobody brought before is put with the `fresh`."""
    outer = one.said.external if one.said.external[1] else None
    if one.key in known:
        try:
            _require_same(known[one.key], one.digest)
        except KeyReused as wrong:
            return wrong
        return known[one.key]
    if outer not in known:
        where = _Known(one.digest, place=len(fresh))
        fresh.append(one)
        known[one.key] = where
        if outer:
            known[outer] = where
        return where
    return known[outer]


def _require_same(known: _Known, digest: str) -> None:
    if known.digest != digest:
        raise KeyReused("同一份提交的内容前后不一致。", hint="请刷新页面后重新提交。")


def _views(numbers: Sequence[str]) -> dict[str, TicketView]:
    if not numbers:
        return {}
    return {row.number: as_view(row) for row in Ticket.objects.filter(number__in=numbers).select_related("case")}


def _taken(fresh: Sequence[_Sound], by: Actor, at: datetime) -> list[TicketView]:
    if not fresh:
        return []
    for one in fresh:
        _within_allowance(one.said.caller, by, at)
    # People send one at a time, so who opens one opens all.
    opener = SYSTEM if (fresh[0].is_secret and by.kind in _PEOPLE) or by.kind in _SENDERS else by
    cases = engine.open_many(
        kind=KIND, flow=_policy.policy().flow, cases=[_case(one, by) for one in fresh], by=opener, at=at
    )
    keys = rows.keys(Ticket, len(fresh))
    made = [_row(key, one, case, by, at) for key, one, case in zip(keys, fresh, cases, strict=True)]
    for row, one, case in zip(made, fresh, cases, strict=True):
        rows.insert(row)
        detail = {"channel": row.channel, "kind": row.kind}
        audit.record("hotline.ticket.taken", target=f"case:{case.number}", by=opener, at=at, detail=detail)
        for file_id in one.said.photos:
            engine.attach(case_id=case.id, file_id=file_id, role=PHOTO, title="现场照片", by=SYSTEM, at=at)
    publish("hotline.tickets.taken", {"ticket_ids": keys}, at=at)
    return [as_view(row, case) for row, case in zip(made, cases, strict=True)]


def _case(one: _Sound, by: Actor) -> CaseToOpen:
    said = one.said
    topic = _policy.tree().name(said.category) or "待分类"
    return CaseToOpen(
        title=f"{KIND_NAMES[said.kind]}：{topic}"[:200],
        org_id=one.office.id,
        region_code=one.region,
        applicant_id=_party(one, by),
        subject="" if one.is_secret else said.caller.name,
        data={
            "kind": said.kind.value,
            "category": said.category,
            "content": said.content.strip(),
            "place": said.spot.words.strip(),
            "lon": str(said.spot.lon or ""),
            "lat": str(said.spot.lat or ""),
            "region_code": one.region,
            "grid_code": said.spot.grid_code,
        },
    )


def _row(key: int, one: _Sound, case: CaseView, by: Actor, at: datetime) -> Ticket:
    said, caller, is_open = one.said, one.said.caller, not one.is_secret
    numbers = _sketch.sketch(said.content)
    informs = by.acting_for if one.is_secret and by.kind in _PEOPLE else None
    return Ticket(
        pk=key,
        case_id=case.id,
        number=case.number,
        org_id=one.office.id,
        kind=said.kind.value,
        channel=said.channel.value,
        category=said.category,
        content=said.content.strip(),
        caller=asdict(caller),
        phone_index=sealed_index(_intake.phone_of(caller.phone)) if is_open and caller.phone else "",
        party_id=_party(one, by),
        informant_index=_intake.informant(informs) if informs else "",
        place=said.spot.words.strip() or None,
        lon=_rounded(said.spot.lon),
        lat=_rounded(said.spot.lat),
        region_code=one.region,
        grid_code=said.spot.grid_code,
        urgency=said.urgency.value,
        external_source=said.external[0],
        external_number=said.external[1],
        intake_key=one.key,
        intake_digest=one.digest,
        received_at=said.received_at or at,
        is_confidential=one.is_secret,
        sketch=numbers,
        bands=_sketch.bands(numbers),
    )


def _party(one: _Sound, by: Actor) -> int | None:
    return by.acting_for if not one.is_secret and by.kind in _PEOPLE else None


def _within_allowance(caller: Caller, by: Actor, at: datetime) -> None:
    """One number, or one account, brings in no more than so many a day; operators and imports are not counted."""
    if by.kind not in _PEOPLE:
        return
    who = str(by.acting_for or "") or _intake.phone_of(caller.phone)
    if who:
        most = _policy.policy().a_phone_a_day
        throttle.count("hotline", who, at=at, most=most, window=throttle.KEPT)


def _number_of(key: str) -> int:
    return int(key[:15], 16)


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_DAY_PLACES)
