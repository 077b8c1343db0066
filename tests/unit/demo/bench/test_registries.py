"""The bench of registries does what it says, on a few rows."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from yiwang.demo.bench import queries


@pytest.mark.django_db
def test_rows_come_in_and_files_are_read(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    told: list[str] = []
    found = queries.registries(rows=400, reads=20, settle=lambda: None, tell=told.append)
    assert (found["take_over"]["added"], found["bare_copy"]["rows_per_s"] > 0) == (400, True)
    again = found["take_over_one_in_a_hundred"]
    assert (again["added"], again["changed"], again["kept"]) == (0, 4, 396)
    assert found["point_reads"]["file_ms"]["p50"] > 0
    assert len(told) == 5
