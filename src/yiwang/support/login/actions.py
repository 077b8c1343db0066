"""Signing in and out, registering, codes, tokens; second factors stand in _factors.

Wrong attempts are counted in a transaction of their own, so that refusing does not undo the count.
"""

import secrets
from datetime import date, datetime
from typing import NoReturn

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind, Place
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import (
    AccountKind,
    AccountView,
    BadAccount,
    IdType,
    NotYours,
    PartyKind,
)
from yiwang.support.login import _codes, _identity, _lockout
from yiwang.support.login._agents import answer_appointment as answer_appointment
from yiwang.support.login._agents import appoint_agent as appoint_agent
from yiwang.support.login._agents import cancel_appointment as cancel_appointment
from yiwang.support.login._agents import end_agency as end_agency
from yiwang.support.login._confirming import prove_again as prove_again
from yiwang.support.login._confirming import send_confirmation as send_confirmation
from yiwang.support.login._counter import check_at_counter as check_at_counter
from yiwang.support.login._counter import revoke_counter_check as revoke_counter_check
from yiwang.support.login._factors import begin_second_factor as begin_second_factor
from yiwang.support.login._factors import confirm_second_factor as confirm_second_factor
from yiwang.support.login._factors import pass_second_factor as pass_second_factor
from yiwang.support.login._factors import remove_second_factor as remove_second_factor
from yiwang.support.login._factors import reset_second_factor as reset_second_factor
from yiwang.support.login._held import has_passkey, has_second_factor
from yiwang.support.login._keys import sitting_key, token_hash
from yiwang.support.login._mandates import authorise as authorise
from yiwang.support.login._mandates import record_mandate as record_mandate
from yiwang.support.login._notes import close_sitting as close_sitting
from yiwang.support.login._notes import note_acting as note_acting
from yiwang.support.login._notes import note_sitting as note_sitting
from yiwang.support.login._notes import tell_ended
from yiwang.support.login._passkeys import add_passkey as add_passkey
from yiwang.support.login._passkeys import pass_by_passkey as pass_by_passkey
from yiwang.support.login._passkeys import remove_passkey as remove_passkey
from yiwang.support.login._passkeys import rename_passkey as rename_passkey
from yiwang.support.login._passkeys import sign_in_by_passkey as sign_in_by_passkey
from yiwang.support.login.contracts import (
    Admission,
    Door,
    Method,
    NoSuchToken,
    Purpose,
    SignInRefused,
    Step,
)
from yiwang.support.login.models import Sitting, Token

_KINDS = {
    Door.PERSON: {AccountKind.RESIDENT, AccountKind.AGENT},
    Door.FIRM: {AccountKind.RESIDENT, AccountKind.AGENT},
    Door.STAFF: {AccountKind.STAFF},
}


def sign_in(*, door: Door, identifier: str, password: str, by: Actor, at: datetime, uscc: str = "") -> Admission:
    """Check a name and password; answers what remains to be done before a sitting opens.

    Raises SignInRefused (never saying whether the name or the password was wrong), SignInLocked.
    """
    key = _lockout.key_of("name", identifier)
    _lockout.refuse_locked(key, at=at)
    right = people_queries.accounts_with_password(identifier, password)
    right = [account for account in right if account.kind in _KINDS[door]]
    if not right:
        _refuse(key, by, at)
    if len(right) > 1:
        place = Place("identifier", _("这个手机号码有多个账号，请改填身份证号码。"))
        raise SignInRefused(_("请换一种登录名。"), places=[place])
    mandate_id = _firm_mandate(right[0], uscc, at) if door is Door.FIRM else None
    if door is Door.FIRM and mandate_id is None:
        _refuse(key, by, at)
    _lockout.forgive(key)
    return _admission(right[0].id, mandate_id, at)


