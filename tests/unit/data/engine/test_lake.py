"""The lake: whole snapshots, one writer, exactly once, nothing readable without its key."""

import os
import struct
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from django.conf import LazySettings
from django.db import connection as records
from django.db import transaction

from tests.world import AT
from yiwang.data.engine import _files, actions, queries
from yiwang.data.engine.contracts import (
    BadTable,
    CannotQuery,
    Column,
    LakeBusy,
    NoSuchSnapshot,
    NoSuchTable,
    SchemaDrifted,
    SnapshotRef,
    Superseded,
)
from yiwang.data.engine.models import LakeFile, Snapshot
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied
from yiwang.kernel.retention.contracts import ERASING

NAME = "raw.firms"
TWO = "SELECT * FROM (VALUES (1, '甲'), (2, '乙')) AS t(n, name)"
ONE_MORE = "SELECT 3 AS n, '丙' AS name"


@pytest.fixture
def lake(db: None, settings: LazySettings, tmp_path: Path) -> Path:
    settings.YIWANG_LAKE = tmp_path / "lake"
    actions.declare(name=NAME, layer="raw", by=SYSTEM, at=AT)
    return tmp_path / "lake"


@pytest.fixture
def connection(lake: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with queries.connect() as connection:
        yield connection


def put(source: str = TWO, key: str = "1", at: datetime = AT, **options: object) -> SnapshotRef:
    given = {"table": NAME, "mode": "append"} | options
    return actions.commit(source=source, key=key, by=SYSTEM, at=at, **given)  # type: ignore[arg-type]


def read(connection: duckdb.DuckDBPyConnection, **which: object) -> list[tuple[object, ...]]:
    relation = queries.mount(connection, NAME, **which)  # type: ignore[arg-type]
    return connection.execute(f"SELECT * FROM {relation} ORDER BY ALL").fetchall()


def files(lake: Path) -> list[Path]:
    return sorted((lake / "tables").glob("*/*"))


def test_appended_rows_are_read_in_snapshots_by_number_and_by_time(connection: duckdb.DuckDBPyConnection) -> None:
    later = AT + timedelta(days=1)
    first, second = put(), put(ONE_MORE, "2", at=later)
    assert (first.number, first.rows, second.number, second.rows) == (1, 2, 2, 3)
    assert read(connection) == [(1, "甲"), (2, "乙"), (3, "丙")]
    assert read(connection, number=1, alias="old") == [(1, "甲"), (2, "乙")]
    assert read(connection, as_of=later - timedelta(seconds=1), alias="then") == [(1, "甲"), (2, "乙")]
    assert queries.columns(NAME) == (Column("n", "INTEGER"), Column("name", "VARCHAR"))
    with pytest.raises(NoSuchSnapshot):
        queries.mount(connection, NAME, as_of=AT - timedelta(days=1))
    assert [each.number for each in queries.snapshots(NAME).items] == [2, 1]


def test_a_reader_keeps_the_snapshot_it_began_with(connection: duckdb.DuckDBPyConnection) -> None:
    put()
    relation = queries.mount(connection, NAME)
    put("SELECT 9 AS n, '壬' AS name", "2", mode="replace")
    assert connection.execute(f"SELECT count(*) FROM {relation}").fetchall() == [(2,)]
    assert read(connection, alias="now") == [(9, "壬")]


def test_the_same_key_is_the_same_snapshot(lake: Path) -> None:
    assert put() == put("SELECT 7 AS other")
    assert len(files(lake)) == 1
    assert put(ONE_MORE, "2").rows == 3


def test_a_table_has_one_writer_at_a_time(lake: Path) -> None:
    put()
    with pytest.raises(Superseded):
        put(ONE_MORE, "2", expect=0)
    assert len(files(lake)) == 1, "what was written for nothing is gone"
    assert put(ONE_MORE, "2", expect=1).number == 2


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_lose_nothing(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    actions.declare(name=NAME, layer="raw", by=SYSTEM, at=AT)
    failed: list[Exception] = []

    def write(number: int) -> None:
        try:
            # Twice each: the second is a repeat.
            put(f"SELECT {number} AS n", f"w{number}")
            put(f"SELECT {number} AS n", f"w{number}")
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failed.append(error)
        finally:
            records.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with queries.connect() as connection:
        assert read(connection) == [(0,), (1,), (2,), (3,)]
    assert [each.number for each in queries.snapshots(NAME).items] == [4, 3, 2, 1]


def test_columns_change_only_when_said(connection: duckdb.DuckDBPyConnection) -> None:
    put()
    for other in ("SELECT 3 AS n", "SELECT 3 AS n, '丙' AS name, 1 AS more", "SELECT '3' AS n, '丙' AS name"):
        with pytest.raises(SchemaDrifted):
            put(other, "2")
    put("SELECT 1 AS more, 3 AS n", "3", evolve=True)
    assert read(connection) == [(1, "甲", None), (2, "乙", None), (3, None, 1)]
    with pytest.raises(SchemaDrifted):
        put("SELECT '4' AS n", "4", evolve=True)


def test_nothing_to_append_is_a_snapshot_without_a_file(connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    assert put(f"{TWO} WHERE false").rows == 0
    assert files(lake) == []
    assert read(connection) == []
    assert queries.columns(NAME) == (Column("n", "INTEGER"), Column("name", "VARCHAR"))


def test_compaction_keeps_the_rows(connection: duckdb.DuckDBPyConnection) -> None:
    put()
    put(ONE_MORE, "2")
    before = read(connection)
    done = actions.compact(table=NAME, by=SYSTEM, at=AT)
    assert (done.number, done.files, done.rows) == (3, 1, 3)
    assert read(connection, alias="after") == before
    assert actions.compact(table=NAME, by=SYSTEM, at=AT).number == 3


def test_old_snapshots_go_with_their_files_and_keys(
    connection: duckdb.DuckDBPyConnection, lake: Path, django_capture_on_commit_callbacks: object
) -> None:
    put()
    put("SELECT 9 AS n, '壬' AS name", "2", mode="replace", at=AT + timedelta(days=1))
    put("SELECT 8 AS n, '辛' AS name", "3", mode="replace", at=AT + timedelta(days=9))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = actions.expire(keep=1, by=SYSTEM, at=AT + timedelta(days=9, hours=1))
    # The second was the newest until an hour ago: somebody may be reading it.
    assert (done.snapshots, done.files) == (1, 1)
    assert LakeFile.objects.count() == 2 == len(files(lake))
    with pytest.raises(NoSuchSnapshot):
        queries.mount(connection, NAME, number=1)
    assert read(connection, number=2, alias="second") == [(9, "壬")]
    assert put(key="1").number == 1, "a key stays spent when its snapshot has expired"


def test_files_that_nobody_listed_are_swept_after_a_day(
    lake: Path, connection: duckdb.DuckDBPyConnection, django_capture_on_commit_callbacks: object
) -> None:
    put()
    # A writer that died between its file and its commit.
    for name, hours in (("old", 25), ("young", 1)):
        written = _files.write(connection, f"{TWO} -- {name}", "dead")
        assert written is not None
        moment = (AT - timedelta(hours=hours)).timestamp()
        os.utime(_files.place(written.path), (moment, moment))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        done = actions.expire(by=SYSTEM, at=AT)
    assert (done.snapshots, done.files, done.strays) == (0, 0, 1)
    assert len(files(lake)) == 2
    assert len(read(connection)) == 2


def test_a_commit_that_is_rolled_back_leaves_the_table_as_it_was(connection: duckdb.DuckDBPyConnection) -> None:
    put()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        put(ONE_MORE, "2")
        raise ZeroDivisionError
    assert len(read(connection)) == 2
    assert put(ONE_MORE, "2").number == 2


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_while_a_backup_is_made(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    other = records.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [ERASING])
        with pytest.raises(LakeBusy):
            actions.expire(by=SYSTEM, at=AT)
    finally:
        other.close()


def test_files_cannot_be_read_without_their_keys(lake: Path) -> None:
    put("SELECT '张三' AS name, '110101199003070011' AS id_number FROM range(1000)")
    (path,) = files(lake)
    content = path.read_bytes()
    assert content[:4] == content[-4:] == b"PARE"
    assert b"110101199003070011" not in content
    assert b"id_number" not in content
    assert (path.stat().st_mode & 0o777, lake.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(duckdb.Error, match="encrypted"):
        duckdb.connect().execute(f"SELECT * FROM '{path}'")
    # Another connection to the lake, to which this table was not mounted, cannot either.
    with queries.connect() as stranger, pytest.raises(duckdb.Error, match="encrypted"):
        stranger.execute(f"SELECT * FROM read_parquet('{path}')")


def test_no_two_parts_of_a_file_share_a_nonce_and_no_two_files_a_key(lake: Path) -> None:
    # AES-GCM falls when a nonce comes twice under one key; DuckDB's own generator is not a strong one.
    put("SELECT i AS n, hash(i) AS h FROM range(400000) t(i)")
    put("SELECT i AS n, hash(i) AS h FROM range(400000) t(i)", "2")
    for path in files(lake):
        nonces = _nonces(path.read_bytes())
        assert len(nonces) > 10
        assert len(set(nonces)) == len(nonces)
    assert len({file.key for file in LakeFile.objects.all()}) == 2


def _nonces(content: bytes) -> list[bytes]:
    """Of every part: four bytes of length, twelve of nonce, then what is sealed."""
    end = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    position, found = 4, []
    while position < end:
        (length,) = struct.unpack("<I", content[position : position + 4])
        found.append(content[position + 4 : position + 16])
        position += 4 + length
    assert position == end
    return found


HOSTILE = (
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('{lake}/../outside.csv')",
    "SELECT * FROM '{lake}/tables/link'",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/out.csv'",
    "EXPORT DATABASE '/tmp/out'",
    "ATTACH '/tmp/other.duckdb'",
    "ATTACH 'host=127.0.0.1' AS pg (TYPE postgres)",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "SET allowed_directories = ['/']",
    "PRAGMA enable_profiling = 'json'",
    "CREATE PERSISTENT SECRET s (TYPE http)",
    "SELECT * FROM hidden",
)


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_reaches_nothing(sql: str, connection: duckdb.DuckDBPyConnection, lake: Path) -> None:
    (lake.parent / "outside.csv").write_text("secret\n1\n")
    (lake / "tables" / "link").symlink_to(lake.parent / "outside.csv")
    hidden = duckdb.connect().sql("SELECT 1")  # a variable of ours must not be a table of theirs
    assert hidden is not None
    with pytest.raises(duckdb.Error):
        connection.execute(sql.format(lake=lake)).fetchall()
    with pytest.raises(CannotQuery):
        actions.ask(sql=sql.format(lake=lake), most=5, by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1; SELECT 2",
        "COPY (SELECT 1) TO 'x'",
        "INSERT INTO raw.firms VALUES (1)",
        "SELECT 1) TO 'x'; SELECT (1",
        "PIVOT (SELECT 1 AS a, 2 AS b) ON a USING sum(b)",
        "EXPLAIN SELECT 1",
        "",
    ],
)
def test_only_one_select_is_a_source_or_a_question(sql: str, lake: Path) -> None:
    with pytest.raises(CannotQuery):
        put(sql)
    with pytest.raises(CannotQuery):
        actions.ask(sql=sql, most=5, by=SYSTEM, at=AT)
    assert Snapshot.objects.count() == 0


def test_questions_are_answered_cut_and_written_down(lake: Path) -> None:
    from yiwang.kernel.audit.models import AuditRecord

    put()
    answer = actions.ask(sql="select name from raw.firms where name <> '丁' order by n", most=1, by=SYSTEM, at=AT)
    assert (answer.columns[0].name, answer.rows, answer.is_cut) == ("name", [("甲",)], True)
    record = AuditRecord.objects.get(event="lake.queried")
    assert record.detail["tables"] == ["raw.firms"]
    assert "丁" not in str(record.detail)
    with pytest.raises(Denied):
        actions.ask(sql="select 1", most=1, by=ANONYMOUS, at=AT)
    with pytest.raises(NoSuchTable):
        actions.ask(sql="select * from raw.nothing", most=1, by=SYSTEM, at=AT)


def test_a_parquet_file_can_be_a_source(lake: Path, tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    path = tmp_path / "given.parquet"
    duckdb.connect().execute(f"COPY (SELECT 5 AS n, '戊' AS name) TO '{path}'")
    actions.commit(table=NAME, source=path, mode="replace", key="p", by=SYSTEM, at=AT)
    assert read(connection) == [(5, "戊")]
    with pytest.raises(BadTable):
        actions.commit(table=NAME, source=tmp_path / "x.csv", mode="replace", key="q", by=SYSTEM, at=AT)


def test_tables_have_a_name_and_one_layer(lake: Path) -> None:
    assert actions.declare(name=NAME, layer="raw", by=SYSTEM, at=AT).name == NAME
    for name, layer in ((NAME, "topic"), ("raw", "raw"), ('raw."x"', "raw"), ("raw.x", "lower")):
        with pytest.raises(BadTable):
            actions.declare(name=name, layer=layer, by=SYSTEM, at=AT)
    with pytest.raises(NoSuchTable):
        put(table="raw.unknown")


def test_memory_is_bounded_and_the_rest_goes_to_a_folder_that_ends(lake: Path) -> None:
    with queries.connect(memory="30MB", threads=1) as connection:
        connection.execute("CREATE TABLE wide AS SELECT i, hash(i)::VARCHAR AS h FROM range(400000) t(i)")
        found = connection.execute("SELECT count(DISTINCT h) FROM wide").fetchall()
        spilled = list((lake / "work").glob("*/*"))
        assert found == [(400000,)]
        assert spilled
    assert list((lake / "work").iterdir()) == []


def test_the_list_of_tables_costs_three_queries(lake: Path, django_assert_max_num_queries: object) -> None:
    for number in range(3):
        actions.declare(name=f"raw.t{number}", layer="raw", by=SYSTEM, at=AT)
        put(table=f"raw.t{number}")
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        found = queries.tables("raw")
    assert [(each.name, each.number, each.rows) for each in found] == [
        ("raw.firms", 0, 0),
        *((f"raw.t{number}", 1, 2) for number in range(3)),
    ]
    assert all(each.size_bytes > 0 for each in found[1:])
