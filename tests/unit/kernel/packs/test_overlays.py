"""Overlays over three levels: items merged by key, who set what, and several places in one installation."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.kernel.packs.tennis_kinds import League, tennis
from yiwang.kernel.base.contracts import SYSTEM, PackInvalid
from yiwang.kernel.packs import _diff, _store, actions, queries
from yiwang.kernel.packs.contracts import Layer, PackSet

NOW = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
LEAGUE = """\
kind: League
id: league.first
title: 甲级联赛
season: {starts: 三月, ends: 十月}
teams:
  - {name: 东队, players: 8}
  - {name: 西队, players: 6, note: 老队}
fines:
  - {name: 迟到, amount: 50}
"""
REGION = """\
kind: League
overlay: league.first
season: {ends: 九月}
teams:
  - {name: 西队, players: 7}
  - {name: 北队, players: 5}
"""
TOWN = """\
kind: League
overlay: league.first
teams:
  - {name: 东队, drop: true}
  - {name: 北队, note: 新队}
fines:
  - {name: 迟到, amount: 30}
"""
PLACES = {
    "top": "kind: Place\nid: top\ntitle: 总会\n",
    "region": 'kind: Place\nid: region\ntitle: 大区\nunder: top\nregion: "990000000000"\n',
    "town": 'kind: Place\nid: town\ntitle: 镇队\nunder: region\nregion: "990100000000"\ndefault: true\n',
    "port": 'kind: Place\nid: port\ntitle: 港队\nunder: region\nregion: "990200000000"\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for place, text in PLACES.items():
        write(tmp_path, f"{place}/place.yaml", text)
    write(tmp_path, "top/league.yaml", LEAGUE)
    write(tmp_path, "region/league.yaml", REGION)
    write(tmp_path, "town/league.yaml", TOWN)
    with tennis():
        yield tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True, parents=True)
    (folder / name).write_text(text, encoding="utf-8")


def told(folder: Path) -> list[str]:
    return [str(problem).removeprefix(f"{folder.name}/") for problem in queries.check(folder)]


def teams(packs: PackSet) -> list[tuple[str, int, str]]:
    body = packs.get("League", "league.first").as_type(League)
    return [(team.name, team.players, team.note) for team in body.teams]


def test_three_levels_merge_items_by_key(folder: Path) -> None:
    assert told(folder) == []
    packs = queries.read(folder, "town")
    assert teams(packs) == [("西队", 7, "老队"), ("北队", 5, "新队")]
    body = packs.get("League", "league.first").as_type(League)
    assert (dict(body.season), body.fines[0]["amount"]) == ({"starts": "三月", "ends": "九月"}, 30)
    assert teams(queries.read(folder, "port")) == [("东队", 8, ""), ("西队", 7, "老队"), ("北队", 5, "")]
    assert teams(queries.read(folder, "top", alone=True)) == [("东队", 8, ""), ("西队", 6, "老队")]


def test_it_is_known_which_file_set_what(folder: Path) -> None:
    pack = queries.read(folder, "town").get("League", "league.first")
    name = folder.name
    top, region, town = (f"{name}/{place}/league.yaml" for place in ("top", "region", "town"))
    assert pack.layers == (
        Layer("top", top, 1),
        Layer("region", region, 2, ("season.ends", "teams.西队.players", "teams.北队")),
        Layer("town", town, 2, ("-teams.东队", "teams.北队.note", "fines.迟到.amount")),
    )
    set_by = {where: pack.set_by(where).path for where in ("season.ends", "season.starts", "teams.西队.players")}
    assert set_by == {"season.ends": region, "season.starts": top, "teams.西队.players": region}
    assert pack.set_by("teams.北队.note").path == pack.set_by("teams.东队").path == town
    assert pack.set_by("teams.北队.players").path == region


def test_a_fault_is_shown_in_the_file_that_brought_it(folder: Path) -> None:
    write(folder, "region/league.yaml", REGION.replace("players: 7", "players: 七"))
    assert "region/league.yaml:5: teams.1.players: 应是整数，现在是“七”。请写成如 5。" in told(folder)
    write(folder, "region/league.yaml", REGION)
    write(folder, "town/league.yaml", TOWN.replace("note: 新队", "players: 很多"))
    assert told(folder) == ["town/league.yaml:5: teams.1.players: 应是整数，现在是“很多”。请写成如 5。"]


OPEN = "上级不许改这个字段。请删去；这类包可改的是：fines.amount、fines.reason、season.ends、teams。"
REFUSED = {
    "no key": (
        "{name: 北队, note: 新队}",
        "{note: 新队}",
        "town/league.yaml:5: teams.1: 这一项没有写 name。请写 name，指明改哪一项。",
    ),
    "twice": (
        "{name: 北队, note: 新队}",
        "{name: 东队, note: 新队}",
        "town/league.yaml:5: teams.1.name: “东队”写了两次。请合并成一项。",
    ),
    "drop of nothing": (
        "{name: 东队, drop: true}",
        "{name: 南队, drop: true}",
        "town/league.yaml:4: teams.0: 上级没有这一项，不用去掉。请核对名称，或删去这一项。",
    ),
    "drop and change": (
        "{name: 东队, drop: true}",
        "{name: 东队, drop: true, players: 3}",
        "town/league.yaml:4: teams.0.drop: 去掉一项时只写它的名称和 drop: true。请删去其余字段，或删去 drop。",
    ),
    "closed part of an item": (
        "{name: 迟到, amount: 30}",
        "{name: 迟到, points: 3}",
        f"town/league.yaml:7: fines.0.points: {OPEN}",
    ),
    "new item where only parts may differ": (
        "{name: 迟到, amount: 30}",
        "{name: 早退, amount: 30}",
        "town/league.yaml:7: fines.0.name: 上级没有“早退”，这里只能改已有的。请核对名称。",
    ),
    "drop where only parts may differ": (
        "{name: 迟到, amount: 30}",
        "{name: 迟到, drop: true}",
        f"town/league.yaml:7: fines.0.drop: {OPEN}",
    ),
    "closed part of a mapping": (
        "fines:",
        "season: {starts: 四月}\nfines:",
        f"town/league.yaml:6: season.starts: {OPEN}",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_open_is_refused(folder: Path, name: str) -> None:
    old, new, expected = REFUSED[name]
    assert old in TOWN
    write(folder, "town/league.yaml", TOWN.replace(old, new))
    assert told(folder) == [expected]


def test_one_installation_serves_several_places(folder: Path) -> None:
    packs = queries.read(folder, "region")
    assert packs.place == "region"
    assert len(teams(packs)) == 3
    assert len(teams(packs.at_region("990102003004"))) == 2
    assert len(teams(packs.at_region("990201000000"))) == 3
    assert packs.at_region("990000000000").place == "region"
    assert [each.place for each in packs.places()] == ["region", "port", "town"]


def test_what_one_place_adds_is_found_by_id_and_is_no_other_places(folder: Path) -> None:
    write(folder, "port/league.yaml", LEAGUE.replace("league.first", "port.league"))
    packs = queries.read(folder, "region")
    assert packs.find("League", "port.league")
    assert packs.at_region("990200000000").find("League", "port.league")
    assert packs.at_region("990100000000").find("League", "port.league") is None


def test_two_places_served_together_may_not_take_the_same_id(folder: Path) -> None:
    for place in ("port", "town"):
        write(folder, f"{place}/own.yaml", LEAGUE.replace("league.first", "own.league"))
    with pytest.raises(
        PackInvalid, match=r"own\.league 已在 .*/port/own\.yaml:1 写过。同时服务几个地方时，请换一个 id。"
    ):
        queries.read(folder, "region")
    assert queries.read(folder, "town").find("League", "own.league")


def test_what_nobody_reads_by_region_is_refused_where_several_places_are_served(folder: Path) -> None:
    write(folder, "top/surface.yaml", "kind: Surface\nid: surface.clay\ntitle: 红土\n")
    court = "kind: Court\nid: court.one\ntitle: 一号场\nsurface: surface.clay\n"
    court += 'opening: {opens: "07:00", closes: "22:00", minutes: 60}\nrates: []\n'
    write(folder, "top/court.yaml", court)
    write(folder, "town/court.yaml", 'kind: Court\noverlay: court.one\nopening: {closes: "21:00"}\n')
    assert told(folder) == []
    assert queries.read(folder).place == "town"
    with pytest.raises(
        PackInvalid, match=r"town/court\.yaml:2: overlay: Court 不分地方，同时服务几个地方时不能由town改。"
    ):
        queries.read(folder, "region")


@pytest.mark.django_db
def test_a_release_keeps_every_places_text_and_its_files(folder: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.YIWANG_PLACE = "region"
    with _store.using(_store.latest):
        first = actions.load(folder, by=SYSTEM, at=NOW)
        read, stored = queries.read(folder), queries.current()
        assert [each.place for each in stored.places()] == [each.place for each in read.places()]
        for region in ("990000000000", "990101000000", "990201000000"):
            assert teams(stored.at_region(region)) == teams(read.at_region(region))
            pack = stored.at_region(region).get("League", "league.first")
            assert pack.layers == read.at_region(region).get("League", "league.first").layers
        assert not actions.load(folder, by=SYSTEM, at=NOW).is_new
        write(folder, "town/league.yaml", TOWN.replace("新队", "劲旅"))
        second = actions.load(folder, by=SYSTEM, at=NOW)
        assert (second.is_new, second.release > first.release) == (True, True)
        assert teams(queries.current().at_region("990101000000"))[1] == ("北队", 5, "劲旅")
        assert teams(queries.current())[2] == ("北队", 5, "")


@pytest.mark.django_db
def test_a_place_that_is_not_set_is_the_one_the_packs_call_the_default(folder: Path, settings) -> None:  # type: ignore[no-untyped-def]
    settings.YIWANG_PLACE = ""
    assert queries.read(folder).place == "town"
    write(folder, "town/place.yaml", PLACES["town"].replace("default: true\n", ""))
    with pytest.raises(PackInvalid, match="有几个地方的配置包（top、region、port、town）"):
        queries.read(folder)


def test_what_only_one_place_reads_otherwise_is_said_of_that_place(folder: Path) -> None:
    before = queries.read(folder, "region")
    write(folder, "town/league.yaml", TOWN.replace("note: 新队", "note: 劲旅"))
    (change,) = _diff.changes(before, queries.read(folder, "region"))
    assert (change.place, change.sentences) == (
        "town",
        ("在 town，League“甲级联赛”：teams“北队”的说明由 新队 改为 劲旅。",),
    )
    assert change.details[0].set_by.endswith("town/league.yaml")


def test_an_overlay_that_goes_is_compared_with_what_all_read(folder: Path) -> None:
    before = queries.read(folder, "region")
    (folder / "town/league.yaml").unlink()
    (change,) = _diff.changes(before, queries.read(folder, "region"))
    assert (change.place, "加上teams“东队”" in change.words) == ("town", True)
