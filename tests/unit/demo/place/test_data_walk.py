"""The whole way of the data, on a small place: figures of each step, and the correction in the registry."""

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.departments import FIRMS, departments, enter
from tests.world import AT, World
from yiwang.data.catalogue.contracts import ItemView, NoSuchResource
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import queries as ingest
from yiwang.data.ingest.contracts import State
from yiwang.demo.place import _deliveries, actions
from yiwang.demo.place.kinds import NAMES, Names
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs


def test_the_same_seed_makes_the_same_dirt(world: World, tmp_path: Path) -> None:
    names = packs.all_of(NAMES)[0].as_type(Names)
    made = [
        _deliveries.write(tmp_path / name, names=names, county="990102", firms=300, seed=seed, today=date(2026, 7, 1))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    first, same, other = (each.enterprises.read_bytes() for each in made)
    assert first == same != other
    assert made[0].mistakes.keys() >= {"wrong-digit", "other-date", "twice"}
    with open(made[0].enterprises, encoding="gb18030", newline="") as stream:
        assert len(list(csv.reader(stream))) == 300 + 1 + made[0].mistakes["twice"]


def test_from_files_to_a_registry_and_a_correction_at_the_source(
    world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", tmp_path

    def steps() -> dict[str, tuple[str, ...]]:
        walked = actions.walk_data(folder=tmp_path / "files", given=None, firms=60, seed=7, by=SYSTEM, at=AT)
        return {step.title: step.lines for step in walked}

    with pytest.raises(NoSuchResource):
        steps()
    place = departments(world)
    address = ItemView(name="address", title="住所", element_id="firm.address")
    content = replace(FIRMS, lake_table="", items=(*FIRMS.items, address))
    for code in ("anlan.market.enterprises", "anlan.tax.taxpayers", "anlan.tax.arrears"):
        enter(place, code=code, content=content)
    told = steps()
    batches = ingest.batches(size=50).items
    assert {batch.state for batch in batches} == {State.TAKEN}
    assert all(batch.read == batch.taken + batch.quarantined + batch.duplicate for batch in batches)
    with lakes.connect() as lake:
        relation = lakes.mount(lake, "registry.anlan.firms")
        rows = lake.execute(f"SELECT address FROM {relation} WHERE ends_with(address, '2层')").fetchall()
        total = lake.execute(f"SELECT count(*), count(DISTINCT uscc) FROM {relation}").fetchall()[0]
    assert len(rows) == 1
    assert total[0] == total[1] == ingest.batch(batches[0].id).standard
    assert "住所现为" in told["更正到了基础库"][-1]
    assert {"质量检查", "实体归一", "治理加工", "异议", "再次检查"} <= told.keys()
