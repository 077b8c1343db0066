"""A check at the counter: raises the keys that were pointed out, and those only; seen and taken back by the person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import world as w
from tests.authenticator import Authenticator
from tests.world import World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, Actor
from yiwang.support.login import _held, actions, contracts, queries
from yiwang.support.login.contracts import Assurance, Method, PasskeyUse, Proof, RelyingParty

SITE = RelyingParty("http://localhost", "安澜政务")
LATER = w.AT + timedelta(days=1096)


def key_of(by: Actor, level: Assurance = Assurance.CODE) -> tuple[int, Authenticator]:
    proof = Proof("m", (), level, w.AT)
    device = Authenticator()
    answer = device.create(queries.creation_options(site=SITE, proof=proof, by=by, at=w.AT), SITE.origin)
    key = actions.add_passkey(answer=answer, name="钥匙", site=SITE, proof=proof, by=by, at=w.AT)
    return key.id, device


def check(world: World, keys: list[int], **more: Any) -> contracts.CounterCheckView:
    given = {
        "at_org": world.org("service-centre").id,
        "name": world.mother.name,
        "id_number": world.mother.id_number,
        "document": "id-card",
        "by": world.actor("service-centre.clerk"),
        "at": w.AT,
    }
    return actions.check_at_counter(passkeys=keys, **(given | more))


def level(by: Actor, key: int, at: Any = w.AT) -> Assurance:
    return _held.level_reached([Method.PASSKEY, Method.PASSWORD], key, by.account_id or 0, at=at)


def test_the_keys_that_were_pointed_out_are_raised_until_their_day(world: World) -> None:
    mother = world.actor("mother")
    (hers, device), (other, _) = key_of(mother), key_of(mother)
    made = check(world, [hers])
    assert (made.document, (made.until - w.AT.date()).days) == ("居民身份证", 1095)
    assert (level(mother, hers), level(mother, other)) == (Assurance.COUNTER, Assurance.PASSKEY)
    assert (level(mother, hers, LATER), level(world.actor("father"), hers)) == (Assurance.PASSKEY,) * 2
    by_text_message, _ = key_of(mother)
    by_raised_key, _ = key_of(mother, Assurance.COUNTER)
    assert (level(mother, by_text_message), level(mother, by_raised_key)) == (Assurance.PASSKEY, Assurance.COUNTER)
    asked = queries.request_options(
        PasskeyUse.CONFIRM, site=SITE, at=w.AT, account_id=mother.account_id, least=Assurance.COUNTER
    )
    assert len(asked["publicKey"]["allowCredentials"]) == 2
    answer = device.get(asked, SITE.origin)
    assert actions.prove_again(method=Method.PASSKEY, secret=answer, by=mother, at=w.AT, site=SITE) == hers


def test_the_person_sees_the_check_and_takes_it_back(world: World) -> None:
    mother = world.actor("mother")
    key, _ = key_of(mother)
    made = check(world, [key])
    assert audit.disclosures_of(world.mother.subject_key).items[0].purpose == "窗口实名核验"
    assert queries.word_of(queries.history(mother.account_id or 0).items[0]) == "窗口核验本人"
    for stranger in (world.actor("father"), world.actor("health.clerk")):
        with pytest.raises(NotPermitted):
            actions.revoke_counter_check(check_id=made.id, by=stranger, at=w.AT)
    actions.revoke_counter_check(check_id=made.id, by=mother, at=w.AT)
    assert level(mother, key) is Assurance.PASSKEY
    assert queries.ways_of(mother, at=w.AT, least=Assurance.COUNTER) == []
    with pytest.raises(contracts.NoSuchCheck):
        actions.revoke_counter_check(check_id=made.id, by=world.actor("service-centre.clerk"), at=w.AT)


def test_nobody_is_checked_by_another_name_paper_key_or_clerk(world: World) -> None:
    mother = world.actor("mother")
    key, _ = key_of(mother)
    his, _ = key_of(world.actor("father"))
    for wrong in ({"name": "王五"}, {"id_number": world.neighbour.id_number}, {"document": "library-card"}):
        with pytest.raises(contracts.CannotCheck):
            check(world, [key], **wrong)
    for keys in ([], [his], [key, his]):
        with pytest.raises(contracts.CannotCheck):
            check(world, keys)
    for by in (world.actor("health.approver"), mother, ANONYMOUS):
        with pytest.raises(NotPermitted):
            check(world, [key], by=by)
    assert level(mother, key) is Assurance.PASSKEY


def test_the_clerk_s_page_finds_and_checks_and_the_account_shows_it(
    world: World, client_as: Callable[[str], Client]
) -> None:
    mother, clerk = world.actor("mother"), client_as("service-centre.clerk")
    who = {"name": world.mother.name, "id_number": world.mother.id_number}
    assert "还没有通行密钥" in clerk.post("/desk/counter-check", who).content.decode()
    key, _ = key_of(mother)
    found = clerk.post("/desk/counter-check", who).content.decode()
    assert "钥匙" in found
    assert world.mother.name not in found.replace(f'name="name" value="{world.mother.name}"', "")
    wrong = clerk.post("/desk/counter-check", who | {"check": "1", "document": "id-card"})
    assert (wrong.status_code, "f-passkeys" in wrong.content.decode()) == (422, True)
    clerk.post("/desk/counter-check", who | {"check": "1", "document": "id-card", "passkeys": str(key)})
    for language, said in (("zh-hans", "凭居民身份证核验"), ("en", "Counter check")):
        assert said in client_as("mother").get("/account", headers={"Accept-Language": language}).content.decode()
    assert client_as("health.approver").get("/desk/counter-check").status_code == 403
