"""What is looked at before a ticket is taken: its words, its place and time, who may send it this way."""

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, ActorKind, Place
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.orgs.contracts import NobodyHandles, OrgView
from yiwang.services.hotline import _policy
from yiwang.services.hotline.contracts import BadTicket, Caller, Channel, NotForThisPost, Spot

CONTENT_MAX, PLACE_MAX, NAME_MAX, PHOTOS_MAX = 4000, 200, 60, 6
_PHONE = re.compile(r"\+?\d[\d-]{4,19}")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(minutes=10)
# Who may bring in what: people write themselves, operators take down, machines hand over.
_CHANNELS = {
    ActorKind.RESIDENT: {Channel.WEB, Channel.PHONE_APP},
    ActorKind.AGENT: {Channel.WEB, Channel.PHONE_APP},
    ActorKind.ANONYMOUS: {Channel.WEB, Channel.PHONE_APP},
    ActorKind.MACHINE: {Channel.OPEN311, Channel.POLICE},
    ActorKind.STAFF: {Channel.PHONE, Channel.LETTER, Channel.POLICE, Channel.RATING},
    ActorKind.SYSTEM: set(Channel),
}


def require_channel(channel: Channel, by: Actor) -> None:
    """Raises NotForThisPost."""
    if channel not in _CHANNELS[by.kind]:
        raise NotForThisPost("您不能从这个渠道提交诉求。", hint="请用网页或手机填写，或拨打12345。")


def require_sound(
    content: str, caller: Caller, spot: Spot, category: str, received_at: datetime, photos: int, at: datetime
) -> None:
    """Raises BadTicket with every place that is wrong."""
    wrong = [
        *_words(content, caller),
        *_place(spot),
        *([] if not category or _policy.tree().name(category) else [Place("category", "没有这个分类，请重新选择。")]),
        *([Place("photos", f"照片最多{PHOTOS_MAX}张。")] if photos > PHOTOS_MAX else []),
    ]
    if not _EARLIEST <= received_at <= at + _AHEAD:
        wrong.append(Place("received_at", "时间不对，请填写实际收到的时间。"))
    if wrong:
        raise BadTicket("有内容要改正。", places=wrong, hint="请看标出的地方。")


def phone_of(text: str) -> str:
    """A telephone as it is stored: digits only."""
    return re.sub(r"[^\d+]", "", text)


def region_of(spot: Spot) -> str:
    """The region a ticket belongs to; without one that of the hotline's own office. Raises BadTicket."""
    if spot.region_code:
        return spot.region_code
    kind = _policy.policy().office
    offices = rows.remember(("orgs.of_kind", kind), lambda: orgs.of_kind(kind))
    if not offices:
        raise BadTicket("这里没有开通热线。", hint="请拨打当地12345。")
    return offices[0].region_code


def office_of(region_code: str) -> OrgView:
    """The hotline's office for a region. Raises BadTicket."""
    try:
        kind = _policy.policy().office
        return rows.remember(("orgs.handling", kind, region_code), lambda: orgs.handling(kind, region_code))
    except NobodyHandles as nobody:
        raise BadTicket("这里没有开通热线。", hint="请拨打当地12345。") from nobody


def key_of(by: Actor, channel: Channel, key: str) -> str:
    """A sender's key as it is stored: nobody can go from it to the sender."""
    return sealed_index(f"hotline/{channel}/{by.kind}/{by.account_id or 0}/{by.acting_for or 0}/{key}")


def informant(party_id: int) -> str:
    """Finds a person's own 举报 for themselves; nobody else can go from it to them."""
    return sealed_index(f"hotline/informant/{party_id}")


def digest_of(*parts: object) -> str:
    """Tells whether a second sending says the same; keyed, for the words are somebody's."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return sealed_index(hashlib.sha256(text.encode()).hexdigest())


def _words(content: str, caller: Caller) -> list[Place]:
    wrong = []
    if not content.strip():
        wrong.append(Place("content", "请写要反映的事情。"))
    if len(content) > CONTENT_MAX:
        wrong.append(Place("content", f"请在{CONTENT_MAX}字以内写明。"))
    if caller.phone and not _PHONE.fullmatch(caller.phone.replace(" ", "")):
        wrong.append(Place("phone", "电话号码不对。"))
    if len(caller.name) > NAME_MAX:
        wrong.append(Place("name", f"姓名在{NAME_MAX}字以内。"))
    if len(caller.private) > CONTENT_MAX:
        wrong.append(Place("private", f"请在{CONTENT_MAX}字以内写明。"))
    return wrong


def _place(spot: Spot) -> list[Place]:
    wrong = []
    if len(spot.words) > PLACE_MAX:
        wrong.append(Place("place", f"地点在{PLACE_MAX}字以内。"))
    if (spot.lon is None) != (spot.lat is None):
        wrong.append(Place("place", "经度和纬度要一起填。"))
    if spot.lon is not None and spot.lat is not None and not _on_earth(spot.lon, spot.lat):
        wrong.append(Place("place", "位置不在地球上，请重新定位。"))
    if spot.region_code and not _is_region(spot.region_code):
        wrong.append(Place("region", "没有这个地方，请重新选择。"))
    if len(spot.grid_code) > 20:
        wrong.append(Place("place", "网格编码不对。"))
    return wrong


def _is_region(code: str) -> bool:
    return bool(rows.remember(("orgs.region", code), lambda: orgs.regions([code])))


def _on_earth(lon: Decimal, lat: Decimal) -> bool:
    return lon.is_finite() and lat.is_finite() and -180 <= lon <= 180 and -90 <= lat <= 90
