"""5,519 real firms with their natural dirt, through ingest and the transformation of the demo place."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.world import AT, World
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import actions
from yiwang.data.ingest.contracts import State
from yiwang.kernel.base.contracts import SYSTEM


def test_real_firms_reconcile_and_no_code_stands_twice(
    world: World, shared: Path, settings: LazySettings, tmp_path: Path
) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    path = shared / "data" / "enterprises" / "enterprises.csv"
    if not path.exists():
        pytest.skip("enterprises are not in ../shared")
    batch = actions.run(source_id="anlan.source.enterprise-list", path=path, by=SYSTEM, at=AT)
    assert batch.state is State.TAKEN
    assert batch.read == batch.taken + batch.quarantined + batch.duplicate == 5519
    assert batch.taken == batch.standard + batch.unfit
    with lakes.connect() as lake:
        relation = lakes.mount(lake, "standard.anlan.market.enterprises")
        rows, codes = lake.execute(f"SELECT count(*), count_if(length(uscc) = 18) FROM {relation}").fetchall()[0]
    assert rows == codes == batch.standard
    again = actions.run(source_id="anlan.source.enterprise-list", path=path, by=SYSTEM, at=AT)
    assert again == batch
