"""Second factors: set up, passed, taken off, reset."""

from datetime import timedelta

import pyotp
import pytest

from tests import world as w
from tests.world import World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NotYours
from yiwang.support.login import actions, contracts, queries
from yiwang.support.login.contracts import Admission, Door, Step

LATER = w.AT + timedelta(minutes=2)


def sign_in(identifier: str, password: str = w.PASSWORD, door: Door = Door.PERSON, **more: object) -> Admission:
    given: dict[str, object] = {"at": w.AT, "uscc": ""} | more
    return actions.sign_in(door=door, identifier=identifier, password=password, by=ANONYMOUS, **given)  # type: ignore[arg-type]


def enrolled(world: World, key: str) -> tuple[pyotp.TOTP, list[str]]:
    account_id = world.account(key).id
    enrolment = actions.begin_second_factor(account_id=account_id, issuer="安澜政务", by=SYSTEM, at=w.AT)
    totp = pyotp.TOTP(enrolment.secret)
    codes = actions.confirm_second_factor(account_id=account_id, code=totp.at(w.AT), by=SYSTEM, at=w.AT)
    return totp, codes


def test_posts_that_packs_name_must_set_up_a_second_factor(world: World) -> None:
    assert sign_in("city.steward", door=Door.STAFF).step is Step.ENROL
    enrolled(world, "city.steward")
    assert sign_in("city.steward", door=Door.STAFF).step is Step.CODE
    steward = world.actor("city.steward")
    with pytest.raises(contracts.SecondFactorNeeded):
        actions.remove_second_factor(account_id=steward.account_id or 0, code="000000", by=steward, at=w.AT)


def test_a_code_opens_once_with_one_step_of_drift(world: World) -> None:
    totp, _ = enrolled(world, "mother")
    account_id = world.account("mother").id

    def give(code: str, at: object) -> None:
        actions.pass_second_factor(account_id=account_id, code=code, by=ANONYMOUS, at=at)  # type: ignore[arg-type]

    with pytest.raises(contracts.CodeWrong):
        give(totp.at(w.AT), w.AT)
    give(totp.at(LATER), LATER + timedelta(seconds=30))
    with pytest.raises(contracts.CodeWrong):
        give(totp.at(LATER), LATER + timedelta(seconds=30))
    with pytest.raises(contracts.CodeWrong):
        give(totp.at(LATER + timedelta(minutes=1)), LATER + timedelta(minutes=3))


def test_a_recovery_code_opens_once_and_wrong_codes_lock(world: World) -> None:
    totp, codes = enrolled(world, "mother")
    account_id = world.account("mother").id
    assert len(set(codes)) == 8
    actions.pass_second_factor(account_id=account_id, code=codes[0].upper(), by=ANONYMOUS, at=LATER)
    for _ in range(5):
        with pytest.raises(contracts.CodeWrong):
            actions.pass_second_factor(account_id=account_id, code=codes[0], by=ANONYMOUS, at=LATER)
    with pytest.raises(contracts.SignInLocked):
        actions.pass_second_factor(account_id=account_id, code=totp.at(LATER), by=ANONYMOUS, at=LATER)


def test_one_sets_up_and_takes_off_only_one_s_own(world: World) -> None:
    mother, father = world.actor("mother"), world.actor("father")
    with pytest.raises(NotYours):
        actions.begin_second_factor(account_id=mother.account_id or 0, issuer="x", by=father, at=w.AT)
    totp, _ = enrolled(world, "mother")
    actions.remove_second_factor(account_id=mother.account_id or 0, code=totp.at(LATER), by=mother, at=LATER)
    assert not queries.has_second_factor(mother.account_id or 0)


def test_a_colleague_with_the_permission_resets_a_lost_second_factor(world: World) -> None:
    enrolled(world, "health.clerk")
    health, clerk = world.org("health").id, world.account("health.clerk").id
    with pytest.raises(NotPermitted):
        actions.reset_second_factor(account_id=clerk, at_org=health, by=world.actor("health.reviewer"), at=w.AT)
    people.appoint(
        account_id=world.account("health.reviewer").id,
        org_id=health,
        post_type="office-admin",
        title="人事管理员",
        since=w.AT.date(),
        by=SYSTEM,
        at=w.AT,
    )
    admin = world.actor("health.reviewer")
    with pytest.raises(NotYours):
        actions.reset_second_factor(account_id=world.account("city.steward").id, at_org=health, by=admin, at=w.AT)
    actions.reset_second_factor(account_id=clerk, at_org=health, by=admin, at=w.AT)
    assert not queries.has_second_factor(clerk)
