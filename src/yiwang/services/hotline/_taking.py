"""Taking a ticket down: looked at, once for a sender's key, its case opened."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind
from yiwang.kernel.base.events import publish
from yiwang.kernel.base.idempotency import KeyReused
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.hotline import _intake, _policy, _sketch, queries
from yiwang.services.hotline.contracts import (
    KIND,
    KIND_NAMES,
    BadTicket,
    Caller,
    Channel,
    Spot,
    TicketKind,
    TicketView,
    Urgency,
)
from yiwang.services.hotline.models import Ticket

TAKE = "hotline.take"
PHOTO = "photo"
_DAY_PLACES = Decimal("0.000001")
_PEOPLE = frozenset({ActorKind.RESIDENT, ActorKind.AGENT, ActorKind.ANONYMOUS})


@transaction.atomic
def take(
    *,
    kind: TicketKind,
    channel: Channel,
    content: str,
    caller: Caller,
    spot: Spot,
    key: str,
    category: str = "",
    urgency: Urgency = Urgency.NORMAL,
    external: tuple[str, str] = ("", ""),
    received_at: datetime | None = None,
    photos: Sequence[int] = (),
    confidential: bool | None = None,
    by: Actor,
    at: datetime,
) -> TicketView:
    """Take one thing down and open its case; the same `key` of the same sender, or the same `external` number, once.

    A 举报 is opened by the system and without applicant: neither its case nor its history names who sent it.
    Raises BadTicket, NotForThisPost, NotPermitted, KeyReused, TooOften.
    """
    received = received_at or at
    _intake.require_channel(channel, by)
    _intake.require_sound(content, caller, spot, category, received, len(photos), at)
    if not key:
        raise BadTicket("缺少提交标识。", hint="请刷新页面后重新提交。")
    region = _intake.region_of(spot)
    office = _intake.office_of(region)
    if by.kind is ActorKind.STAFF:
        access.require(by, TAKE, at_org=office.id)
    own_key, digest = _intake.key_of(by, channel, key), _intake.digest_of(kind, content, caller, spot, external)
    if (known := _known(own_key, digest, external)) is not None:
        return known
    _within_allowance(caller, by, at)
    is_secret = kind in _policy.policy().confidential or bool(confidential)
    opener = SYSTEM if (is_secret and by.kind in _PEOPLE) or by.kind in _SENDERS else by
    party_id = None if is_secret or by.kind not in _PEOPLE else by.acting_for
    facts = {"kind": kind.value, "category": category, "content": content.strip(), "place": spot.words.strip()}
    facts |= {
        "lon": str(spot.lon or ""),
        "lat": str(spot.lat or ""),
        "region_code": region,
        "grid_code": spot.grid_code,
    }
    name = "" if is_secret else caller.name
    case = _open(kind, category, office.id, region, party_id, name, facts, by=opener, at=at)
    numbers = _sketch.sketch(content)
    row = Ticket(
        case_id=case.id,
        number=case.number,
        org_id=office.id,
        kind=kind.value,
        channel=channel.value,
        category=category,
        content=content.strip(),
        caller=asdict(caller),
        phone_index="" if is_secret or not caller.phone else sealed_index(_intake.phone_of(caller.phone)),
        party_id=party_id,
        informant_index=_intake.informant(by.acting_for) if is_secret and by.kind in _PEOPLE and by.acting_for else "",
        place=spot.words.strip() or None,
        lon=_rounded(spot.lon),
        lat=_rounded(spot.lat),
        region_code=region,
        grid_code=spot.grid_code,
        urgency=urgency.value,
        external_source=external[0],
        external_number=external[1],
        intake_key=own_key,
        intake_digest=digest,
        received_at=received,
        is_confidential=is_secret,
        sketch=numbers,
        bands=_sketch.bands(numbers),
    )
    row.save(force_insert=True)
    for file_id in photos:
        engine.attach(case_id=case.id, file_id=file_id, role=PHOTO, title="现场照片", by=SYSTEM, at=at)
    detail = {"channel": channel.value, "kind": kind.value}
    audit.record("hotline.ticket.taken", target=f"case:{case.number}", by=opener, at=at, detail=detail)
    publish("hotline.ticket.taken", {"ticket_id": row.pk, "case_id": case.id, "kind": kind.value}, at=at)
    return queries.view(case.number)


_SENDERS = frozenset({ActorKind.ANONYMOUS, ActorKind.MACHINE})
"""Who may not open a case themselves; the system does it for them."""


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
    digest = _intake.digest_of(kind, content, caller, spot, ("", ""))
    return _known(_intake.key_of(by, channel, key), digest, ("", "")) if key else None


def _known(own_key: str, digest: str, external: tuple[str, str]) -> TicketView | None:
    """The ticket that this sender, or that source, brought before. Raises KeyReused."""
    with connection.cursor() as cursor:
        # Two identical sendings at the same moment go one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(own_key[:15], 16)])
    row = Ticket.objects.filter(intake_key=own_key).only("number", "intake_digest").first()
    if row is not None:
        if row.intake_digest != digest:
            raise KeyReused("同一份提交的内容前后不一致。", hint="请刷新页面后重新提交。")
        return queries.view(row.number)
    if external[1]:
        row = Ticket.objects.filter(external_source=external[0], external_number=external[1]).only("number").first()
    return queries.view(row.number) if row else None


def _within_allowance(caller: Caller, by: Actor, at: datetime) -> None:
    """One number, or one account, brings in no more than so many a day; operators and imports are not counted."""
    if by.kind not in _PEOPLE:
        return
    who = str(by.acting_for or "") or _intake.phone_of(caller.phone)
    if who:
        most = _policy.policy().a_phone_a_day
        throttle.count("hotline", who, at=at, most=most, window=throttle.KEPT)


def _open(
    kind: TicketKind,
    category: str,
    org_id: int,
    region_code: str,
    party_id: int | None,
    subject: str,
    facts: dict[str, str],
    *,
    by: Actor,
    at: datetime,
) -> CaseView:
    topic = _policy.tree().name(category) or "待分类"
    return engine.open_case(
        kind=KIND,
        flow=_policy.policy().flow,
        title=f"{KIND_NAMES[kind]}：{topic}"[:200],
        org_id=org_id,
        region_code=region_code,
        applicant_id=party_id,
        subject=subject,
        data=facts,
        limits={},
        by=by,
        at=at,
    )


def _rounded(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_DAY_PLACES)
