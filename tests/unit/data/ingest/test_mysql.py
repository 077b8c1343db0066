"""A table of a real MariaDB server: as it writes values, in one snapshot, from its mark on, and in words when it cannot be read."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest
from django.conf import LazySettings

from tests import patience
from tests.unit.data.ingest.conftest import rows
from tests.world import AT
from yiwang.data.ingest import actions, queries
from yiwang.data.ingest.contracts import BatchView, CannotFetch
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs

PACKS = """
kind: Source
id: t.mysql
title: 表
resource: permits
format: csv
load: changes
columns: [{name: id}, {name: holder}, {name: fee}, {name: begun_on}, {name: changed_at}, {name: seal}]
fetch: {reach: mysql, connection: permits, table: office.permits, watermark: changed_at, every: 5}
---
kind: Source
id: t.mysql-all
title: 全部
resource: all
format: csv
fetch: {reach: mysql, connection: permits, table: permits}
"""
SERVER, TABLES = shutil.which("mariadbd", path="/usr/sbin:/usr/bin"), Path("/usr/share/mysql")
Fetch = Callable[[str], BatchView | None]

pytestmark = pytest.mark.skipif(SERVER is None, reason="mariadb-server-core is absent")


@pytest.fixture(scope="module")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own that knows one department."""
    folder = tmp_path_factory.mktemp("mysql")
    data, path = folder / "data", str(folder / "sock")
    user = pwd.getpwuid(os.geteuid()).pw_name
    common = ["--no-defaults", f"--datadir={data}", f"--user={user}"]
    data.mkdir()
    words = "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket = NULL, @skip_auth_anonymous = NULL;\n"
    made = words + "".join(
        (TABLES / f"mysql_{name}.sql").read_text() for name in ("system_tables", "system_tables_data")
    )
    subprocess.run([str(SERVER), *common, "--bootstrap"], input=made, text=True, capture_output=True, check=True)
    command = [
        str(SERVER),
        *common,
        f"--socket={path}",
        "--skip-networking",
        "--innodb-buffer-pool-size=16M",
        "--innodb-flush-log-at-trx-commit=0",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        patience.until(lambda: Path(path).exists() or server.poll() is not None, "the server did not start")
        yield path
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def office(socket: str) -> Iterator[Any]:
    how: dict[str, Any] = {"user": "root", "autocommit": True, "charset": "utf8mb4"}
    with pymysql.connect(unix_socket=socket, **how) as there, there.cursor() as cursor:
        cursor.execute("CREATE DATABASE office CHARACTER SET utf8mb4")
        cursor.execute("CREATE USER reader IDENTIFIED BY 'p@ss/w:rd'")
        cursor.execute("GRANT SELECT ON office.* TO reader")
        cursor.execute("SET time_zone = '+00:00', sql_mode = ''")
        cursor.execute(
            "CREATE TABLE office.permits (id int, holder varchar(50), fee decimal(10,2), begun_on date,"
            " changed_at timestamp(3), seal varbinary(4), secret text)"
        )
        cursor.execute(
            "INSERT INTO office.permits VALUES (1, '甲,\"乙\"𠮷', 2.50, '2026-03-01', '2026-03-01 00:00:00.25', 0xFF01, 'x'),"
            " (2, NULL, 0.00, '0000-00-00', '2026-03-01 01:00:00', NULL, 'x')"
        )
        yield cursor
        cursor.execute("DROP DATABASE office")
        cursor.execute("DROP USER reader")


@pytest.fixture
def fetch(db: None, office: Any, socket: str, settings: LazySettings, tmp_path: Path) -> Iterator[Fetch]:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", str(tmp_path / "home")
    place = tmp_path / "packs" / "t"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (place / "all.yaml").write_text(PACKS, encoding="utf-8")
    connect(f"mysql://reader:p%40ss%2Fw%3Ard@/office?socket={socket}")
    with packs.using(tmp_path / "packs"):
        yield lambda source: actions.fetch(source_id=source, by=SYSTEM, at=AT)


def connect(address: str) -> None:
    actions.connect(name="permits", address=address, key="", header="", by=SYSTEM, at=AT)


def figures(batch: BatchView | None) -> tuple[int, int, int, int]:
    assert batch is not None
    return batch.read, batch.taken, batch.quarantined, batch.duplicate


def test_a_table_is_read_as_it_is_written_and_then_from_its_mark(fetch: Fetch, office: Any) -> None:
    assert figures(fetch("t.mysql")) == (2, 2, 0, 0)
    assert rows("raw.permits", "id, holder, fee, begun_on, changed_at, seal") == [
        ("1", '甲,"乙"𠮷', "2.50", "2026-03-01", "2026-03-01 08:00:00.250", "\\xff01"),
        ("2", None, "0.00", "0000-00-00", "2026-03-01 09:00:00.000", None),
    ]
    assert queries.watermark("t.mysql") == "2026-03-01 09:00:00.000"
    office.execute("INSERT INTO office.permits VALUES (3, '丙', 1, NULL, '2026-03-01 02:00:00', NULL, 'x')")
    assert figures(fetch("t.mysql")) == (2, 1, 0, 1)
    assert figures(fetch("t.mysql-all")) == (3, 3, 0, 0)
    assert fetch("t.mysql-all") is None
    assert rows("raw.all", "secret")[0] == ("x",)


def test_what_cannot_be_read_is_told_without_the_server_s_words(fetch: Fetch, office: Any, socket: str) -> None:
    office.execute("ALTER TABLE office.permits DROP COLUMN fee")
    with pytest.raises(CannotFetch, match="1054"):
        fetch("t.mysql")
    office.execute("DROP TABLE office.permits")
    with pytest.raises(CannotFetch, match="1146"):
        fetch("t.mysql-all")
    connect(f"mysql://reader:wrong@/office?socket={socket}")
    with pytest.raises(CannotFetch, match="1045") as refused:
        fetch("t.mysql")
    assert "reader" not in refused.value.message
    connect("mysql://reader@127.0.0.1:1/office")
    with pytest.raises(CannotFetch, match="连不上"):
        fetch("t.mysql")
    connect("https://reader@127.0.0.1/office")
    with pytest.raises(CannotFetch, match="不是MySQL的地址"):
        fetch("t.mysql")
    assert queries.batches().items == []