def sign_in_by_code(*, phone: str, code: str, by: Actor, at: datetime) -> Admission:
    """Sign a resident in by a code sent to the phone. Raises CodeWrong, SignInRefused."""
    phone = _codes.checked_phone(phone)
    _codes.prove(phone, Purpose.SIGN_IN, code, at=at)
    accounts = [a for a in people_queries.accounts_named(phone) if a.is_active and a.kind in _KINDS[Door.PERSON]]
    if not accounts:
        raise SignInRefused(_("这个手机号码还没有注册。"), hint=_("请先注册账号。"))
    if len(accounts) > 1:
        raise SignInRefused(_("这个手机号码有多个账号。"), hint=_("请用身份证号码和密码登录。"))
    _codes.use_up(phone, Purpose.SIGN_IN)
    return _admission(accounts[0].id, None, at, Method.TEXT_MESSAGE)


@transaction.atomic
def send_code(*, phone: str, purpose: Purpose, by: Actor, at: datetime) -> str:
    """Send a code to a phone; answers the code itself in the demo place only, else "".

    Raises CodeWrong (no phone number), CodeTooSoon, CannotSend.
    """
    phone = _codes.checked_phone(phone)
    code = _codes.new_code(phone, purpose, at=at)
    target = f"phone:{sealed_index(phone)[:16]}"
    audit.record("login.code.sent", target=target, by=by, at=at, detail={"purpose": purpose.value})
    return _codes.carry(phone, code, by=by, at=at)


def register(
    *, name: str, id_number: str, phone: str, code: str, password: str, by: Actor, at: datetime
) -> AccountView:
    """Open a resident's account for whoever holds the phone.

    Raises CodeWrong, BadParty, BadAccount, and CannotRegister when another phone is on record for the person.
    """
    phone = _codes.checked_phone(phone)
    _codes.prove(phone, Purpose.REGISTER, code, at=at)
    # In a transaction of its own: the person may see that somebody tried, even when it is refused.
    _identity.verify(name=name, id_number=id_number, phone=phone, by=by, at=at)
    account = _open_account(name=name, id_number=id_number, phone=phone, password=password, by=by, at=at)
    _codes.use_up(phone, Purpose.REGISTER)
    return account


@transaction.atomic
def _open_account(*, name: str, id_number: str, phone: str, password: str, by: Actor, at: datetime) -> AccountView:
    party = people.ensure_party(
        kind=PartyKind.PERSON,
        name=name,
        id_type=IdType.CITIZEN_ID,
        id_number=id_number,
        phone=phone,
        by=by,
        at=at,
    )
    if party.phone != phone:
        raise _identity.other_phone()
    return people.create_account(kind=AccountKind.RESIDENT, party_id=party.id, password=password, by=by, at=at)


def set_new_password(*, id_number: str, phone: str, code: str, password: str, by: Actor, at: datetime) -> None:
    """Give a resident who forgot it a new password, by a code to the phone on record. Raises CodeWrong, SignInRefused, BadAccount."""
    phone = _codes.checked_phone(phone)
    _codes.prove(phone, Purpose.FORGOTTEN, code, at=at)
    party = people_queries.find_party(id_number)
    account = people_queries.account_of_party(party.id) if party and party.phone == phone else None
    if account is None:
        place = Place("id_number", _("身份证号码与预留的手机号码不一致。"))
        raise SignInRefused(_("没有找到账号。"), places=[place], hint=_("请核对后再试，或到窗口办理。"))
    people.set_password(account_id=account.id, password=password, by=SYSTEM, at=at)
    tell_ended(account.id, at=at)
    _codes.use_up(phone, Purpose.FORGOTTEN)
    _lockout.forgive(_lockout.key_of("name", phone))
    _lockout.forgive(_lockout.key_of("name", id_number))


