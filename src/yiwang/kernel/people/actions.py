"""Writing parties, accounts, posts and mandates.

These actions stand below kernel.access: they ask what kind of actor it is and whose record; permissions of
posts are asked by whoever offers them to staff (access.actions).
"""

import secrets
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import queries
from yiwang.kernel.people._mandates import grant_mandate as grant_mandate
from yiwang.kernel.people._mandates import revoke_mandate as revoke_mandate
from yiwang.kernel.people._parties import checked_phone, party_mistakes, same_name, tells_who
from yiwang.kernel.people._permits import own_or_staff, staff_or_system
from yiwang.kernel.people._posts import appoint as appoint
from yiwang.kernel.people._posts import end_absence as end_absence
from yiwang.kernel.people._posts import end_appointment as end_appointment
from yiwang.kernel.people._posts import record_absence as record_absence
from yiwang.kernel.people._staffing import create_staff as create_staff
from yiwang.kernel.people._views import account_view, party_view
from yiwang.kernel.people.contracts import (
    AccountKind,
    AccountView,
    AlreadyExists,
    BadAccount,
    BadParty,
    IdType,
    NoSuchAccount,
    NoSuchParty,
    PartyKind,
    PartyView,
)
from yiwang.kernel.people.models import Account, Party

_RANDOM_USERNAME_BYTES = 9


@transaction.atomic
def ensure_party(
    *,
    kind: PartyKind,
    name: str,
    id_type: IdType,
    id_number: str,
    phone: str = "",
    by: Actor,
    at: datetime,
) -> PartyView:
    """The party of an ID number, made if it is new. A phone is only added where none is known.

    Raises BadParty for a wrong number or phone, and when the number is known under another name.
    """
    if mistakes := party_mistakes(PartyKind(kind), name, IdType(id_type), id_number, phone):
        raise BadParty(_("身份信息有误。"), places=mistakes, hint=_("请对照证件核对。"))
    index = sealed_index(id_number)
    known = Party.objects.select_for_update().filter(id_index=index, id_type=id_type)
    row = known.first()
    if row is None:
        fresh = Party(kind=kind, name=name.strip(), id_type=id_type, id_index=index, created_at=at)
        fresh.id_number = id_number.strip().upper()
        # Someone may be making the same party at this moment; then theirs is taken.
        Party.objects.bulk_create([fresh], ignore_conflicts=True)
        row = known.get()
        audit.record("people.party.created", target=f"party:{row.pk}", by=by, at=at)
    if not same_name(row.name, name):
        place = Place("name", _("姓名或名称与证件号码登记的不一致。"))
        raise BadParty(_("身份信息有误。"), places=[place], hint=_("请对照证件核对，或到窗口更正。"))
    if phone and row.phone is None:
        _set_phone(row, phone)
        row.save(update_fields=["phone", "phone_index"])
    return party_view(row)


@transaction.atomic
def correct_party(
    *, party_id: int, name: str | None = None, phone: str | None = None, by: Actor, at: datetime
) -> PartyView:
    """Change a party's name or phone. Raises NoSuchParty, BadParty, NotYours."""
    row = Party.objects.select_for_update().filter(pk=party_id).first()
    if row is None:
        raise NoSuchParty(_("没有这个办事主体。"), hint=_("请核对后再试。"))
    # A name follows the identity document, so only staff who saw it may change it.
    if name is not None:
        staff_or_system(by)
        row.name = name.strip()
    own_or_staff(by, party_id)
    if phone is not None:
        _set_phone(row, checked_phone(PartyKind(row.kind), phone))
    row.save(update_fields=["name", "phone", "phone_index"])
    changed = [key for key, value in (("name", name), ("phone", phone)) if value is not None]
    detail = {"changed": changed}
    audit.record("people.party.corrected", target=f"party:{party_id}", by=by, at=at, detail=detail)
    return party_view(row)


@transaction.atomic
def create_account(
    *,
    kind: AccountKind,
    by: Actor,
    at: datetime,
    username: str = "",
    name: str | None = None,
    party_id: int | None = None,
    password: str | None = None,
    password_hash: str | None = None,
) -> AccountView:
    """Add an account; without a password it cannot sign in by one.

    A resident's or agent's username is random unless given; staff and machines need one and a name. `password_hash` is for
    seeding many accounts. Raises BadAccount, AlreadyExists, Denied.
    """
    kind = AccountKind(kind)
    if kind in (AccountKind.STAFF, AccountKind.MACHINE):
        staff_or_system(by)
        if not username or not (name or party_id):
            raise BadAccount(_("工作人员和系统账号要有工号和名称。"), hint=_("请补充工号和名称。"))
    elif party_id is None:
        raise BadAccount(_("个人账号要对应一个办事主体。"), hint=_("请先登记身份信息。"))
    if tells_who(username):
        raise BadAccount(_("账号名不能用证件号码或手机号码。"), hint=_("请用工号。"))
    row = Account(
        username=username or f"u{secrets.token_hex(_RANDOM_USERNAME_BYTES)}",
        kind=kind,
        name=name,
        party_id=party_id,
        password=password_hash or (_checked_hash(password) if password else make_password(None)),
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:
        raise AlreadyExists(_("这个身份或工号已有账号。"), hint=_("请直接登录，或找回密码。")) from taken
    audit.record("people.account.created", target=f"account:{row.pk}", by=by, at=at, detail={"kind": kind.value})
    return account_view(row)


@transaction.atomic
def set_password(*, account_id: int, password: str, by: Actor, at: datetime) -> None:
    """Give an account a new password; its other sessions end. Raises BadAccount, NoSuchAccount, Denied."""
    row = _locked_account(account_id)
    if by.account_id != account_id:
        staff_or_system(by)
    row.password = _checked_hash(password)
    row.save(update_fields=["password"])
    audit.record("people.account.password-set", target=f"account:{account_id}", by=by, at=at)


@transaction.atomic
def set_active(*, account_id: int, is_active: bool, by: Actor, at: datetime) -> AccountView:
    """Close or reopen an account; a closed one loses its sessions at once. Raises NoSuchAccount, Denied."""
    staff_or_system(by)
    row = _locked_account(account_id)
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    event = "people.account.opened" if is_active else "people.account.closed"
    audit.record(event, target=f"account:{account_id}", by=by, at=at)
    return queries.account(account_id)


def _locked_account(account_id: int) -> Account:
    row = Account.objects.select_for_update().filter(pk=account_id).first()
    if row is None:
        raise NoSuchAccount(_("账号不存在。"), hint=_("请联系管理员。"))
    return row


def _set_phone(row: Party, phone: str) -> None:
    row.phone = phone.strip() or None
    row.phone_index = sealed_index(phone) if row.phone else None


def _checked_hash(password: str) -> str:
    try:
        validate_password(password)
    except ValidationError as weak:
        places = [Place("password", sentence) for sentence in weak.messages]
        raise BadAccount(_("密码不够安全。"), places=places, hint=_("请用8位以上、字母和数字都有的密码。")) from weak
    return make_password(password)
