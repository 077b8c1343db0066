"""Proving oneself once more in an open sitting, by one of the ways that the account has."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Place
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import BadAccount, NotYours
from yiwang.support.login import _codes, _lockout
from yiwang.support.login._factors import pass_second_factor
from yiwang.support.login._held import phone_of, ways_of
from yiwang.support.login._passkeys import confirm_by_passkey
from yiwang.support.login.contracts import CannotConfirm, Method, Purpose, RelyingParty


def send_confirmation(*, by: Actor, at: datetime) -> str:
    """Send a code to one's own phone; answers it in the demo place only. Raises CannotConfirm, CodeTooSoon, CannotSend."""
    phone = phone_of(by)
    if not phone:
        raise CannotConfirm(_("您的账号没有预留手机号码。"), hint=_("请换一种方式确认。"))
    with transaction.atomic():
        code = _codes.new_code(phone, Purpose.CONFIRM, at=at)
        audit.record("login.code.sent", target=f"account:{by.account_id}", by=by, at=at)
        return _codes.carry(phone, code, by=by, at=at)


def prove_again(
    *, method: Method, secret: str, by: Actor, at: datetime, site: RelyingParty | None = None
) -> int | None:
    """Check a password, code or a passkey's answer of whoever sits here; answers which passkey it was.

    Raises NotYours, BadAccount, CodeWrong, PasskeyRefused, SignInLocked, CannotConfirm.
    """
    if by.account_id is None:
        raise NotYours(_("请先登录。"))
    if method not in ways_of(by, at=at) or (method is Method.PASSKEY and site is None):
        raise CannotConfirm(_("您的账号没有这种方式。"), hint=_("请换一种方式确认。"))
    passkey_id: int | None = None
    if method is Method.PASSWORD:
        _check_password(by.account_id, secret, at)
    elif method is Method.TIME_CODE:
        pass_second_factor(account_id=by.account_id, code=secret, by=by, at=at)
    elif site is not None and method is Method.PASSKEY:
        passkey_id = confirm_by_passkey(answer=secret, site=site, by=by, at=at)
    else:
        _codes.prove(phone_of(by), Purpose.CONFIRM, secret, at=at)
        _codes.use_up(phone_of(by), Purpose.CONFIRM)
    detail = {"method": method.value}
    audit.record("login.proved-again", target=f"account:{by.account_id}", by=by, at=at, detail=detail)
    return passkey_id


def _check_password(account_id: int, password: str, at: datetime) -> None:
    key = _lockout.key_of("confirm", account_id)
    _lockout.refuse_locked(key, at=at)
    if not people.knows_password(account_id, password):
        _lockout.count_failure(key, at=at)
        raise BadAccount(_("密码不对。"), places=[Place("secret", _("密码不对，请重新填写。"))])
    _lockout.forgive(key)