def change_password(*, old: str, new: str, by: Actor, at: datetime, keep: str = "") -> None:
    """Change one's own password; sittings other than the one marked `keep` end. Raises BadAccount, SignInLocked, NotYours."""
    if by.account_id is None:
        raise NotYours(_("请先登录。"))
    key = _lockout.key_of("change", by.account_id)
    _lockout.refuse_locked(key, at=at)
    if not people_queries.knows_password(by.account_id, old):
        _lockout.count_failure(key, at=at)
        raise BadAccount(_("原密码不对。"), places=[Place("old", _("原密码不对，请重新填写。"))])
    people.set_password(account_id=by.account_id, password=new, by=by, at=at)
    tell_ended(by.account_id, keep=keep, at=at)


@transaction.atomic
def end_sittings(*, by: Actor, at: datetime, keys: list[str] | None = None, keep: str = "") -> int:
    """End one's own sittings, those named or all but `keep`; returns how many."""
    if by.account_id is None:
        raise NotYours(_("请先登录。"))
    rows = Sitting.objects.filter(account_id=by.account_id).exclude(session_key=keep)
    wanted = [row for row in rows if keys is None or sitting_key(row.session_key) in keys]
    ended = Sitting.objects.filter(session_key__in=[row.session_key for row in wanted]).delete()[0]
    tell_ended(by.account_id, marks=[row.mark for row in wanted if row.mark], at=at)
    audit.record("login.sittings.ended", target=f"account:{by.account_id}", by=by, at=at, detail={"count": ended})
    return ended


@transaction.atomic
def issue_token(*, account_id: int, title: str, expires_on: date, by: Actor, at: datetime) -> str:
    """A bearer token for a machine account, shown once. Raises NotYours, BadAccount."""
    _staff_or_system(by)
    if people_queries.account(account_id).kind is not AccountKind.MACHINE:
        raise BadAccount(_("只有系统账号可以使用令牌。"), hint=_("请先建立系统账号。"))
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    row = Token.objects.create(
        account_id=account_id,
        title=title,
        prefix=prefix,
        secret_hash=token_hash(secret),
        created_at=at,
        expires_on=expires_on,
    )
    audit.record("login.token.issued", target=f"token:{row.pk}", by=by, at=at, detail={"account": account_id})
    return f"yw_{prefix}_{secret}"


@transaction.atomic
def revoke_token(*, token_id: int, by: Actor, at: datetime) -> None:
    """Make a token worthless at once. Raises NoSuchToken, NotYours."""
    _staff_or_system(by)
    if not Token.objects.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=at):
        raise NoSuchToken(_("没有这个令牌，或已经作废。"))
    audit.record("login.token.revoked", target=f"token:{token_id}", by=by, at=at)


def _admission(account_id: int, mandate_id: int | None, at: datetime, method: Method = Method.PASSWORD) -> Admission:
    if has_second_factor(account_id):
        return Admission(account_id, mandate_id, Step.CODE, method)
    needs = access.needs_second_factor(people_queries.actor_of(account_id, at=at))
    if needs and has_passkey(account_id):
        return Admission(account_id, mandate_id, Step.CODE, method)
    return Admission(account_id, mandate_id, Step.ENROL if needs else Step.DONE, method)


def _firm_mandate(account: AccountView, uscc: str, at: datetime) -> int | None:
    firm = people_queries.find_party(uscc) if uscc.strip() else None
    mandates = people_queries.mandates_of(account.id, at=at) if firm else []
    return next((m.id for m in mandates if firm and m.principal_id == firm.id), None)


def _refuse(key: str, by: Actor, at: datetime) -> NoReturn:
    is_locked = _lockout.count_failure(key, at=at)
    event = "login.locked" if is_locked else "login.refused"
    audit.record(event, target=f"sign-in:{key[:16]}", by=by, at=at)
    place = Place("password", _("账号或密码不对，请核对后重新填写。"))
    raise SignInRefused(_("账号或密码不对。"), places=[place], hint=_("连续输错5次，账号会锁定15分钟。"))


def _staff_or_system(by: Actor) -> None:
    if by.kind not in (ActorKind.STAFF, ActorKind.SYSTEM):
        raise NotYours(_("令牌由工作人员管理。"))
