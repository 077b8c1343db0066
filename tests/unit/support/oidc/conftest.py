"""A system that is let in, and a browser that walks the way to it."""

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client as Browser
from django.utils import timezone

from tests.world import MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.oidc import _keys, actions, queries
from yiwang.support.oidc.contracts import ClientKind, Credentials, Ground, NewClient
from yiwang.support.oidc.models import SigningKey

VERIFIER = "v" * 64
CALLBACK = "https://library.example/callback"
BYE = "https://library.example/bye"


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class System:
    """A client of ours, as its programmers see it."""

    credentials: Credentials
    pk: int
    redirect_uri: str = CALLBACK
    browser: Browser = field(default_factory=Browser)

    def address(self, **more: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": self.credentials.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": "s1",
            "nonce": "n1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        } | more
        return "/oidc/authorize?" + urlencode({name: value for name, value in asked.items() if value})

    def agree(self, **more: str) -> dict[str, str]:
        """Sign in with consent; what the client's address gets."""
        return told(self.browser.post(self.address(**more), {"answer": "yes"}))

    def code(self, **more: str) -> str:
        return self.agree(**more)["code"]

    def post(self, name: str, **form: str) -> Any:
        proof = {"client_id": self.credentials.client_id}
        if self.credentials.secret:
            proof["client_secret"] = self.credentials.secret
        return Browser().post(
            f"/oidc/{name}", urlencode(proof | form), content_type="application/x-www-form-urlencoded"
        )

    def change(self, code: str, **more: str) -> Any:
        form = {"code": code, "redirect_uri": self.redirect_uri, "code_verifier": VERIFIER} | more
        return self.post("token", grant_type="authorization_code", **form)

    def tokens(self, **more: str) -> dict[str, str]:
        found = self.change(self.code(**more))
        assert found.status_code == 200, found.content
        return dict(found.json())

    def refresh(self, token: str) -> Any:
        return self.post("token", grant_type="refresh_token", refresh_token=token)

    def claims(self, token: str) -> Any:
        return Browser().get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"})

    def is_good(self, token: str) -> bool:
        return bool(self.post("introspect", token=token).json()["active"])


def told(answer: HttpResponse) -> dict[str, str]:
    """The answer in the address that a browser is sent to."""
    assert answer.status_code == 302, (answer.status_code, answer.content.decode()[:500])
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


LetIn = Callable[..., System]


@pytest.fixture(scope="session")
def drawn() -> tuple[str, dict[str, Any], str]:
    """One signing key for all tests: drawing one costs more than a test."""
    return _keys.draw()


@pytest.fixture(autouse=True)
def _signing_key(db: None, drawn: tuple[str, dict[str, Any], str]) -> None:
    kid, public, private = drawn
    SigningKey.objects.create(kid=kid, public=public, private=private, made_at=MADE_AT, signs_from=MADE_AT)


@pytest.fixture
def let_in(world: World, client_as: Callable[[str], Browser]) -> LetIn:
    """`let_in(who="mother", scopes=…)`: a client in force, and the browser of somebody who is signed in."""

    def make(who: str = "mother", **more: Any) -> System:
        plain = NewClient(
            title="安澜市图书馆",
            kind=ClientKind.WEB,
            org_id=world.org("service-centre").id,
            ground=Ground.CONSENT,
            purpose="借书还书",
            authority="安澜市图书馆读者服务规则第三条",
            audiences=("person", "firm", "staff"),
            scopes=("profile", "identity", "phone", "firm", "staff"),
            redirect_uris=(CALLBACK,),
            post_logout_redirect_uris=(BYE,),
        )
        asked = actions.ask_client(new=replace(plain, **more), grounds="接入", by=SYSTEM, at=timezone.now())
        given = actions.confirm_client(client_id=asked.id, grounds="已核对", by=SYSTEM, at=timezone.now())
        assert queries.find_client(given.client_id)
        return System(given, asked.id, browser=client_as(who))

    return make
