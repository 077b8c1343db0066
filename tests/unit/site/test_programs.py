"""Where the programs of an installation count what they do."""

from pathlib import Path

import pytest

from yiwang.site import paths, programs


def test_counts_are_not_on_the_disk_that_may_be_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "_MEMORY", tmp_path)
    own = programs.counts()
    assert own.parent == tmp_path
    monkeypatch.setattr(paths, "HOME", paths.HOME / "another")
    assert programs.counts() != own  # two installations on one machine do not count together
    web = programs.programs(port=8000, demo=False)[0]
    assert web.environment["PROMETHEUS_MULTIPROC_DIR"] == str(programs.counts())


def test_without_memory_to_write_to_they_are_at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "_MEMORY", tmp_path / "absent")
    assert programs.counts() == paths.HOME / "metrics"
