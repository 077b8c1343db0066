"""Registries that the house's own registers fill: addresses and grids, licences, credit records; said again nothing changes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from tests.world import AT, DISTRICT, VILLAGE, World
from yiwang.data.places import actions as places
from yiwang.data.places.contracts import NewAddress
from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import Kind
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index

As = Callable[[str], Client]
DOOR = NewAddress("临江区江畔街道柳岸路7号", VILLAGE, 0.41, 0.36, "柳岸路", "7号")


def _saved(world: World, title: str, day: int) -> None:
    door = NewAddress(DOOR.text, VILLAGE, DOOR.lon, DOOR.lat, DOOR.road, DOOR.number, title)
    places.save_addresses(addresses=[door], by=SYSTEM, at=AT + timedelta(days=day))


def test_an_address_has_a_file_with_what_it_was_before(
    world: World, client_as: As, run_jobs: Callable[[], int]
) -> None:
    _saved(world, "", 0)
    run_jobs()
    _saved(world, "柳岸小学", 2)
    run_jobs()
    key = sealed_index(DOOR.text)
    assert queries.file("places", key).value("title") == "柳岸小学"
    assert queries.file("places", key, as_of=AT.date()).value("title") == ""
    (change,) = queries.changes("places", by=SYSTEM)
    assert (change.kind, change.columns) == (Kind.CHANGED, ("title",))
    _saved(world, "柳岸小学", 3)
    run_jobs()
    assert queries.changes("places", change.number, by=SYSTEM) == []
    clerk = client_as("health.clerk")
    found = clerk.post("/desk/registries/places/search", {"number": DOOR.text}).content.decode()
    assert key in found
    page = clerk.post(f"/desk/registries/places/files/{key}", {"purpose": "核对地址"}).content.decode()
    assert "一址一档" in page
    assert "柳岸小学" in page
    assert client_as("other-health.clerk").post(
        f"/desk/registries/places/files/{key}", {"purpose": "核对地址"}
    ).status_code == 404  # fmt: skip


def test_a_relation_is_found_from_whom_it_names_and_they_see_who_opened_it(world: World) -> None:
    row = {
        "record_no": "credit-cn:1", "uscc": world.firm.id_number, "kind": "行政处罚", "title": "某处罚",
        "decided_on": "2026-05-01", "standing": "公示中", "region_code": DISTRICT,
    }  # fmt: skip
    assert actions.hand_over(registry="credit", rows=[row, row], by=SYSTEM, at=AT) == 1
    assert actions.hand_over(registry="credit", rows=[row | {"standing": "已修复"}], by=SYSTEM, at=AT) == 1
    by = world.actor("health.clerk")
    (found,) = queries.search("credit", number=world.firm.id_number, by=by)
    file = actions.open_file(registry="credit", key=found.key, purpose="监管检查", by=by, at=AT)
    assert file.value("standing") == "已修复"
    (seen,) = audit.disclosures_of(sealed_index(world.firm.id_number)).items
    assert seen.purpose == "监管检查"


def test_a_place_that_keeps_no_such_registry_is_handed_nothing(db: None) -> None:
    assert actions.hand_over(registry="no-such", rows=[{"a": "b"}], by=SYSTEM, at=AT) == 0


def test_what_is_about_nobody_is_listed_within_the_region_and_what_is_about_somebody_is_not(
    world: World, client_as: As
) -> None:
    def row(code: str, indicator: str, value: str) -> dict[str, str | None]:
        return {"series": f"{code}:{indicator}", "indicator": indicator, "region_code": code, "value": value}

    rows = [row(DISTRICT, "地区生产总值", "62.10"), row(DISTRICT, "固定资产投资", "24.07")]
    actions.hand_over(registry="economy", rows=rows, by=SYSTEM, at=AT)
    clerk = client_as("health.clerk")
    page = clerk.get("/desk/registries/economy").content.decode()
    assert page.index("24.07") < page.index("62.1")
    assert "24.07" not in clerk.get("/desk/registries/economy?called=地区生产总值").content.decode()
    actions.hand_over(
        registry="grids", rows=[{"code": "G1", "name": "一号网格", "region_code": DISTRICT}], by=SYSTEM, at=AT
    )
    assert "一号网格" in clerk.get("/desk/registries/grids").content.decode()
    assert "一号网格" not in client_as("other-health.clerk").get("/desk/registries/grids").content.decode()
    by = world.actor("health.clerk")
    assert [queries.listed(name, by=by) for name in ("credit", "licences", "population")] == [None] * 3


@pytest.mark.parametrize("registry", ["places", "grids", "licences", "credit", "economy"])
def test_each_is_kept_and_searched_like_the_others(world: World, client_as: As, registry: str) -> None:
    assert client_as("health.clerk").get(f"/desk/registries/{registry}").status_code == 200
    assert queries.keeping(registry).called
