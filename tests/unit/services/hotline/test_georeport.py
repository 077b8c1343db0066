"""Open311 GeoReport v2: services, definitions, sending, reading, tokens; in JSON and XML."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client
from django.utils import timezone

from tests.hotline import LIGHT, WORDS, Hotline
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import queries
from yiwang.services.hotline.models import Ticket
from yiwang.support.login import actions as login

BASE = "/api/open311/v2"


@pytest.fixture
def key(hotline: Hotline) -> str:
    machine = hotline.world.account("machine")
    until = timezone.localdate() + timedelta(days=30)
    return login.issue_token(account_id=machine.id, title="城市随手拍", expires_on=until, by=SYSTEM, at=timezone.now())


def send(key: str, **more: Any) -> Any:
    given = {"api_key": key, "service_code": LIGHT, "description": WORDS, "lat": "0.36", "long": "0.41"}
    given |= {"phone": "13900003333", "last_name": "赵", "attribute[kind]": "complaint"} | more
    return Client().post(f"{BASE}/requests.json", {name: value for name, value in given.items() if value is not None})


def test_services_and_definitions_in_both_shapes(hotline: Hotline) -> None:
    listed = Client().get(f"{BASE}/services.json").json()
    light = next(one for one in listed if one["service_code"] == LIGHT)
    assert set(light) == {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert (light["type"], light["metadata"]) == ("realtime", True)
    tree = Xml.fromstring(Client().get(f"{BASE}/services.xml").content)
    assert (tree.tag, tree[0].tag, len(tree)) == ("services", "service", len(listed))
    definition = Client().get(f"{BASE}/services/{LIGHT}.json").json()
    assert [one["key"] for one in definition["attributes"][0]["values"]][1] == "help"
    asked = Xml.fromstring(Client().get(f"{BASE}/services/{LIGHT}.xml").content)
    assert (asked.tag, asked.find("attributes/attribute/values/value/key") is not None) == ("service_definition", True)
    missing = Client().get(f"{BASE}/services/999999.json")
    assert (missing.status_code, missing.json()[0]["code"]) == (404, 404)
    assert Client().get(f"{BASE}/services.json?jurisdiction_id=elsewhere.org").status_code == 404


def test_a_client_finds_the_place_by_its_discovery(hotline: Hotline) -> None:
    found = Client().get(f"{BASE}/discovery.json").json()
    (endpoint,) = found["endpoints"]
    assert endpoint["url"] == f"http://testserver{BASE}"
    assert endpoint["formats"] == ["application/json", "text/xml"]
    tree = Xml.fromstring(Client().get(f"{BASE}/discovery.xml").content)
    assert tree.findtext("endpoints/endpoint/url") == endpoint["url"]
    assert len(tree.findall("endpoints/endpoint/formats/format")) == 2


def test_services_are_said_in_the_callers_language(hotline: Hotline) -> None:
    listed = Client().get(f"{BASE}/services.json", headers={"Accept-Language": "en"}).json()
    light = next(one for one in listed if one["service_code"] == LIGHT)
    assert light["service_name"] == "Street lighting"
    assert light["description"].endswith("Street works › Street lighting")
    assert not [one for one in listed if not one["service_name"].replace("ç", "c").isascii()]


def test_a_request_is_taken_once_and_read_without_what_is_somebodys(hotline: Hotline, key: str) -> None:
    first, again = send(key), send(key)
    assert first.status_code == 201
    (taken,) = first.json()
    assert again.json() == [taken]
    ticket = queries.view(taken["service_request_id"])
    assert (Ticket.objects.count(), ticket.kind_name, ticket.category) == (1, "投诉", LIGHT)
    (shown,) = Client().get(f"{BASE}/requests/{ticket.number}.json").json()
    assert (shown["status"], shown["description"], shown["lat"], shown["long"]) == ("open", None, 0.36, 0.41)
    everything = Client().get(f"{BASE}/requests.json?status=open&service_code={LIGHT}").content.decode()
    assert ticket.number in everything
    assert WORDS not in everything
    assert "13900003333" not in everything
    token = Client().get(f"{BASE}/tokens/{ticket.query_code}.json").json()
    assert token == [{"service_request_id": ticket.number, "token": ticket.query_code}]
    tree = Xml.fromstring(Client().get(f"{BASE}/requests/{ticket.number}.xml").content)
    assert tree.findtext("request/service_request_id") == ticket.number


def test_what_is_not_to_be_taken_or_shown(hotline: Hotline, key: str) -> None:
    assert send("wrong").status_code == 403
    assert send(key, service_code="999999").status_code == 404
    assert send(key, service_code=None).status_code == 400
    for bad in ({"description": " "}, {"lat": "91"}, {"lat": "NaN"}, {"lat": "north"}, {"lat": None}, {"phone": "x"}):
        wrong = send(key, **bad)
        assert wrong.status_code == 400, bad
        assert wrong.json()[0]["description"]
    assert not Ticket.objects.exists()
    secret = send(key, **{"attribute[kind]": "report"}).json()[0]["service_request_id"]
    called = hotline.take()
    for number in (secret, called.number):
        assert Client().get(f"{BASE}/requests/{number}.json").status_code == 404
    assert Client().get(f"{BASE}/requests.json").json() == []
    assert Client().get(f"{BASE}/requests.json?start_date=yesterday").status_code == 400
