"""Passkeys of an account: adding, naming, removing, and proving oneself by one."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from fido2.webauthn import AuthenticatorData

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import masking
from yiwang.kernel.base.contracts import Actor, Invalid, Place
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import AccountKind, NotYours
from yiwang.support.login import _lockout, _webauthn
from yiwang.support.login._ages import is_younger
from yiwang.support.login._held import has_second_factor, strongest, vouched_keys
from yiwang.support.login.contracts import (
    Admission,
    Assurance,
    Method,
    NoSuchPasskey,
    NotSureEnough,
    PasskeyRefused,
    PasskeyUse,
    PasskeyView,
    Proof,
    RelyingParty,
    SecondFactorNeeded,
    Step,
    TooManyPasskeys,
)
from yiwang.support.login.models import Passkey, SpentChallenge

MOST, NAME_MAX = 10, 40
# A key counts for more than the sitting in which it is added: that sitting has to be sure of the person, just now.
SURE_FOR = timedelta(minutes=15)
_FORGET_SPENT = timedelta(hours=1)


def passkeys_of(account_id: int) -> list[PasskeyView]:
    """The oldest first."""
    return [_view(row) for row in Passkey.objects.filter(account=account_id).order_by("pk")]


def creation_options(*, site: RelyingParty, proof: Proof, by: Actor, at: datetime) -> dict[str, Any]:
    """What the browser is asked in order to make a key. Raises NotSureEnough, NoPasskeysHere."""
    account_id = _account_of(by)
    require_sure(proof, by, at=at)
    known, account = _rows(account_id), people.account(account_id)
    handle = known[0].handle if known else secrets.token_urlsafe(24)
    challenge = _webauthn.new_challenge(PasskeyUse.REGISTER, account_id, at=at, handle=handle)
    party = people.party(by.party_id) if by.party_id and account.party_id == by.party_id else None
    # Residents see in the list of their device what they sign in by; never the whole of it.
    name = masking.mask_phone(party.phone) or masking.mask_id_number(party.id_number) if party else account.username
    return _webauthn.creation(
        site,
        handle=handle.encode(),
        name=name,
        shown=masking.mask_name(account.name),
        known=[row.credential_id for row in known],
        challenge=challenge,
    )


def request_options(
    use: PasskeyUse,
    *,
    site: RelyingParty,
    at: datetime,
    account_id: int | None = None,
    least: Assurance = Assurance.NONE,
) -> dict[str, Any]:
    """What the browser is asked in order to use a key: any of this site's, or one of an account. Raises NoPasskeysHere."""
    rows = _rows(account_id) if account_id else []
    if account_id and least is Assurance.COUNTER:
        rows = list(vouched_keys(account_id, at=at).order_by("pk"))
    known = [row.credential_id for row in rows]
    return _webauthn.request(site, known=known, challenge=_webauthn.new_challenge(use, account_id, at=at))


def require_sure(proof: Proof, by: Actor, *, at: datetime) -> None:
    """Raises NotSureEnough unless this sitting was proved just now, beyond a password where the account can."""
    level = min(Assurance.CODE, strongest(by, at=at))
    if proof.level < level or not is_younger(proof.proved_at, SURE_FOR, at=at):
        raise NotSureEnough(_("请先再确认一次是您本人。"), level=level)


def add_passkey(*, answer: str, name: str, site: RelyingParty, proof: Proof, by: Actor, at: datetime) -> PasskeyView:
    """Keep a key that the person's device made for this site. Raises NotSureEnough, PasskeyRefused, TooManyPasskeys, Invalid."""
    account_id = _account_of(by)
    require_sure(proof, by, at=at)
    read = _webauthn.answer_of(answer, is_new=True)
    _spend(read.challenge, PasskeyUse.REGISTER, account_id, at=at)
    data = _webauthn.registered(site, read)
    with transaction.atomic():
        row = _kept(account_id, read, data, _checked_name(name), at)
        if proof.level is Assurance.COUNTER:
            # Added by a key that was raised at a counter: it stands by the same check.
            raised = vouched_keys(account_id, at=at).exclude(pk=row.pk).order_by("-vouched").first()
            Passkey.objects.filter(pk=row.pk).update(vouched=raised.vouched_id if raised else None)
        audit.record("login.passkey.added", target=f"account:{account_id}", by=by, at=at, detail={"passkey": row.pk})
    return _view(row)


@transaction.atomic
def rename_passkey(*, passkey_id: int, name: str, by: Actor, at: datetime) -> PasskeyView:
    """Raises NoSuchPasskey, Invalid."""
    row = _own(passkey_id, by)
    row.name = _checked_name(name)
    row.save(update_fields=["name"])
    audit.record("login.passkey.renamed", target=f"account:{row.account_id}", by=by, at=at, detail={"passkey": row.pk})
    return _view(row)


@transaction.atomic
def remove_passkey(*, passkey_id: int, by: Actor, at: datetime) -> None:
    """Let a key open nothing any more. Raises NoSuchPasskey, SecondFactorNeeded when the post asks for what it is the last of."""
    row = _own(passkey_id, by)
    is_last = not has_second_factor(row.account_id) and len(_rows(row.account_id)) == 1
    if is_last and access.needs_second_factor(people.actor_of(row.account_id, at=at)):
        raise SecondFactorNeeded(_("您的岗位要求两重验证，不能移除最后一个通行密钥。"), hint=_("请先设置动态口令。"))
    row.delete()
    audit.record(
        "login.passkey.removed", target=f"account:{row.account_id}", by=by, at=at, detail={"passkey": passkey_id}
    )


