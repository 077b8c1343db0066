import json
from pathlib import Path

import pytest

from tests.streets import LID, Street
from yiwang.governance.incidents import actions, queries
from yiwang.governance.incidents.contracts import BadCensus
from yiwang.kernel.base.contracts import SYSTEM, Denied

MARK = "9901020101000001"


def test_a_census_is_taken_in_and_what_is_wrong_is_set_aside(street: Street, tmp_path: Path) -> None:
    listed = tmp_path / "census.csv"
    lines = [
        "mark,name,owner,lon,lat",
        f"{MARK},柳岸路1号井盖,区水务局,0.15,0.15",
        f"{MARK},又一个,,0.16,0.15",
        "123,短,,0.15,0.15",
        "9901029901000001,没有这类,,0.15,0.15",
        "9901020101000002,在别处,,5,5",
        "9901020101000003,坐标不是数,,x,0.15",
        "9901030101000001,区划不对,,0.15,0.15",
    ]
    listed.write_text("\n".join(lines), encoding="utf-8")
    report = actions.import_census(path=listed, by=SYSTEM, at=street.world.at)
    assert (report.created, report.changed) == (1, 0)
    assert sorted(problem.where for problem in report.problems) == [f"line {n}" for n in range(3, 9)]
    assert actions.import_census(path=listed, by=SYSTEM, at=street.world.at).unchanged == 1
    (found,) = queries.components("990102000000")
    assert (found.mark, found.type_name, found.owner) == (MARK, "上水井盖", "区水务局")


def test_a_census_comes_as_geojson_too(street: Street, tmp_path: Path) -> None:
    drawn = tmp_path / "census.geojson"
    point = {"type": "Point", "coordinates": [0.15, 0.15]}
    features = [{"type": "Feature", "properties": {"mark": MARK}, "geometry": point}, None, {"geometry": point}]
    drawn.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    report = actions.import_census(path=drawn, by=SYSTEM, at=street.world.at)
    assert (report.created, len(report.problems)) == (1, 2)
    first = street.report(LID, component=MARK)
    # The lid says which incident it is, however badly two phones agree on where they are.
    assert street.report(LID, spot=(0.17, 0.17), component=MARK).code == first.code


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b"x\n1"), ("a.geojson", b"{"), ("a.json", b"[]"), ("a.csv", b"\xff\xfe")]
)
def test_a_census_that_is_none_is_refused(street: Street, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadCensus):
        actions.import_census(path=tmp_path / name, by=SYSTEM, at=street.world.at)


def test_only_who_keeps_components_may(street: Street, tmp_path: Path) -> None:
    with pytest.raises(Denied):
        actions.import_census(path=tmp_path / "a.csv", by=street.actor("street.grid"), at=street.world.at)
