"""What a clock that ran ahead left behind: no code, lock or sitting lasts until that day comes."""

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from tests.world import AT, World
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.support.login import _lockout, actions, contracts
from yiwang.support.login._ages import is_younger

pytestmark = pytest.mark.django_db
AHEAD = AT + timedelta(days=365)


def test_what_comes_from_the_future_is_of_no_age() -> None:
    hour = timedelta(hours=1)
    assert is_younger(AT, hour, at=AT)
    assert is_younger(AT, hour, at=AT + hour - timedelta(seconds=1))
    assert not is_younger(AT, hour, at=AT + hour)
    assert is_younger(AT + timedelta(seconds=30), hour, at=AT)  # two machines, two clocks
    assert not is_younger(AHEAD, hour, at=AT)


def test_a_code_of_the_future_opens_nothing_and_does_not_stand_in_the_way(world: World) -> None:
    phone, purpose = world.mother.phone, contracts.Purpose.SIGN_IN
    ahead = actions.send_code(phone=phone, purpose=purpose, by=ANONYMOUS, at=AHEAD)
    with pytest.raises(contracts.CodeWrong):
        actions.sign_in_by_code(phone=phone, code=ahead, by=ANONYMOUS, at=AT)
    code = actions.send_code(phone=phone, purpose=purpose, by=ANONYMOUS, at=AT)
    signed_in = actions.sign_in_by_code(phone=phone, code=code, by=ANONYMOUS, at=AT)
    assert signed_in.account_id == world.account("mother").id


def test_a_name_is_not_locked_for_a_year(world: World) -> None:
    key = _lockout.key_of("account", "somebody")
    for _ in range(_lockout.TRIES):
        _lockout.count_failure(key, at=AHEAD)
    with pytest.raises(contracts.SignInLocked):
        _lockout.refuse_locked(key, at=AHEAD + timedelta(minutes=1))
    _lockout.refuse_locked(key, at=AT)


def test_a_sitting_of_the_future_is_over(client_as: Callable[[str], Client]) -> None:
    client = client_as("mother")
    assert client.get("/api/login/whoami").json()["account_id"]
    session = client.session
    session["seen_at"] = session["opened_at"] = AHEAD.replace(year=2100).isoformat()
    session.save()
    assert not client.get("/api/login/whoami").json()["account_id"]


def test_a_second_factor_of_the_future_does_not_lock_its_owner_out(world: World) -> None:
    account_id = world.account("mother").id
    enrolment = actions.begin_second_factor(account_id=account_id, issuer="安澜政务", by=SYSTEM, at=AT)
    totp = pyotp.TOTP(enrolment.secret)
    actions.confirm_second_factor(account_id=account_id, code=totp.at(AHEAD), by=SYSTEM, at=AHEAD)
    actions.pass_second_factor(account_id=account_id, code=totp.at(AT), by=ANONYMOUS, at=AT)
    with pytest.raises(contracts.CodeWrong):
        actions.pass_second_factor(account_id=account_id, code=totp.at(AT), by=ANONYMOUS, at=AT)
