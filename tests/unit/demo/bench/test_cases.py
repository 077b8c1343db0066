"""The whole bench on a tiny size: it runs from an empty folder, answers what the document promises, leaves nothing behind."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from yiwang.site import paths

DOCUMENT = paths.ROOT / "docs" / "reference" / "bench.md"


@pytest.mark.slow
def test_bench_of_cases_answers_every_documented_figure(tmp_path: Path) -> None:
    plans = tmp_path / "plans.txt"
    sizes = ("--rows", "200", "--rounds", "1", "--each", "3", "--clients", "5", "--plans", str(plans))
    command = [sys.executable, "-m", "yiwang", "bench", "cases", *sizes]
    before = _left_behind()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures = json.loads(line)
    told = DOCUMENT.read_text(encoding="utf-8").partition("\n## `yiwang bench ")[0]
    promised = re.findall(r"^\| `([a-z0-9_]+)", told, re.M)
    assert set(promised) == set(figures)
    assert figures["lists"]["few.json.first"]["rows"] == 3
    assert all(found["cpu_ms"]["min"] > 0 for found in figures["lists"].values())
    assert "Index" in plans.read_text(encoding="utf-8")
    assert _left_behind() == before


def _left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("yiwang-bench-*"))
