import json
from datetime import date, timedelta
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.standing import standing
from tests.world import VILLAGE, World
from yiwang.data.places import _outlines, actions, queries
from yiwang.data.places.contracts import (
    AlreadyOnDuty,
    BadCoordinates,
    BadFile,
    NewAddress,
    NewGrid,
    NoSuchGrid,
    Precision,
)
from yiwang.kernel.base.contracts import SYSTEM, Denied

SINCE = date(2026, 1, 1)
LATER = date(2026, 6, 1)


def square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def grid(number: int, outline: dict[str, Any], name: str = "") -> NewGrid:
    return NewGrid(f"{VILLAGE}{number:03d}", name or f"第{number}网格", outline)


@standing
def grids(world: World) -> None:
    new = [grid(1, square(0.1, 0.1)), grid(2, square(0.2, 0.1))]
    report = actions.save_grids(grids=new, on=SINCE, by=SYSTEM, at=world.at)
    assert (report.created, report.problems) == (2, ())


def test_a_point_lies_in_one_grid_at_most(grids: None) -> None:
    for lon, lat, number in [
        (0.15, 0.15, "001"),
        (0.25, 0.15, "002"),
        (0.2, 0.15, "001"),
        (0.35, 0.15, ""),
        (-179.9, -89.9, ""),
    ]:
        found = queries.grid_at(lon, lat, on=LATER)
        assert (found.code[12:] if found else "") == number


@pytest.mark.parametrize(
    "bad", [(nan, 0), (inf, 0), (0, 91), (181, 0), (10**400, 0), ("x", 0), (None, 0), ("1; DROP", 0)]
)
def test_hostile_coordinates_are_refused(bad: Any) -> None:
    with pytest.raises(BadCoordinates):
        queries.grid_at(*bad)


def test_a_grid_with_a_hole_does_not_hold_it(world: World) -> None:
    outline = square(0.1, 0.1)
    outline["coordinates"].append(square(0.14, 0.14, 0.02)["coordinates"][0])
    actions.save_grids(grids=[grid(1, outline)], on=SINCE, by=SYSTEM, at=world.at)
    assert queries.grid_at(0.15, 0.15, on=LATER) is None
    assert queries.grid_at(0.11, 0.11, on=LATER) is not None


def test_many_points_cost_one_query(grids: None, django_assert_num_queries: Any) -> None:
    points = [(0.1005 + n / 1000, 0.15) for n in range(300)]
    with django_assert_num_queries(1):
        found = queries.grids_at(points, on=LATER)
    assert sum(each is not None for each in found) == 200


def test_a_redrawn_grid_keeps_its_past(grids: None, world: World) -> None:
    moved = [grid(1, square(0.1, 0.3), name="北网格")]
    report = actions.save_grids(grids=moved, on=LATER, by=SYSTEM, at=world.at)
    assert report.changed == 1
    assert queries.grid_at(0.15, 0.15, on=LATER) is None
    before = queries.grid_at(0.15, 0.15, on=LATER - timedelta(days=1))
    assert before is not None
    assert before.until == LATER
    again = actions.save_grids(grids=moved, on=LATER, by=SYSTEM, at=world.at)
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)


def test_grids_that_overlap_or_stand_nowhere_are_set_aside(grids: None, world: World) -> None:
    new = [grid(3, square(0.25, 0.1)), NewGrid("990102001999001", "无", square(1, 1)), grid(4, square(0.3, 0.1))]
    report = actions.save_grids(grids=new, on=SINCE, by=SYSTEM, at=world.at)
    assert report.created == 1
    assert {problem.where[12:] for problem in report.problems} == {"001", "003"}


