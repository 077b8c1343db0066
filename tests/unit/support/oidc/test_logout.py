"""Signing out: at a client's wish, with word to the others; consents taken back."""

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest
from django.test import Client as Browser
from django.utils import timezone

from tests import world as w
from tests.unit.support.oidc.conftest import BYE, LetIn, System
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.oidc import _keys, actions
from yiwang.support.oidc.contracts import CannotTell
from yiwang.support.oidc.models import Visit

RunJobs = Callable[[], int]


class Ear(ThreadingHTTPServer):
    """A client's server that takes logout tokens."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.heard: list[str] = []
        self.status = 200

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/logout"


class _Listener(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        ear: Ear = self.server  # type: ignore[assignment]
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        ear.heard += body["logout_token"]
        self.send_response(ear.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Ear]:
    with Ear() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def sign_in(system: System) -> None:
    """A sitting of its own by password, as the page opens it (test clients are let in without a mark)."""
    system.browser = Browser()
    form = {"identifier": "13900000001", "password": w.PASSWORD, "as": "person"}
    assert system.browser.post("/login", form).status_code == 302


def kind(browser: Browser) -> str:
    return str(browser.get("/api/login/whoami").json()["kind"])


def test_a_client_signs_its_own_visitor_out_and_the_others_hear_of_it(
    let_in: LetIn, ear: Ear, run_jobs: RunJobs
) -> None:
    one, other = let_in(), let_in(logout_uri=ear.address)
    sign_in(one)
    other.browser = one.browser
    mine, theirs = one.tokens(), other.tokens()
    asked = {"id_token_hint": mine["id_token"], "post_logout_redirect_uri": BYE, "state": "s2"}
    answer = one.browser.get("/oidc/logout", asked)
    assert answer["Location"] == f"{BYE}?state=s2"
    assert kind(one.browser) == "anonymous"
    run_jobs()
    assert not one.is_good(mine["access_token"])
    assert not other.is_good(theirs["access_token"])
    (token,) = ear.heard
    claims = _keys.believed(token, at=timezone.now())
    assert claims is not None
    assert claims["aud"] == other.credentials.client_id
    assert "nonce" not in claims
    assert claims["sid"] == str(Visit.objects.get(client=other.pk).sid)
    assert list(claims["events"]) == ["http://schemas.openid.net/event/backchannel-logout"]
    run_jobs()
    assert len(ear.heard) == 1


def test_a_client_that_does_not_take_it_is_told_again(let_in: LetIn, ear: Ear, run_jobs: RunJobs) -> None:
    system = let_in(logout_uri=ear.address)
    sign_in(system)
    system.agree()
    system.browser.post("/logout")
    ear.status = 500
    with pytest.raises(CannotTell):
        run_jobs()
    ear.status = 200
    visit = Visit.objects.get()
    assert actions.tell_client(visit_id=visit.pk, by=SYSTEM, at=timezone.now())
    assert not actions.tell_client(visit_id=visit.pk, by=SYSTEM, at=timezone.now())
    assert len(ear.heard) == 2


def test_without_a_token_of_this_sitting_the_person_is_asked(let_in: LetIn) -> None:
    system = let_in()
    sign_in(system)
    system.agree()
    named = {"client_id": system.credentials.client_id, "post_logout_redirect_uri": BYE}
    page = system.browser.get("/oidc/logout", named)
    assert page.status_code == 200
    assert kind(system.browser) == "resident"
    assert system.browser.post("/oidc/logout/confirmed", named)["Location"] == BYE
    assert kind(system.browser) == "anonymous"
    assert system.browser.get("/oidc/logout").status_code == 200


def test_nobody_is_sent_to_a_strange_address_after_signing_out(let_in: LetIn) -> None:
    system = let_in()
    sign_in(system)
    hint = system.tokens()["id_token"]
    for address in ("https://evil.example/", BYE + "/more", "javascript:alert(1)"):
        wrong = system.browser.get("/oidc/logout", {"id_token_hint": hint, "post_logout_redirect_uri": address})
        assert wrong.status_code == 400
    assert kind(system.browser) == "resident"


def test_forged_and_mixed_up_hints_are_refused(let_in: LetIn) -> None:
    one, other = let_in(), let_in()
    sign_in(one)
    head, body, signature = one.tokens()["id_token"].split(".")
    none = "eyJhbGciOiJub25lIn0"
    for forged in (
        f"{none}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body[:-2]}.{signature}",
        "x" * 9000,
    ):
        assert one.browser.get("/oidc/logout", {"id_token_hint": forged}).status_code == 400
    mixed = {"id_token_hint": f"{head}.{body}.{signature}", "client_id": other.credentials.client_id}
    assert one.browser.get("/oidc/logout", mixed).status_code == 400
    assert kind(one.browser) == "resident"


def test_a_new_password_ends_what_other_devices_opened(let_in: LetIn, run_jobs: RunJobs) -> None:
    here, there = let_in(), let_in()
    sign_in(here)
    sign_in(there)
    mine, theirs = here.tokens(), there.tokens()
    here.browser.post("/account/password", {"old": w.PASSWORD, "password": "another-horse-9"})
    run_jobs()
    assert here.is_good(mine["access_token"])
    assert not there.is_good(theirs["access_token"])


def test_ending_a_device_ends_its_visits(let_in: LetIn, run_jobs: RunJobs) -> None:
    here, there = let_in(), let_in()
    sign_in(here)
    sign_in(there)
    mine, theirs = here.tokens(), there.tokens()
    here.browser.post("/account/sittings/end")
    run_jobs()
    assert here.is_good(mine["access_token"])
    assert not there.is_good(theirs["access_token"])


def test_a_person_sees_the_systems_and_takes_a_consent_back(let_in: LetIn, world: World) -> None:
    system = let_in()
    tokens = system.tokens(scope="openid phone")
    page = system.browser.get("/account/connections").content.decode()
    assert "安澜市图书馆" in page
    assert "手机号码" in page
    assert system.browser.post(f"/account/connections/{system.pk}/withdraw").status_code == 302
    assert system.claims(tokens["access_token"]).status_code == 401
    assert system.browser.get(system.address(scope="openid phone")).status_code == 200
    assert system.browser.post(f"/account/connections/{system.pk}/withdraw").status_code == 404
