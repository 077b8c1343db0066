"""The bench of registries does what it says, on a few rows."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.world import AT, World
from yiwang.data.registries import actions
from yiwang.data.registries.models import Entry
from yiwang.demo.bench import _registries, queries
from yiwang.kernel.base.contracts import SYSTEM


@pytest.mark.django_db
def test_rows_come_in_and_files_are_read(
    world: World, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_registries, "TAKEN", 400)
    settings.YIWANG_LAKE = tmp_path / "lake"
    # Another registry's entry stands first, as in an installation that was seeded.
    actions.hand_over(registry="grids", rows=[{"code": "990102001001001"}], by=SYSTEM, at=AT)
    told: list[str] = []
    found = queries.registries(rows=1000, reads=50, settle=lambda: None, site=None, tell=told.append)
    assert (found["take_over"]["added"], found["bare_copy"]["rows_per_s"] > 0) == (400, True)
    again = found["take_over_one_in_a_hundred"]
    assert (again["added"], again["changed"], again["kept"]) == (0, 4, 396)
    assert found["filled_in"]["rows"] == 600
    assert Entry.objects.filter(register__registry=_registries.REGISTRY, is_here=True).count() == 1000
    assert found["point_reads"]["file_ms"]["p50"] > 0
    assert len(told) == 6
