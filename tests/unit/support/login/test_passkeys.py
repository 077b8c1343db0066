"""Passkeys: added by whoever is sure, opening once, for one site, one account and a checked person."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests import world as w
from tests.authenticator import Authenticator
from tests.world import World
from yiwang.kernel.base.contracts import ANONYMOUS, Actor
from yiwang.support.login import actions, contracts, queries
from yiwang.support.login.contracts import Admission, Assurance, Door, Method, PasskeyUse, Proof, RelyingParty, Step

SITE = RelyingParty("https://gov.example", "安澜政务")
ELSEWHERE = RelyingParty("https://gov.example.evil", "安澜政务")
SURE = Proof("m", (Method.TEXT_MESSAGE,), Assurance.CODE, w.AT)


def added(by: Actor, device: Authenticator, **more: Any) -> contracts.PasskeyView:
    asked = queries.creation_options(site=SITE, proof=SURE, by=by, at=w.AT)
    answer = device.create(asked, more.pop("origin", SITE.origin))
    given = {"name": "我的手机", "site": SITE, "proof": SURE, "by": by, "at": w.AT} | more
    return actions.add_passkey(answer=answer, **given)


def question(use: PasskeyUse = PasskeyUse.SIGN_IN, account_id: int | None = None) -> dict[str, Any]:
    # As the page hands it to the browser.
    asked = queries.request_options(use, site=SITE, at=w.AT, account_id=account_id)
    return json.loads(json.dumps(asked))  # type: ignore[no-any-return]


def sign_in(answer: str, **more: Any) -> Admission:
    return actions.sign_in_by_passkey(answer=answer, **({"site": SITE, "by": ANONYMOUS, "at": w.AT} | more))


def refused(answer: str, **more: Any) -> bool:
    with pytest.raises(contracts.PasskeyRefused):
        sign_in(answer, **more)
    return True


def test_a_key_signs_its_owner_in_and_its_counter_must_move_on(world: World) -> None:
    mother, device = world.actor("mother"), Authenticator()
    key = added(mother, device)
    assert (key.name, key.is_synced) == ("我的手机", False)
    admission = sign_in(device.get(question(), SITE.origin))
    assert (admission.account_id, admission.step, admission.method) == (mother.account_id, Step.DONE, Method.PASSKEY)
    device.counter = 0
    assert refused(device.get(question(), SITE.origin))
    device.counter = 7
    sign_in(device.get(question(), SITE.origin))
    happened = [queries.word_of(each) for each in queries.history(mother.account_id or 0).items]
    assert happened[:2] == ["通行密钥没有通过验证", "添加通行密钥"]


def test_a_challenge_is_answered_once_for_its_use_and_in_time(world: World) -> None:
    mother, device = world.actor("mother"), Authenticator(counter=None)
    added(mother, device)
    asked = question()
    answer = device.get(asked, SITE.origin)
    sign_in(answer)
    assert refused(answer)
    assert refused(device.get(asked, SITE.origin))
    assert refused(device.get(question(PasskeyUse.CONFIRM, mother.account_id), SITE.origin))
    assert refused(device.get(question(), SITE.origin), at=w.AT + timedelta(minutes=11))
    forged = {"publicKey": {"rpId": "gov.example", "challenge": "c2lnbi1pbjowOjA6eDo6eQ"}}
    assert refused(device.get(forged, SITE.origin))


def test_another_origin_site_or_person_is_refused(world: World) -> None:
    mother, device = world.actor("mother"), Authenticator(counter=None)
    with pytest.raises(contracts.PasskeyRefused):
        added(mother, Authenticator(), origin=ELSEWHERE.origin)
    with pytest.raises(contracts.PasskeyRefused):
        added(mother, Authenticator(checks=False))
    added(mother, device)
    assert refused(device.get(question(), ELSEWHERE.origin))
    other_site = {"publicKey": question()["publicKey"] | {"rpId": "gov.example.evil"}}
    assert refused(device.get(other_site, SITE.origin))
    assert refused(device.get(question(), SITE.origin, handle=b"somebody else's"))
    device.flags &= ~0x04
    assert refused(device.get(question(), SITE.origin))
    stranger = Authenticator(counter=None)
    stranger.id, stranger.handle = device.id, device.handle
    with pytest.raises(contracts.PasskeyRefused):
        sign_in(stranger.get(question(), SITE.origin))


def test_wrong_answers_of_a_known_key_lock_it(world: World) -> None:
    device = Authenticator(counter=None)
    added(world.actor("mother"), device)
    for _ in range(5):
        assert refused(device.get(question(), ELSEWHERE.origin))
    with pytest.raises(contracts.SignInLocked):
        sign_in(device.get(question(), SITE.origin))
    sign_in(
        device.get(
            queries.request_options(PasskeyUse.SIGN_IN, site=SITE, at=w.AT + timedelta(minutes=16)), SITE.origin
        ),
        at=w.AT + timedelta(minutes=16),
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{}", '{"id":1,"rawId":"_","response":[]}', '{"rawId":"' + "A" * 20_000 + '"}']
)
def test_what_no_device_says_is_refused(world: World, text: str) -> None:
    assert refused(text)
    with pytest.raises(contracts.PasskeyRefused):
        mother = world.actor("mother")
        actions.add_passkey(answer=text, name="x", site=SITE, proof=SURE, by=mother, at=w.AT)


def test_another_account_s_key_is_no_second_factor_and_no_confirmation(world: World) -> None:
    mother, father = world.actor("mother"), world.actor("father")
    hers, his = Authenticator(), Authenticator()
    added(mother, hers)
    added(father, his)
    for_her = question(PasskeyUse.CONFIRM, mother.account_id)
    with pytest.raises(contracts.PasskeyRefused):
        actions.prove_again(method=Method.PASSKEY, secret=his.get(for_her, SITE.origin), by=mother, at=w.AT, site=SITE)
    again = question(PasskeyUse.CONFIRM, mother.account_id)
    actions.prove_again(method=Method.PASSKEY, secret=hers.get(again, SITE.origin), by=mother, at=w.AT, site=SITE)
    second = question(PasskeyUse.SECOND, father.account_id)
    with pytest.raises(contracts.PasskeyRefused):
        account_id = father.account_id or 0
        answer = hers.get(second, SITE.origin)
        actions.pass_by_passkey(account_id=account_id, answer=answer, site=SITE, by=ANONYMOUS, at=w.AT)


def test_adding_asks_for_a_fresh_proof_beyond_the_password_where_there_is_one(world: World) -> None:
    mother = world.actor("mother")
    for weak in (
        Proof("m", (Method.PASSWORD,), Assurance.PASSWORD, w.AT),
        Proof("m", (Method.TEXT_MESSAGE,), Assurance.CODE, w.AT - timedelta(minutes=16)),
    ):
        with pytest.raises(contracts.NotSureEnough) as unsure:
            queries.creation_options(site=SITE, proof=weak, by=mother, at=w.AT)
        assert unsure.value.level is Assurance.CODE
    with pytest.raises(contracts.NoPasskeysHere):
        queries.creation_options(site=RelyingParty("http://127.0.0.1:8000", "x"), proof=SURE, by=mother, at=w.AT)


def test_a_post_s_second_factor_may_be_a_passkey_and_the_last_one_stays(world: World) -> None:
    steward = world.actor("city.steward")
    key = added(steward, Authenticator())
    given = {"door": Door.STAFF, "identifier": "city.steward", "password": w.PASSWORD, "by": ANONYMOUS, "at": w.AT}
    assert actions.sign_in(**given).step is Step.CODE  # type: ignore[arg-type]
    with pytest.raises(contracts.SecondFactorNeeded):
        actions.remove_passkey(passkey_id=key.id, by=steward, at=w.AT)
    second = added(steward, Authenticator(), name="备用")
    actions.remove_passkey(passkey_id=second.id, by=steward, at=w.AT)
    assert [each.name for each in queries.passkeys_of(steward.account_id or 0)] == ["我的手机"]


def test_one_names_and_removes_only_one_s_own(world: World) -> None:
    mother, father = world.actor("mother"), world.actor("father")
    key = added(mother, Authenticator())
    for act in (actions.rename_passkey, actions.remove_passkey):
        more = {"name": "x"} if act is actions.rename_passkey else {}
        with pytest.raises(contracts.NoSuchPasskey):
            act(passkey_id=key.id, by=father, at=w.AT, **more)  # type: ignore[operator]
    assert actions.rename_passkey(passkey_id=key.id, name=" 家里 电脑 ", by=mother, at=w.AT).name == "家里 电脑"
    actions.remove_passkey(passkey_id=key.id, by=mother, at=w.AT)
    assert not queries.has_passkey(mother.account_id or 0)


def test_the_pages_lead_from_adding_to_signing_in_at_level_three(
    world: World, client_as: Callable[[str], Client], client: Client
) -> None:
    def asked(page: bytes) -> dict[str, Any]:
        found = re.search(r'<script id="passkey-asked" type="application/json">(.*?)</script>', page.decode())
        assert found, page.decode()
        return json.loads(found[1])  # type: ignore[no-any-return]

    member, device, at_home = client_as("mother"), Authenticator(), {"HTTP_HOST": "localhost"}
    assert "/login/confirm?level=2" in member.get("/account/passkeys", **at_home).content.decode()  # type: ignore[arg-type]
    code = member.post("/login/confirm", {"method": "sms", "level": "2"}, **at_home).context["demo_code"]  # type: ignore[arg-type]
    member.post("/login/confirm", {"method": "sms", "level": "2", "secret": code}, **at_home)  # type: ignore[arg-type]
    page = member.get("/account/passkeys", **at_home)  # type: ignore[arg-type]
    answer = device.create(asked(page.content), "http://localhost")
    member.post("/account/passkeys", {"answer": answer, "name": "我的手机"}, **at_home)  # type: ignore[arg-type]
    english = member.get("/account/passkeys", headers={"Accept-Language": "en", "Host": "localhost"}).content.decode()
    assert "Passkeys" in english

    asked(member.get("/login/confirm?level=3", **at_home).content)  # type: ignore[arg-type]

    page = client.get("/login", **at_home)  # type: ignore[arg-type]
    assert "sessionid" not in client.cookies
    answer = device.get(asked(page.content), "http://localhost")
    client.post("/login/by-passkey", {"answer": answer, "as": "person", "next": "/account"}, **at_home)  # type: ignore[arg-type]
    assert client.get("/api/login/whoami").json()["account_id"] == world.account("mother").id
    assert client.session["methods"] == ["hwk"]
    again = client.post("/login/by-passkey", {"answer": answer, "as": "person"}, **at_home)  # type: ignore[arg-type]
    assert again.status_code == 422


def test_the_page_after_a_password_asks_a_clerk_s_key(world: World, client: Client) -> None:
    device = Authenticator()
    steward = world.actor("city.steward")
    site = RelyingParty("http://localhost", "安澜政务")
    asked = queries.creation_options(site=site, proof=SURE, by=steward, at=w.AT)
    answer = device.create(asked, site.origin)
    actions.add_passkey(answer=answer, name="密钥", site=site, proof=SURE, by=steward, at=w.AT)
    given = {"as": "staff", "identifier": "city.steward", "password": w.PASSWORD}
    assert client.post("/login", given, HTTP_HOST="localhost").url == "/login/second-factor"  # type: ignore[attr-defined]
    page = client.get("/login/second-factor", HTTP_HOST="localhost")
    assert 'name="code"' not in page.content.decode()
    answer = device.get(page.context["asked"], site.origin)
    client.post("/login/second-factor", {"answer": answer}, HTTP_HOST="localhost")
    assert client.session["methods"] == ["hwk", "pwd"]
