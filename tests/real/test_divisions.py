"""The real divisions of the country go in as they are published, and every one finds what is above it."""

import csv
from pathlib import Path

import pytest

from tests import world as w
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import actions, queries
from yiwang.kernel.orgs.contracts import Level
from yiwang.kernel.orgs.models import Region

FILES = {"provinces.csv": (31, 0), "cities.csv": (342, 0), "areas.csv": (2975, 3), "streets.csv": (41351, 1)}


@pytest.mark.usefixtures("db")
def test_forty_thousand_divisions_in_four_lists(shared: Path) -> None:
    folder = shared / "data" / "divisions"
    for name, counts in FILES.items():
        report = actions.import_list(path=folder / name, by=SYSTEM, at=w.AT)
        # Three cities without counties stand among the counties again, and a county without towns among the towns.
        assert (report.regions, report.known) == counts
    assert actions.import_list(path=folder / "areas.csv", by=SYSTEM, at=w.AT).known == 2978
    assert Region.objects.filter(parent=None).count() == 31
    assert queries.full_name("370102001000") == "山东省济南市历下区解放路街道"
    # 东莞 has no counties: its towns stand below the city.
    town = queries.region("441900003000")
    assert (town.level, town.parent_id) == (Level.TOWN, queries.region("441900000000").id)


@pytest.mark.usefixtures("db")
def test_villages_find_their_towns(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data" / "divisions"
    for name in FILES:
        actions.import_list(path=folder / name, by=SYSTEM, at=w.AT)
    with (folder / "villages_5cities.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[:2000]
    few = tmp_path / "villages.csv"
    few.write_text("code,name\n" + "".join(f"{row['code']},{row['name']}\n" for row in rows), encoding="utf-8")
    assert actions.import_list(path=few, by=SYSTEM, at=w.AT).regions == 2000
    assert Region.objects.filter(level=5).exclude(parent__level=4).count() == 0
