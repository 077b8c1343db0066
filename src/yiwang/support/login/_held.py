"""By what an account can prove itself."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from yiwang.kernel.base.codes import is_mobile
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people
from yiwang.support.login._proofs import level_of
from yiwang.support.login.contracts import Assurance, Method
from yiwang.support.login.models import Passkey, SecondFactor


def has_second_factor(account_id: int) -> bool:
    return SecondFactor.objects.filter(account=account_id, confirmed_at__isnull=False).exists()


def has_passkey(account_id: int) -> bool:
    return Passkey.objects.filter(account=account_id).exists()


def vouched_keys(account_id: int, *, at: datetime) -> QuerySet[Passkey]:
    """The passkeys raised by a check at a counter that stands."""
    day = timezone.localdate(at)
    return Passkey.objects.filter(account=account_id, vouched__revoked_at__isnull=True, vouched__until__gte=day)


def level_reached(methods: Collection[Method], passkey_id: int | None, account_id: int, *, at: datetime) -> Assurance:
    """The level of these ways; one more where the passkey among them was raised at a counter."""
    level = level_of(methods)
    if level is Assurance.PASSKEY and passkey_id and vouched_keys(account_id, at=at).filter(pk=passkey_id).exists():
        return Assurance.COUNTER
    return level


def phone_of(by: Actor) -> str:
    """The mobile on record, to which a code can go; empty without one."""
    phone = people.party(by.party_id).phone if by.party_id else ""
    return phone if phone and is_mobile(phone) else ""


def ways_of(by: Actor, *, at: datetime, least: Assurance = Assurance.NONE) -> list[Method]:
    """By which ways the account behind `by` can prove itself to this level, the simplest first."""
    if least is Assurance.COUNTER:
        return [Method.PASSKEY] if vouched_keys(by.account_id or 0, at=at).exists() else []
    has = {
        Method.PASSWORD: True,
        Method.TEXT_MESSAGE: phone_of(by) != "",
        Method.TIME_CODE: by.account_id is not None and has_second_factor(by.account_id),
        Method.PASSKEY: by.account_id is not None and has_passkey(by.account_id),
    }
    return [method for method, is_there in has.items() if is_there and level_of([method]) >= least]


def strongest(by: Actor, *, at: datetime) -> Assurance:
    return level_of(ways_of(by, at=at))
