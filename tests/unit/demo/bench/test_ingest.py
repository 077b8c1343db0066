"""The bench of ingest takes its own file in, on a few rows, and counts a delivery's repeats."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from yiwang.demo.bench import queries


@pytest.mark.django_db
def test_a_file_is_taken_in_and_its_half_is_counted_out(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    found = queries.ingest(rows=2000, tell=lambda sentence: None)
    assert found["counts"] == [
        {"read": 2000, "taken": 2000, "duplicate": 0, "standard": 1998, "unfit": 2},
        {"read": 2000, "taken": 1000, "duplicate": 1000, "standard": 999, "unfit": 1},
    ]
    assert found["bare_copy"]["rows_per_s"] > 0
