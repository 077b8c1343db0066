"""What the public pages and routes of licences tell, and what they keep."""

import pytest
from django.test import Client

from tests.unit.support.licences.conftest import Issue
from tests.world import AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.licences import actions


@pytest.fixture
def code(issue: Issue) -> str:
    licence = issue(valid_from=AT.date().replace(day=20))
    ledger.sequence(by=SYSTEM, at=AT)
    return licence.verify_code


def test_a_typed_code_leads_to_its_page(client: Client, code: str) -> None:
    answer = client.get("/v/", {"code": f"{code[:4]} {code[4:8]}-{code[8:].lower()}"})
    assert (answer.status_code, answer["Location"]) == (302, f"/v/{code}")


def test_the_page_says_valid_and_carries_a_proof(client: Client, code: str, world: World) -> None:
    answer = client.get(f"/v/{code}")
    page = answer.content.decode()
    assert "这份证照有效" in page
    assert "ledger-proof" in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    for secret in ("林安", world.mother.name, world.mother.id_number, "3200"):
        assert secret not in page


def test_the_page_of_a_cancelled_certificate_says_who_and_when(client: Client, issue: Issue, world: World) -> None:
    licence = issue()
    actions.cancel(licence_id=licence.id, grounds="重复签发", by=world.actor("health.approver"), at=AT)
    page = client.get(f"/v/{licence.verify_code}").content.decode()
    assert "临江区卫生健康局已于2026年11月23日注销这份证照。" in page
    assert "重复签发" not in page


def test_an_unknown_code_says_what_to_do(client: Client, world: World) -> None:
    answer = client.get("/v/222222222222")
    assert answer.status_code == 404
    assert "12345" in answer.content.decode()


def test_the_page_is_there_in_english(client: Client, code: str) -> None:
    client.cookies["django_language"] = "en"
    page = client.get(f"/v/{code}").content.decode()
    assert "Birth certificate" in page
    assert "Compare with the certificate in your hand" in page


def test_guessing_is_stopped(client: Client, code: str) -> None:
    answers = [client.get("/v/222222222222").status_code for _ in range(7)]
    assert answers == [404] * 6 + [429]
    assert client.get(f"/v/{code}").status_code == 429


def test_the_route_tells_the_same(client: Client, code: str) -> None:
    told = client.get(f"/api/licences/verify/{code}").json()
    assert told["is_valid"] is True
    assert told["holder_masked"] == "林*"
    assert told["proof"]["opening"]
    assert client.get("/api/licences/verify/222222222222").json()["code"] == "licences.not-found"


def test_a_page_costs_few_queries(client: Client, code: str, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        client.get(f"/v/{code}")


@pytest.mark.parametrize("address", ["/my/licences", "/my/data-use", "/desk/licences"])
def test_a_stranger_is_sent_to_sign_in(client: Client, world: World, address: str) -> None:
    assert client.get(address).status_code == 302
    assert client.get(f"/api{address}").status_code == 401
