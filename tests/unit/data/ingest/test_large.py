"""A gigabyte on one line: set aside like any other broken line, in memory that stays small."""

from pathlib import Path

import psutil
import pytest

from tests.unit.data.ingest.conftest import Deliver, rows
from tests.world import AT
from yiwang.data.ingest import actions
from yiwang.kernel.base.contracts import SYSTEM

PIECE = b"0123456789abcdef" * 65_536  # 1 MiB
MEMORY_MAX = 2 << 30


@pytest.mark.slow
def test_a_gigabyte_on_one_line(deliver: Deliver, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with open(path, "wb") as stream:
        stream.write("代码,名称\n1,前\n2,".encode())
        for _ in range(1024):
            stream.write(PIECE)
        stream.write("\n3,后\n".encode())
    before = psutil.Process().memory_info().rss
    batch = actions.run(source_id="t.raw-only", path=path, by=SYSTEM, at=AT)
    assert (batch.read, batch.taken, batch.quarantined) == (3, 2, 1)
    assert rows("raw.loose", "代码, 名称") == [("1", "前"), ("3", "后")]
    assert psutil.Process().memory_info().rss - before < MEMORY_MAX
