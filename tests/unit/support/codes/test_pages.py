"""Pages of codes: the holder's, the scanner's, a door plate's."""

import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.world import AT, VILLAGE, World
from yiwang.data.places import actions as places
from yiwang.data.places import queries as place_queries
from yiwang.data.places.contracts import NewAddress
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.codes import queries

ClientAs = Callable[[str], Client]


def on_screen(browser: Client) -> str:
    return str(browser.get("/api/my/code").json()["text"])


def test_the_code_page_shows_a_new_code_each_time(world: World, client_as: ClientAs) -> None:
    mother = client_as("mother")
    pages = [mother.get("/my/code") for _ in range(2)]
    pictures = [re.search(r"yw-code-picture.*?</svg>", page.content.decode(), re.S) for page in pages]
    assert pictures[0]
    assert pictures[1]
    assert pictures[0][0] != pictures[1][0]
    assert "no-store" in pages[0]["Cache-Control"]
    assert world.mother.id_number not in pages[0].content.decode()
    english = mother.get("/my/code", headers={"Accept-Language": "en"}).content.decode()
    assert "Only that the code is genuine" in english


def test_an_agent_switches_to_the_firm(world: World, client_as: ClientAs) -> None:
    mandate = world.mandate(world.firm, "mother")
    page = client_as("mother").get(f"/my/code?mandate={mandate.id}").content.decode()
    assert "企业码" in page
    assert world.firm.name in page
    assert client_as("father").get(f"/my/code?mandate={mandate.id}").status_code == 403


def test_who_helps_another_still_shows_only_their_own(world: World, client_as: ClientAs) -> None:
    mandate, mother = world.mandate(world.father, "mother"), client_as("mother")
    mother.post("/login/acting", {"mandate": mandate.id})
    assert "个人码" in mother.get("/my/code").content.decode()
    assert mother.get(f"/my/code?mandate={mandate.id}").status_code == 403


def test_the_scanner_page_tells_and_refuses(world: World, client_as: ClientAs) -> None:
    clerk, text = client_as("health.clerk"), on_screen(client_as("mother"))
    form = {"scene": "anlan.counter", "text": text}
    told = clerk.post("/desk/scan", form).content.decode()
    assert "码有效" in told
    assert world.mother.id_number in told
    again = clerk.post("/desk/scan", form)
    assert again.status_code == 409
    assert world.mother.id_number not in again.content.decode()
    assert clerk.post("/desk/scan", {**form, "text": "1+1"}).status_code == 422
    assert client_as("health.reviewer").get("/desk/scan").status_code == 403
    assert "亮码办事" in client_as("mother").get("/my/code/scans").content.decode()


def test_the_form_of_the_counter_offers_to_be_filled(world: World, client_as: ClientAs) -> None:
    page = client_as("health.clerk").get("/desk/mandate").content.decode()
    assert 'data-scene="anlan.counter"' in page


def _door(world: World) -> Any:
    address = NewAddress("安澜市临江区江畔街道柳岸社区江畔路12号", VILLAGE, 120.1, 30.2, road="江畔路", number="12号")
    places.save_addresses(addresses=[address], by=SYSTEM, at=AT)
    found = place_queries.find("江畔路12号")[0]
    return place_queries.door(found.entry_id or 0)


def test_a_door_plate_leads_to_its_services(world: World, client_as: ClientAs) -> None:
    door = _door(world)
    text = queries.plate_text(door, at=timezone.now())
    page = Client().get(f"/plates/{text}")
    shown = page.content.decode()
    assert page.status_code == 200
    assert world.org("town").name in shown
    form = re.search(r'href="(/hotline\?place=[^"]+)"', shown)
    assert form
    assert door.text in Client().get(form[1].replace("&amp;", "&")).content.decode()
    for wrong in (text[:-12] + "AAAAAAAAAAAA", "12", on_screen(client_as("mother"))):
        assert Client().get(f"/plates/{wrong}").status_code == 404
    steward = client_as("city.steward")
    assert f"/desk/plates/{door.id}" in steward.get("/desk/plates?q=江畔路12号").content.decode()
    assert "<svg" in steward.get(f"/desk/plates/{door.id}").content.decode()
    assert client_as("health.clerk").get(f"/desk/plates/{door.id}").status_code == 403


def test_a_plate_is_no_code_to_scan(world: World, client_as: ClientAs) -> None:
    text = queries.plate_text(_door(world), at=timezone.now())
    answer = client_as("health.clerk").post("/desk/scan", {"scene": "anlan.counter", "text": text})
    assert answer.status_code == 422


def test_gates_find_the_keys(world: World) -> None:
    answer = Client().get("/.well-known/yiwang-codes.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert {key["codes"] for key in answer.json()["keys"]} == {"showing", "plates"}
    assert (answer.json()["lives_seconds"], answer.json()["skew_seconds"]) == (60, 30)
