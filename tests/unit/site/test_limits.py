"""How often is too often, whoever asks; and who it is that asks, behind a proxy."""

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from yiwang.kernel.base import throttle
from yiwang.site.edge import Edge

pytestmark = pytest.mark.django_db
WRONG = {"identifier": "nobody", "password": "wrong"}


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_paces", {})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/login/session", WRONG),
        ("/api/login/codes", {"phone": "13900000001", "purpose": "sign-in"}),
        ("/api/applications/track", {"number": "990102202611210000017", "phone_tail": "0001"}),
    ],
)
def test_a_stranger_who_guesses_is_slowed_down(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, str]
) -> None:
    monkeypatch.setattr(throttle, "STRANGERS_AN_ADDRESS", 3)
    for _ in range(3):
        assert client.post(path, body, content_type="application/json").status_code != 503
    answer = client.post(path, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (429, "base.too-often")
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    elsewhere = client.post(path, body, content_type="application/json", REMOTE_ADDR="203.0.113.7")
    assert elsewhere.status_code != 429 or elsewhere.json()["code"] != "base.too-often"


def test_the_sign_in_page_says_so_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "STRANGERS_AN_ADDRESS", 1)
    assert client.post("/login", WRONG).status_code != 429
    page = client.post("/login", WRONG)
    assert (page.status_code, "Retry-After" in page.headers) == (429, True)
    assert "操作太频繁了" in page.content.decode()


def test_an_account_may_call_the_api_so_often_a_minute(
    client_as: Callable[[str], Client], settings: LazySettings
) -> None:
    settings.YIWANG_API_PER_MINUTE = 5
    mother, father = client_as("mother"), client_as("father")
    answers = [mother.get("/api/login/whoami") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert father.get("/api/login/whoami").status_code == 200


@pytest.mark.parametrize(
    ("behind", "forwarded", "seen"),
    [
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "", "127.0.0.1"),
        (False, "198.51.100.1", "127.0.0.1"),
    ],
)
def test_only_what_our_own_proxy_wrote_counts(settings: LazySettings, behind: bool, forwarded: str, seen: str) -> None:
    settings.BEHIND_TLS = behind
    found: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        found.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    Edge(view)(RequestFactory().get("/", headers=headers))
    assert found == [seen]
