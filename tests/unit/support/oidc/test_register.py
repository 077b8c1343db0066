"""The register of systems: two people, secrets once, addresses letter by letter; scopes as packs."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client as Browser
from django.utils import timezone

from tests.unit.support.oidc.conftest import BYE, CALLBACK, LetIn
from tests.world import AT, World
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.oidc import actions, queries
from yiwang.support.oidc.contracts import BadClient, ClientKind, Ground, NewClient, SecondPersonNeeded

As = Callable[[str], Browser]
FORM = {
    "title": "市图书馆",
    "kind": "web",
    "ground": "consent",
    "purpose": "借书还书",
    "authority": "读者服务规则第三条",
    "audiences": ["person"],
    "scopes": ["profile"],
    "level": "1",
    "redirect_uris": CALLBACK,
    "grounds": "接入",
}


def new(world: World, **more: object) -> NewClient:
    plain = NewClient(
        title="市图书馆",
        kind=ClientKind.WEB,
        org_id=world.org("city").id,
        ground=Ground.CONSENT,
        purpose="借书还书",
        authority="读者服务规则第三条",
        audiences=("person",),
        scopes=("profile",),
        redirect_uris=(CALLBACK,),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def test_one_asks_another_confirms_and_the_secret_is_seen_once(world: World, client_as: As) -> None:
    steward, supervisor = client_as("city.steward"), client_as("city.supervisor")
    page = steward.post("/desk/clients", FORM | {"org": world.org("city").id})
    there = page["Location"]
    assert 'value="confirm"' not in steward.get(there).content.decode()
    assert steward.post(f"{there}/act", {"act": "confirm", "grounds": "好"}).status_code == 403
    assert supervisor.post(f"{there}/act", {"act": "confirm", "grounds": ""}).status_code == 422
    said = supervisor.post(f"{there}/act", {"act": "confirm", "grounds": "已核对"}).content.decode()
    secret = said.split('id="secret">')[1].split("<")[0]
    assert len(secret) >= 43
    assert secret not in supervisor.get(there).content.decode()
    assert "已核对" in steward.get(there).content.decode()


def test_the_one_who_asked_may_not_confirm(world: World) -> None:
    asked = actions.ask_client(new=new(world), grounds="接入", by=world.actor("city.steward"), at=AT)
    with pytest.raises(NotPermitted):
        actions.confirm_client(client_id=asked.id, grounds="好", by=world.actor("city.steward"), at=AT)
    with pytest.raises(NotPermitted):
        actions.ask_client(new=new(world), grounds="接入", by=world.actor("health.clerk"), at=AT)
    both = replace(world.actor("city.supervisor"), account_id=world.account("city.steward").id)
    with pytest.raises(SecondPersonNeeded):
        actions.confirm_client(client_id=asked.id, grounds="好", by=both, at=AT)


WRONG: list[tuple[dict[str, object], str]] = [
    ({"redirect_uris": ("http://library.example/cb",)}, "redirect_uris"),
    ({"redirect_uris": ("https://*.example/cb",)}, "redirect_uris"),
    ({"redirect_uris": ("https://a@library.example/cb",)}, "redirect_uris"),
    ({"redirect_uris": ("https://library.example/cb#x",)}, "redirect_uris"),
    ({"redirect_uris": ("https://[::1/cb",)}, "redirect_uris"),
    ({"redirect_uris": ()}, "redirect_uris"),
    ({"logout_uri": "ftp://library.example"}, "logout_uri"),
    ({"audiences": ("everybody",)}, "audiences"),
    ({"scopes": ("everything",)}, "scopes"),
    ({"purpose": ""}, "purpose"),
    ({"authority": ""}, "authority"),
    ({"kind": ClientKind.SERVICE}, "redirect_uris"),
]


def test_what_may_not_be_written_down(world: World) -> None:
    for more, where in WRONG:
        with pytest.raises(BadClient) as wrong:
            actions.ask_client(new=new(world, **more), grounds="接入", by=SYSTEM, at=AT)
        assert where in {place.where for place in wrong.value.places}, more


def test_loopback_is_for_programmers(world: World) -> None:
    made = actions.ask_client(
        new=new(world, redirect_uris=("http://127.0.0.1:8080/cb",), post_logout_redirect_uris=(BYE,)),
        grounds="调试",
        by=SYSTEM,
        at=AT,
    )
    assert made.redirect_uris == ("http://127.0.0.1:8080/cb",)


def test_a_new_secret_shuts_the_old_one_out(let_in: LetIn, world: World) -> None:
    system = let_in()
    code = system.code()
    actions.new_secret(client_id=system.pk, grounds="泄露", by=SYSTEM, at=timezone.now())
    assert system.change(code).json()["error"] == "invalid_client"


def test_a_stopped_client_lets_nobody_in_and_its_tokens_end(let_in: LetIn) -> None:
    system = let_in()
    tokens = system.tokens()
    actions.stop_client(client_id=system.pk, grounds="停用", by=SYSTEM, at=timezone.now())
    assert system.browser.get(system.address()).status_code == 400
    assert system.claims(tokens["access_token"]).status_code == 401


def test_nobody_sees_other_units_clients(let_in: LetIn, world: World, client_as: As) -> None:
    system = let_in()
    assert client_as("health.clerk").get(f"/desk/clients/{system.pk}").status_code == 404
    assert "安澜市图书馆" not in client_as("health.clerk").get("/desk/clients").content.decode()


def test_scopes_are_packs_with_plain_words(world: World) -> None:
    found = {scope.id: scope for scope in queries.scopes()}
    assert {"openid", "profile", "identity", "phone", "firm", "staff"} <= found.keys()
    assert [name for name, _ in found["identity"].claims] == ["name", "id_type", "id_number"]
    assert found["identity"].level == 2