@pytest.mark.parametrize(
    "outline",
    [
        None,
        {"type": "Point", "coordinates": [0, 0]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1]]]},
        {"type": "Polygon", "coordinates": [[[0, 0], [nan, 1], [1, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": "everywhere"},
        {"type": "Polygon", "coordinates": [[[0, 0]] * 6000]},
        {"type": "MultiPolygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0]]]},
        {"type": "Polygon", "coordinates": []},
    ],
)
def test_an_outline_that_is_none_is_refused(outline: Any) -> None:
    with pytest.raises(BadCoordinates):
        _outlines.outline(outline)


def test_only_who_keeps_places_may(world: World) -> None:
    with pytest.raises(Denied):
        actions.save_grids(grids=[grid(1, square(0, 0))], on=SINCE, by=world.actor("health.clerk"), at=world.at)


def test_duties_run_from_a_day_to_a_day(grids: None, world: World) -> None:
    account, code = world.account("health.clerk").id, f"{VILLAGE}001"
    actions.assign(account_id=account, grid_code=code, since=SINCE, by=SYSTEM, at=world.at)
    with pytest.raises(AlreadyOnDuty):
        actions.assign(account_id=account, grid_code=code, since=SINCE, by=SYSTEM, at=world.at)
    assert queries.workers(code, on=LATER) == [account]
    assert [each.code for each in queries.grids_of(account, on=LATER)] == [code]
    actions.relieve(account_id=account, grid_code=code, until=LATER, by=SYSTEM, at=world.at)
    assert queries.workers(code, on=LATER) == []
    assert queries.workers(code, on=LATER - timedelta(days=1)) == [account]
    with pytest.raises(NoSuchGrid):
        actions.assign(account_id=account, grid_code="9" * 15, since=SINCE, by=SYSTEM, at=world.at)


@standing
def addresses(grids: None, world: World) -> None:
    here = [
        NewAddress(f"临江区江畔街道柳岸社区柳岸路{n}号", VILLAGE, 0.1 + n / 100, 0.15, "柳岸路", str(n))
        for n in range(1, 20)
    ]
    school = NewAddress("临江区江畔街道柳岸小学", VILLAGE, 0.28, 0.15, title="柳岸小学")
    far = NewAddress("望湖区柳岸路3号", "990103000000", 0.9, 0.9, "柳岸路", "3")
    report = actions.save_addresses(addresses=[*here, school, far], by=SYSTEM, at=world.at)
    assert report.created == 21


@pytest.mark.parametrize(
    ("said", "text", "precision", "number"),
    [
        ("临江区江畔街道柳岸社区柳岸路12号", "柳岸路12号", Precision.DOOR, "002"),
        ("我家楼下，柳岸社区柳岸路 3 号门口有一堆垃圾三天没人管", "柳岸社区柳岸路3号", Precision.DOOR, "001"),
        ("柳岸社区柳岸路４号旁边", "柳岸路4号", Precision.DOOR, "001"),
        ("江畔街道柳岸小学对面", "柳岸小学", Precision.SITE, "002"),
        ("望湖区柳岸路3号", "望湖区柳岸路3号", Precision.DOOR, ""),
        ("柳岸社区", "柳岸社区", Precision.REGION, ""),
    ],
)
def test_an_address_is_found_in_what_somebody_said(
    addresses: None, said: str, text: str, precision: Precision, number: str
) -> None:
    first = queries.find(said, on=LATER)[0]
    assert first.text.endswith(text)
    assert first.precision is precision
    assert first.grid_code[12:] == number or precision is Precision.REGION


def test_nonsense_finds_nothing_and_breaks_nothing(addresses: None) -> None:
    for said in ["", "？！", "号号号", "a" * 5000, "\x00", "1" * 200, "没有这样的地方", "%_%'\"", "😀" * 50]:
        assert queries.find(said, on=LATER) == []


def test_finding_keeps_to_its_region_and_goes_by_distance(addresses: None) -> None:
    assert {each.region_code for each in queries.find("柳岸路3号", region="990103000000")} == {"990103000000"}
    assert queries.find("柳岸路3号", near=(0.9, 0.9))[0].region_code == "990103000000"
    assert queries.find("柳岸路3号", near=(0.13, 0.15))[0].region_code == VILLAGE


def test_finding_costs_the_same_whatever_was_said(addresses: None, django_assert_max_num_queries: Any) -> None:
    for said in ["临江区江畔街道柳岸社区柳岸路12号" * 3, "柳岸社区", "柳岸路"]:
        with django_assert_max_num_queries(5):
            queries.find(said, size=20, on=LATER)


def test_files_are_taken_in_and_what_is_wrong_is_set_aside(world: World, tmp_path: Path) -> None:
    drawn = tmp_path / "grids.geojson"
    features = [
        {"type": "Feature", "properties": {"code": f"{VILLAGE}001", "name": "一"}, "geometry": square(0, 0)},
        {"type": "Feature", "properties": {"code": f"{VILLAGE}001", "name": "又一"}, "geometry": square(1, 0)},
        {"type": "Feature", "properties": {"code": "12", "name": "短"}, "geometry": square(2, 0)},
        {"type": "Feature", "properties": None, "geometry": None},
        7,
    ]
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = actions.import_file(path=drawn, by=SYSTEM, at=world.at)
    assert report.created == 1
    assert [problem.where for problem in report.problems] == [f"feature {n}" for n in (2, 3, 4, 5)]
    listed = tmp_path / "doors.csv"
    listed.write_text(
        f"text,region_code,lon,lat,road,number\n甲路1号,{VILLAGE},0.05,0.05,甲路,1\n乙,{VILLAGE},x,0\n丙,1,0,0\n",
        encoding="utf-8",
    )
    report = actions.import_file(path=listed, by=SYSTEM, at=world.at)
    assert (report.created, len(report.problems)) == (1, 2)
    assert queries.find("甲路1号", on=world.at.date())[0].grid_code == f"{VILLAGE}001"
    assert actions.import_file(path=listed, by=SYSTEM, at=world.at).unchanged == 1


@pytest.mark.parametrize(
    ("name", "content"), [("a.geojson", b"{"), ("a.json", b"[1]"), ("a.csv", b"x,y\n1,2\n"), ("a.csv", b"\xff\xfe")]
)
def test_a_file_that_is_none_is_refused(world: World, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile):
        actions.import_file(path=tmp_path / name, by=SYSTEM, at=world.at)


def test_routes_answer_staff_and_refuse_strangers(addresses: None, client_as: Any) -> None:
    client = client_as("health.clerk")
    shapes = client.get("/api/places/grids", {"region": "990102000000"}).json()
    assert [each["properties"]["name"] for each in shapes["features"]] == ["第1网格", "第2网格"]
    assert client.get("/api/places/at", {"lon": 0.15, "lat": 0.15}).json()["grid"]["code"] == f"{VILLAGE}001"
    assert client.get("/api/places/at", {"lon": "nan", "lat": 0.15}).status_code == 422
    found = client.get("/api/places/addresses", {"q": "柳岸路12号"}).json()["items"]
    assert found[0]["precision"] == "door"
    assert Client().get("/api/places/at", {"lon": 0.15, "lat": 0.15}).status_code == 401
