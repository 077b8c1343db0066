"""Locks a name after too many wrong attempts in a row.

A table of our own and not django-axes: it would keep the typed phone or ID number and the address in the clear.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from yiwang.kernel.base.fields import sealed_index
from yiwang.support.login._ages import SKEW
from yiwang.support.login.contracts import SignInLocked
from yiwang.support.login.models import FailedSignIns

TRIES = 5
LOCKED = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)


def key_of(kind: str, name: object) -> str:
    return sealed_index(f"{kind}:{name}")


def refuse_locked(key: str, *, at: datetime) -> None:
    """Raises SignInLocked while a name is locked."""
    # A lock that would last longer was set by a clock that ran ahead.
    row = FailedSignIns.objects.filter(key=key, locked_until__gt=at, locked_until__lte=at + LOCKED + SKEW).first()
    if row is not None and row.locked_until is not None:
        minutes = max(1, round((row.locked_until - at).total_seconds() / 60))
        raise SignInLocked(
            _("连续输错次数过多，账号已锁定，%(minutes)d分钟后可再试。") % {"minutes": minutes},
            hint=_("忘记密码可以用短信验证码找回，或拨打12345。"),
        )


@transaction.atomic
def count_failure(key: str, *, at: datetime) -> bool:
    """Add one wrong attempt; True when that locks the name."""
    FailedSignIns.objects.bulk_create([FailedSignIns(key=key, last_at=at)], ignore_conflicts=True)
    row = FailedSignIns.objects.select_for_update().get(key=key)
    row.count = 1 if at - row.last_at > FORGOTTEN else row.count + 1
    row.last_at = at
    is_locked = row.count % TRIES == 0
    if is_locked:
        row.locked_until = at + LOCKED
    row.save()
    return is_locked


def forgive(key: str) -> None:
    """Forget the wrong attempts after a right one."""
    FailedSignIns.objects.filter(key=key).delete()
