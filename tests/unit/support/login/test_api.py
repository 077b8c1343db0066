"""The JSON API of signing in; CSRF for sittings, bearer tokens for machines."""

from collections.abc import Callable
from datetime import date

import pyotp
from django.test import Client

from tests import world as w
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.login import actions
from yiwang.support.login.models import SecondFactor

JSON = "application/json"


def sign_in(client: Client, identifier: str = "13900000001", **more: str) -> object:
    body = {"identifier": identifier, "password": w.PASSWORD} | more
    return client.post("/api/login/session", body, content_type=JSON)


def test_a_sitting_over_json(world: World, client: Client) -> None:
    answer = sign_in(client)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer.json()["acting_for"] == world.mother.id  # type: ignore[attr-defined]
    assert client.get("/api/login/whoami").json()["kind"] == "resident"
    assert client.delete("/api/login/session").status_code == 204
    assert client.delete("/api/login/session").status_code == 401


def test_a_refusal_is_a_problem_document(world: World, client: Client) -> None:
    answer = sign_in(client, password="wrong")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert answer.headers["Content-Type"] == "application/problem+json"  # type: ignore[attr-defined]
    assert answer.json()["code"] == "login.refused"  # type: ignore[attr-defined]


def test_the_second_factor_is_asked_for_and_taken(world: World, client: Client) -> None:
    secret = pyotp.random_base32()
    SecondFactor.objects.create(
        account_id=world.account("mother").id, secret=secret, created_at=w.AT, confirmed_at=w.AT
    )
    answer = sign_in(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "login.code-needed")  # type: ignore[attr-defined]
    assert sign_in(client, code=pyotp.TOTP(secret).now()).status_code == 200  # type: ignore[attr-defined]


def test_registering_over_json(world: World, client: Client) -> None:
    sent = client.post("/api/login/codes", {"phone": "13811112222", "purpose": "register"}, content_type=JSON).json()
    body = {
        "name": "王小云",
        "id_number": w.make_id_number("990102199501012", 34),
        "phone": "13811112222",
        "code": sent["code"],
        "password": "plum-tree-88",
    }
    answer = client.post("/api/login/accounts", body, content_type=JSON)
    assert (answer.status_code, answer.json()["kind"]) == (201, "resident")


def test_choosing_for_whom_to_act(world: World, client_as: Callable[[str], Client]) -> None:
    mandate = world.mandate(world.mother, "neighbour")
    client = client_as("neighbour")
    (held,) = client.get("/api/login/mandates").json()
    assert (held["id"], held["ends_on"]) == (mandate.id, "2099-12-31")
    now = client.put("/api/login/acting", {"mandate_id": mandate.id}, content_type=JSON).json()
    assert (now["kind"], now["acting_for"]) == ("agent", world.mother.id)
    assert client.get("/api/login/mandates").json() == [held]
    assert client.put("/api/login/acting", {}, content_type=JSON).json()["acting_for"] == world.neighbour.id


def test_a_sitting_needs_the_csrf_token_to_change_anything(world: World) -> None:
    client = Client(enforce_csrf_checks=True)
    token = sign_in(client).json()["csrf_token"]  # type: ignore[attr-defined]
    refused = client.delete("/api/login/session")
    assert (refused.status_code, refused.json()["code"]) == (403, "login.csrf-missing")
    for wrong in (token[:-1] + ("a" if token[-1] != "a" else "b"), token[:-1] + "-", token[1:], "密" * 64, "a" * 32):
        assert client.delete("/api/login/session", headers={"X-CSRFToken": wrong}).status_code == 403
    other = {"X-CSRFToken": token, "Origin": "https://elsewhere.example"}
    assert client.delete("/api/login/session", headers=other).status_code == 403
    assert client.delete("/api/login/session", headers={"X-CSRFToken": token}).status_code == 204


def test_a_machine_calls_with_its_token_and_no_csrf(world: World) -> None:
    machine = world.account("machine")
    token = actions.issue_token(account_id=machine.id, title="户籍", expires_on=date(2099, 1, 1), by=SYSTEM, at=w.AT)
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})
    assert client.get("/api/login/whoami").json()["kind"] == "machine"
    wrong = Client(headers={"Authorization": "Bearer yw_0_x"})
    assert wrong.get("/api/login/whoami").json()["kind"] == "anonymous"
