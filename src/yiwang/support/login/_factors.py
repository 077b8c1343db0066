"""Setting up, asking for and taking off a second factor."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Place
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import NotYours
from yiwang.support.login import _lockout, _totp
from yiwang.support.login._held import has_passkey
from yiwang.support.login.contracts import CodeWrong, Enrolment, SecondFactorNeeded
from yiwang.support.login.models import Passkey, SecondFactor


@transaction.atomic
def begin_second_factor(*, account_id: int, issuer: str, by: Actor, at: datetime) -> Enrolment:
    """Draw a secret for an account; asked again before it is confirmed, answer the same. Raises SecondFactorNeeded."""
    _own(account_id, by)
    row, _is_new = SecondFactor.objects.select_for_update().get_or_create(
        account_id=account_id, defaults={"secret": _totp.new_secret(), "created_at": at}
    )
    if row.confirmed_at is not None:
        raise SecondFactorNeeded(_("动态口令已经启用。"), hint=_("要换手机，请先停用再重新启用。"))
    name = people.account(account_id).username
    return Enrolment(row.secret, _totp.uri(row.secret, name=name, issuer=issuer))


def confirm_second_factor(*, account_id: int, code: str, by: Actor, at: datetime) -> list[str]:
    """Put the drawn secret into force with its first code; answers the recovery codes, once.

    Raises SignInLocked, CodeWrong, SecondFactorNeeded.
    """
    _own(account_id, by)
    with _guarded(account_id, at), transaction.atomic():
        row = _locked(account_id)
        if row is None or row.confirmed_at is not None:
            raise SecondFactorNeeded(_("没有正在设置的动态口令。"), hint=_("请重新开始设置。"))
        _take(row, code, at)
        codes = _totp.new_recovery_codes()
        row.recovery_hashes, row.confirmed_at = [_totp.hashed(each) for each in codes], at
        row.save()
        audit.record("login.second-factor.set-up", target=f"account:{account_id}", by=by, at=at)
    return codes


def pass_second_factor(*, account_id: int, code: str, by: Actor, at: datetime) -> None:
    """Accept a code, or use up a recovery code. Raises SignInLocked, CodeWrong."""
    with _guarded(account_id, at), transaction.atomic():
        row = _locked(account_id)
        if row is None or row.confirmed_at is None:
            raise _wrong()
        recovery = _totp.hashed(code)
        if recovery in row.recovery_hashes:
            row.recovery_hashes = [each for each in row.recovery_hashes if each != recovery]
            audit.record("login.recovery-code.used", target=f"account:{account_id}", by=by, at=at)
        else:
            _take(row, code, at)
        row.save()


def remove_second_factor(*, account_id: int, code: str, by: Actor, at: datetime) -> None:
    """Take one's second factor off with one more code. Raises SecondFactorNeeded when a post asks for it and no passkey stands in, CodeWrong."""
    _own(account_id, by)
    if access.needs_second_factor(people.actor_of(account_id, at=at)) and not has_passkey(account_id):
        raise SecondFactorNeeded(_("您的岗位要求使用动态口令，不能停用。"), hint=_("要换手机，请联系人事管理员重置。"))
    pass_second_factor(account_id=account_id, code=code, by=by, at=at)
    _forget(account_id, by, at)


def reset_second_factor(*, account_id: int, at_org: int, by: Actor, at: datetime) -> None:
    """Take a colleague's second factor and passkeys off, because the phone is lost. Raises NotPermitted, NotYours."""
    access.require(by, "login.reset-second-factor", at_org=at_org)
    if all(holding.account_id != account_id for holding in people.holdings_at(at_org, at=at)):
        raise NotYours(_("该人员不在本单位任职。"), hint=_("请在其任职单位办理。"))
    with transaction.atomic():
        _forget(account_id, by, at)
        Passkey.objects.filter(account=account_id).delete()


@transaction.atomic
def _forget(account_id: int, by: Actor, at: datetime) -> None:
    SecondFactor.objects.filter(account=account_id).delete()
    audit.record("login.second-factor.taken-off", target=f"account:{account_id}", by=by, at=at)


def _own(account_id: int, by: Actor) -> None:
    if by.account_id != account_id and by.kind is not ActorKind.SYSTEM:
        raise NotYours(_("只能设置自己的动态口令。"), hint=_("请用本人账号登录。"))


def _locked(account_id: int) -> SecondFactor | None:
    return SecondFactor.objects.select_for_update().filter(account=account_id).first()


def _take(row: SecondFactor, code: str, at: datetime) -> None:
    step = _totp.step_of(row.secret, code.replace(" ", ""), at=at, after=row.last_step)
    if step is None:
        raise _wrong()
    row.last_step = step


def _wrong() -> CodeWrong:
    return CodeWrong(_("动态口令不对。"), places=[Place("code", _("请填写手机上现在显示的6位数字。"))])


@contextmanager
def _guarded(account_id: int, at: datetime) -> Iterator[None]:
    """Wrong codes lock the account's second factor; counted outside the transaction that they undo."""
    key = _lockout.key_of("second-factor", account_id)
    _lockout.refuse_locked(key, at=at)
    try:
        yield
    except CodeWrong:
        _lockout.count_failure(key, at=at)
        raise
    _lockout.forgive(key)
