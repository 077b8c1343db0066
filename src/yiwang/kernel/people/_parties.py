"""Parties: what is wrong with their particulars, and the names of many."""

import re
import unicodedata
from collections.abc import Sequence

from django.utils.translation import gettext as _

from yiwang.kernel.base import rows
from yiwang.kernel.base.codes import is_id_number, is_mobile, is_uscc
from yiwang.kernel.base.contracts import Place
from yiwang.kernel.base.sealing import unseal
from yiwang.kernel.people.contracts import BadParty, IdType, PartyKind

_ANY_PHONE = re.compile(r"[\d-]{7,18}")
_DOCUMENT = re.compile(r"[A-Z0-9()-]{5,24}")
_PHONES = "SELECT id, phone FROM people_party WHERE id = ANY(%s::bigint[])"
_NAMES = "SELECT id, name FROM people_party WHERE id = ANY(%s::bigint[])"


def names_of(ids: Sequence[int]) -> dict[int, str]:
    return {party_id: unseal(bytes(name)).decode() for party_id, name in rows.fetch(_NAMES, [list(ids)])}


def phones_of(ids: Sequence[int]) -> dict[int, str]:
    found = rows.fetch(_PHONES, [list(ids)])
    return {party_id: unseal(bytes(phone)).decode() if phone is not None else "" for party_id, phone in found}


def party_mistakes(kind: PartyKind, name: str, id_type: IdType, id_number: str, phone: str) -> list[Place]:
    """Every mistake with its place; empty when all is right."""
    places = []
    if not name.strip():
        places.append(Place("name", _("请填写姓名或名称。")))
    if (kind is PartyKind.FIRM) != (id_type is IdType.USCC):
        places.append(Place("id_type", _("企业用统一社会信用代码，个人用身份证件。")))
    if sentence := _number_mistake(id_type, id_number.strip().upper()):
        places.append(Place("id_number", sentence))
    if phone and not _is_phone(kind, phone):
        places.append(Place("phone", _("电话号码的格式不对。")))
    return places


def checked_phone(kind: PartyKind, phone: str) -> str:
    """`phone` itself. Raises BadParty."""
    if not _is_phone(kind, phone):
        raise BadParty(
            _("电话号码有误。"), places=[Place("phone", _("电话号码的格式不对。"))], hint=_("请核对后再填。")
        )
    return phone


def same_name(one: str, other: str) -> bool:
    """Alike but for width, spaces and the dot inside names of minorities (· and ．)."""
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return re.sub(r"[\s·•・.]", "", unicodedata.normalize("NFKC", name)).upper()


def _number_mistake(id_type: IdType, number: str) -> str:
    if id_type is IdType.CITIZEN_ID:
        return "" if is_id_number(number) else _("身份证号码不对，请核对18位号码。")
    if id_type is IdType.USCC:
        return "" if is_uscc(number) else _("统一社会信用代码不对，请核对18位代码。")
    return "" if _DOCUMENT.fullmatch(number) else _("证件号码的格式不对。")


def _is_phone(kind: PartyKind, phone: str) -> bool:
    phone = phone.strip()
    return is_mobile(phone) or (kind is PartyKind.FIRM and bool(_ANY_PHONE.fullmatch(phone)))


def tells_who(username: str) -> bool:
    """Whether a username is personal data itself: an ID number or a phone number."""
    return is_mobile(username) or is_id_number(username)
