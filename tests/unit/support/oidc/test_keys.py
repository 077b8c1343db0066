"""Where everything is, and the keys that ID tokens are signed with."""

import time

from django.test import Client as Browser
from django.utils import timezone

from tests.unit.support.oidc.conftest import LetIn
from tests.unit.support.oidc.test_login import read
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.oidc import actions


def test_discovery_says_what_there_is(let_in: LetIn) -> None:
    found = Browser().get("/.well-known/openid-configuration").json()
    assert found["issuer"] == "http://testserver"
    assert found["subject_types_supported"] == ["pairwise"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    for name, address in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert Browser().get(address.removeprefix("http://testserver")).status_code != 404, name


def test_keys_roll_over_without_a_break(let_in: LetIn) -> None:
    system = let_in()
    old = read(system.tokens()["id_token"])[0]["kid"]
    actions.roll_keys(by=SYSTEM, at=timezone.now())
    published = [key["kid"] for key in Browser().get("/oidc/keys").json()["keys"]]
    assert len(published) == 2
    assert not any("d" in key for key in Browser().get("/oidc/keys").json()["keys"])
    assert read(system.tokens()["id_token"])[0]["kid"] == old
    rolled = actions.roll_keys(by=SYSTEM, at=timezone.now(), at_once=True)
    header, _ = read(system.tokens()["id_token"])
    assert header["kid"] == rolled.kid
    assert old in {key["kid"] for key in Browser().get("/oidc/keys").json()["keys"]}


def test_the_clock_of_a_token_is_ours(let_in: LetIn) -> None:
    claims = read(let_in().tokens()["id_token"])[1]
    assert abs(int(str(claims["iat"])) - time.time()) < 120
    assert int(str(claims["exp"])) - int(str(claims["iat"])) <= 660