def sign_in_by_passkey(*, answer: str, site: RelyingParty, by: Actor, at: datetime) -> Admission:
    """Sign in whoever's key this is; the key and the check by the device are two factors. Raises PasskeyRefused, SignInLocked."""
    key = _prove(answer, PasskeyUse.SIGN_IN, None, site=site, by=by, at=at)
    return Admission(key.account_id, None, Step.DONE, Method.PASSKEY, key.pk)


def pass_by_passkey(*, account_id: int, answer: str, site: RelyingParty, by: Actor, at: datetime) -> int:
    """Take a key for the second factor after a right password; answers which. Raises PasskeyRefused, SignInLocked."""
    return _prove(answer, PasskeyUse.SECOND, account_id, site=site, by=by, at=at).pk


def confirm_by_passkey(*, answer: str, site: RelyingParty, by: Actor, at: datetime) -> int:
    """Prove oneself once more in an open sitting; answers by which key. Raises PasskeyRefused, SignInLocked, NotYours."""
    return _prove(answer, PasskeyUse.CONFIRM, _account_of(by), site=site, by=by, at=at).pk


def _prove(
    answer: str, use: PasskeyUse, account_id: int | None, *, site: RelyingParty, by: Actor, at: datetime
) -> Passkey:
    """The key that answered our challenge; wrong answers of a known key are counted and seen by its owner."""
    read = _webauthn.answer_of(answer, is_new=False)
    _spend(read.challenge, use, account_id, at=at)
    row = Passkey.objects.filter(credential_id=read.credential_id).first()
    if row is None or not people.account(row.account_id).is_active:
        raise _webauthn.refused()
    key = _lockout.key_of("passkey", row.account_id)
    _lockout.refuse_locked(key, at=at)
    try:
        _take(row.pk, read, account_id, site, at)
    except PasskeyRefused:
        is_locked = _lockout.count_failure(key, at=at)
        event = "login.passkey.locked" if is_locked else "login.passkey.refused"
        audit.record(event, target=f"account:{row.account_id}", by=by, at=at, detail={"passkey": row.pk})
        raise
    _lockout.forgive(key)
    return row


@transaction.atomic
def _take(passkey_id: int, read: _webauthn.Answer, account_id: int | None, site: RelyingParty, at: datetime) -> None:
    row = Passkey.objects.select_for_update().filter(pk=passkey_id).first()
    # Without a name before it, the answer itself has to say whose key it is.
    is_whole = account_id is not None or read.user_handle is not None
    is_theirs = row is not None and account_id in (None, row.account_id)
    if row is None or not is_whole or not is_theirs or read.user_handle not in (None, row.handle.encode()):
        raise _webauthn.refused()
    row.sign_count = _webauthn.proved(site, read, data=bytes(row.data), sign_count=row.sign_count)
    row.used_at = at
    row.save(update_fields=["sign_count", "used_at"])


@transaction.atomic
def _spend(challenge: bytes, use: PasskeyUse, account_id: int | None, *, at: datetime) -> None:
    """A challenge is answered once, whatever becomes of the answer: in a transaction that the refusal does not undo."""
    if not _webauthn.is_ours(challenge, use, account_id, at=at):
        raise PasskeyRefused(_("这次验证已过时，请再试一次。"))
    _row, is_first = SpentChallenge.objects.get_or_create(mark=sha256(challenge).hexdigest(), defaults={"spent_at": at})
    SpentChallenge.objects.filter(spent_at__lt=at - _FORGET_SPENT).delete()
    if not is_first:
        raise PasskeyRefused(_("这次验证已用过，请再试一次。"))


def _kept(account_id: int, read: _webauthn.Answer, data: AuthenticatorData, name: str, at: datetime) -> Passkey:
    if len(_rows(account_id)) >= MOST:
        raise TooManyPasskeys(_("通行密钥太多了。"), hint=_("请先移除不用的。"))
    if Passkey.objects.filter(credential_id=read.credential_id).exists():
        raise _webauthn.refused()
    return Passkey.objects.create(
        account_id=account_id,
        credential_id=read.credential_id,
        data=bytes(data.credential_data or b""),
        handle=_webauthn.handle_in(read.challenge).decode(),
        sign_count=data.counter,
        is_synced=bool(data.flags & data.FLAG.BE),
        name=name,
        added_at=at,
    )


def _rows(account_id: int) -> list[Passkey]:
    return list(Passkey.objects.filter(account=account_id).order_by("pk"))


def _own(passkey_id: int, by: Actor) -> Passkey:
    row = Passkey.objects.select_for_update().filter(pk=passkey_id, account=_account_of(by)).first()
    if row is None:
        raise NoSuchPasskey(_("没有这个通行密钥，或已经移除。"))
    return row


def _account_of(by: Actor) -> int:
    if by.account_id is None or people.account(by.account_id).kind is AccountKind.MACHINE:
        raise NotYours(_("请先登录。"))
    return by.account_id


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_MAX:
        place = Place("name", _("请填写1到40个字的名称，例如“我的手机”。"))
        raise Invalid(_("名称有误。"), places=[place], code="login.passkey-name")
    return name


def _view(row: Passkey) -> PasskeyView:
    return PasskeyView(row.pk, row.name, row.added_at, row.used_at, row.is_synced)
