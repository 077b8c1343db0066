"""A process that is killed in any phase leaves nothing half: the next run comes to what an undisturbed one does."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.unit.data.ingest.conftest import Deliver, rows
from tests.world import AT
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import _taking, actions, queries
from yiwang.data.ingest.contracts import State
from yiwang.data.ingest.models import Batch
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.site import paths

FILE = (
    "代码,名称,人数,日期,类型\n"
    + "".join(f"A{n},店{n},{n},2026-01-02,1\n" for n in range(20))
    + "B,店,x,2026-01-02,1\nC\n"
)
# What is done last before the process ends.
PHASES: dict[str, tuple[str, str]] = {
    "read": ("_reading", "read"),
    "repeats counted": ("_taking", "drop_repeats"),
    "raw committed": ("_taking", "take"),
    "typed": ("_typing", "type_all"),
    "standard committed": ("_taking", "standardise"),
    "quarantine committed": ("_taking", "set_aside"),
    "about to end": ("_taking", "shown"),
}
FAST = "standard committed"


def killed_after(module: str, name: str, folder: Path) -> None:
    """Run the delivery in a process of its own that is killed right after one function."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
        "YIWANG_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    given = [str(folder / each) for each in ("packs", "lake", "file")]
    command = [sys.executable, "-m", "tests.ingesting", *given, f"yiwang.data.ingest.{module}", name]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "phase", [pytest.param(phase, marks=() if phase == FAST else pytest.mark.slow) for phase in PHASES]
)
def test_a_killed_run_goes_on_and_nothing_comes_twice(
    phase: str, own_packs: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    path = tmp_path / "file"
    path.write_text(FILE, encoding="utf-8")
    killed_after(*PHASES[phase], tmp_path)

    assert Batch.objects.get().state == State.READING
    batch = actions.run(source_id="t.firms", path=path, by=SYSTEM, at=AT)
    assert (batch.state, batch.attempts) == (State.TAKEN, 2)
    assert (batch.read, batch.taken, batch.quarantined, batch.duplicate) == (22, 21, 1, 0)
    assert (batch.standard, batch.unfit) == (20, 1)
    assert len(rows("raw.firms")) == 21
    assert len(rows("standard.firms")) == 20
    assert len(list(queries.set_aside(batch.id))) == 2
    assert {table.number for table in lakes.tables()} == {1}, "each table was committed once"


def test_pieces_that_were_committed_are_not_committed_again(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_taking, "PIECE", 4)
    told: list[int] = []

    def stop(batch: Batch, progress: int) -> None:
        told.append(progress)
        if len(told) == 4:
            raise KeyboardInterrupt

    content = "a\n" + "".join(f"{n}\n" for n in range(14))
    with monkeypatch.context() as patched:
        patched.setattr(actions, "_tell", stop)
        with pytest.raises(KeyboardInterrupt):
            deliver("t.changes", content)
    before = lakes.snapshot("raw.changes")
    batch = deliver("t.changes", content)
    assert (batch.read, batch.taken, batch.duplicate) == (14, 14, 0)
    assert [row[0] for row in rows("raw.changes", "a")] == [str(n) for n in range(14)]
    assert 0 < before.rows < 14
    assert lakes.snapshot("raw.changes").number > before.number


def test_one_run_of_a_source_at_a_time(deliver: Deliver, monkeypatch: pytest.MonkeyPatch) -> None:
    from yiwang.data.ingest.contracts import CannotDecide

    other = connection.copy()
    key = _key("t.changes")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [actions._LOCK, key])
        with pytest.raises(CannotDecide, match="正在汇聚"):
            deliver("t.changes", "a\n1\n")
    finally:
        other.close()


def _key(source_id: str) -> int:
    import hashlib

    return int.from_bytes(hashlib.sha256(source_id.encode()).digest()[:4], "big", signed=True)
