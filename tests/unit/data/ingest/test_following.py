"""The changes of somebody's table: the whole first, then each change once, whatever dies in between; and in words when it cannot be."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection

from tests import patience
from tests.unit.data.ingest.conftest import PACKS as ELEMENTS
from tests.unit.data.ingest.conftest import rows
from tests.world import AT
from yiwang.data.ingest import _feeds, _from_changes, actions, queries
from yiwang.data.ingest.contracts import BatchView, CannotDecide, CannotFetch, CannotRead, State
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs
from yiwang.site import paths, secrets
from yiwang.site.postgres import Cluster

PACKS = (
    ELEMENTS
    + """
---
kind: Source
id: t.feed
title: 变化
resource: feed
format: csv
load: changes
columns:
  - {name: code, as: code, element: t.code, required: true}
  - {name: name, as: name, element: t.name}
  - {name: headcount, as: headcount, element: t.count}
  - {name: remark}
fetch: {reach: postgresql-changes, connection: registry, table: t.firms, key: [code], every: 1}
"""
)
NOW = "code, name, headcount"
Source = psycopg.Connection[Any]
Follow = Callable[[], BatchView | None]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A server of somebody else's that can be followed."""
    cluster = Cluster(tmp_path_factory.mktemp("source"), durable=False)
    cluster._settings |= {"wal_level": "logical", "max_wal_senders": "4", "synchronous_commit": "on"}
    with cluster.running():
        yield cluster


@pytest.fixture
def source(elsewhere: Cluster) -> Iterator[Source]:
    with elsewhere.connect() as there:
        there.execute(
            "CREATE SCHEMA t; CREATE TABLE t.firms (code text PRIMARY KEY, name text, headcount int, remark text, secret text);"
            "CREATE TABLE t.others (id int PRIMARY KEY); CREATE PUBLICATION yiwang FOR TABLE t.firms, t.others;"
            "INSERT INTO t.firms VALUES ('A1', '望湖茶馆', 3, '开业,\"老店\"', 'x'), ('A2', '文昌书店', 8, NULL, 'x')"
        )
        yield there
        there.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        there.execute("DROP PUBLICATION yiwang; DROP SCHEMA t CASCADE")


@pytest.fixture
def ready(source: Source, elsewhere: Cluster, settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", str(tmp_path / "home")
    place = tmp_path / "packs" / "t"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (place / "all.yaml").write_text(PACKS, encoding="utf-8")
    password = secrets.read("database-superuser")
    address = psycopg.conninfo.make_conninfo(
        host=str(elsewhere.socket), dbname="postgres", user="postgres", password=password
    )
    with packs.using(tmp_path / "packs"):
        actions.connect(name="registry", address=address, key="", header="", by=SYSTEM, at=AT)
        yield


@pytest.fixture
def follow(db: None, ready: None) -> Follow:
    return lambda: actions.fetch(source_id="t.feed", by=SYSTEM, at=AT)


def figures(batch: BatchView | None) -> tuple[int, int, int, int]:
    assert batch is not None
    assert batch.state is State.TAKEN, batch.words
    return batch.read, batch.taken, batch.standard, batch.unfit


def slot(source: Source) -> tuple[str, str]:
    (row,) = source.execute("SELECT slot_name, confirmed_flush_lsn::text FROM pg_replication_slots").fetchall()
    return row


def test_the_whole_comes_first_and_then_each_change_once(follow: Follow, source: Source) -> None:
    assert figures(follow()) == (2, 2, 2, 0)
    assert rows("standard.feed", NOW, "code") == [("A1", "望湖茶馆", 3), ("A2", "文昌书店", 8)]
    assert rows("raw.feed", "change, code, remark")[0] == ("snapshot", "A1", '开业,"老店"')
    assert follow() is None
    with source.transaction():
        source.execute("INSERT INTO t.firms VALUES ('A3', '安河米铺', 1, '一行\n两行', 'x')")
        source.execute(
            "UPDATE t.firms SET headcount = 4 WHERE code = 'A1'; UPDATE t.firms SET headcount = 3 WHERE code = 'A1'"
        )
        source.execute("INSERT INTO t.others VALUES (1)")
    source.execute("DELETE FROM t.firms WHERE code = 'A2'")
    # Back to what it was is a change as well; the update of a key is one row gone and one come.
    source.execute("UPDATE t.firms SET code = 'A9' WHERE code = 'A3'")
    assert figures(follow()) == (6, 6, 6, 0)
    assert rows("raw.feed", "change, code, headcount", "change_mark")[2:] == [
        ("insert", "A3", "1"), ("update", "A1", "4"), ("update", "A1", "3"), ("delete", "A2", None),
        ("delete", "A3", None), ("update", "A9", "1"),
    ]  # fmt: skip
    assert rows("standard.feed", NOW, "code") == [("A1", "望湖茶馆", 3), ("A9", "安河米铺", 1)]
    assert rows("raw.feed", "remark", "change_mark")[2] == ("一行\n两行",)
    assert follow() is None
    source.execute("TRUNCATE t.firms; INSERT INTO t.firms VALUES ('B1', '云渡渔行', 2, NULL, NULL)")
    assert figures(follow()) == (2, 2, 2, 0)
    assert rows("standard.feed", NOW, "code") == [("B1", "云渡渔行", 2)]


def test_what_no_longer_fits_leaves_the_standard_layer_until_it_does(follow: Follow, source: Source) -> None:
    follow()
    source.execute("UPDATE t.firms SET headcount = -1 WHERE code = 'A1'")
    assert figures(follow()) == (1, 1, 0, 1)
    assert rows("standard.feed", NOW, "code") == [("A2", "文昌书店", 8)]
    source.execute("UPDATE t.firms SET headcount = 2 WHERE code = 'A1'")
    assert figures(follow()) == (1, 1, 1, 0)
    assert rows("standard.feed", NOW, "code") == [("A1", "望湖茶馆", 2), ("A2", "文昌书店", 8)]


def test_a_long_value_that_is_not_sent_again_stays(follow: Follow, source: Source) -> None:
    source.execute("ALTER TABLE t.firms ALTER remark SET STORAGE EXTERNAL")
    follow()
    long = "长" * 3000
    source.execute("INSERT INTO t.firms VALUES ('A3', '书局', 1, %s, NULL)", [long])
    follow()
    source.execute("UPDATE t.firms SET headcount = 2 WHERE code = 'A3'")
    source.execute("UPDATE t.firms SET remark = '短', headcount = 3 WHERE code = 'A3'")
    source.execute("UPDATE t.firms SET headcount = 4 WHERE code = 'A3'")
    assert figures(follow()) == (3, 3, 3, 0)
    assert rows("raw.feed", "remark, headcount", "change_mark")[-4:] == [
        (long, "1"),
        (long, "2"),
        ("短", "3"),
        ("短", "4"),
    ]


def test_the_source_lets_go_of_what_was_taken_in_and_only_of_that(
    follow: Follow, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow()
    name, before = slot(source)
    with monkeypatch.context() as cut:
        cut.setattr(actions, "_ended", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        source.execute("UPDATE t.firms SET headcount = 5 WHERE code = 'A1'")
        with pytest.raises(KeyboardInterrupt):
            follow()
    assert slot(source) == (name, before)
    with monkeypatch.context() as cut:
        cut.setattr(_from_changes, "confirm", lambda *_: (_ for _ in ()).throw(CannotFetch("断", hint="断")))
        assert figures(follow()) == (1, 1, 1, 0)
    assert slot(source) == (name, before)
    assert follow() is None
    assert slot(source) != (name, before)
    # Where only others write, the slot moves on as well.
    at = slot(source)
    source.execute("INSERT INTO t.others SELECT generate_series(1, 1000)")
    feed = queries.feeds(["t.feed"])["t.feed"]
    assert follow() is None
    assert slot(source) != at
    assert queries.feeds(["t.feed"])["t.feed"].position != feed.position
    assert len(rows("raw.feed")) == 3


def test_large_deliveries_come_in_parts_and_a_transaction_is_never_cut(
    follow: Follow, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_from_changes, "CHANGES_MAX", 4)
    follow()
    for first in (0, 10, 20):
        source.execute(
            "INSERT INTO t.firms SELECT 'C' || n, '店', 1 FROM generate_series(%s::int, %s) n", [first, first + 5]
        )
    assert [figures(follow())[0] for _ in range(3)] == [6, 6, 6]
    assert follow() is None
    assert len(rows("standard.feed")) == 20


def test_a_slot_that_is_lost_or_was_moved_is_told_and_the_whole_comes_again(follow: Follow, source: Source) -> None:
    follow()
    feed = queries.feeds(["t.feed"])["t.feed"]
    source.execute("DELETE FROM t.firms WHERE code = 'A2'")
    follow()
    # As after a restore: what we know is older than what the source has let go of.
    _feeds.moved("t.feed", feed.position)
    with pytest.raises(CannotFetch, match="更靠后") as refused:
        follow()
    assert "--anew" in refused.value.hint
    source.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    source.execute("INSERT INTO t.firms VALUES ('A7', '新店', 7)")
    with pytest.raises(CannotFetch, match="复制槽不在"):
        follow()
    actions.stop_following(source_id="t.feed", by=SYSTEM, at=AT)
    assert figures(follow()) == (2, 2, 2, 0)
    assert rows("standard.feed", NOW, "code") == [("A1", "望湖茶馆", 3), ("A7", "新店", 7)]
    actions.stop_following(source_id="t.feed", by=SYSTEM, at=AT)
    assert source.execute("SELECT count(*) FROM pg_replication_slots").fetchone() == (0,)
    for done in (actions.follow, actions.stop_following):
        with pytest.raises(CannotRead, match="不是跟随变化的"):
            done(source_id="t.firms", by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("done", "said"),
    [
        ("ALTER TABLE t.firms DROP CONSTRAINT firms_pkey", "没有主键"),
        ("ALTER TABLE t.firms REPLICA IDENTITY NOTHING", "没有主键"),
        (
            "ALTER TABLE t.firms DROP CONSTRAINT firms_pkey; ALTER TABLE t.firms ADD PRIMARY KEY (name)",
            "表的标识是（name）",
        ),
        ("ALTER PUBLICATION yiwang DROP TABLE t.firms", "没有发布"),
        ("ALTER PUBLICATION yiwang SET (publish = 'insert')", "没有发布"),
        ("ALTER TABLE t.firms DROP COLUMN remark", "没有列“remark”"),
        ("ALTER TABLE t.firms RENAME TO firm", "没有这张普通表"),
    ],
)
def test_a_table_that_cannot_be_followed_says_why(done: str, said: str, follow: Follow, source: Source) -> None:
    source.execute(done)
    with pytest.raises(CannotFetch, match=said):
        follow()
    assert source.execute("SELECT count(*) FROM pg_replication_slots").fetchone() == (0,)


def test_a_table_without_key_is_followed_by_whole_rows(follow: Follow, source: Source) -> None:
    source.execute("ALTER TABLE t.firms DROP CONSTRAINT firms_pkey; ALTER TABLE t.firms REPLICA IDENTITY FULL")
    follow()
    source.execute("UPDATE t.firms SET code = 'Z1' WHERE code = 'A1'; DELETE FROM t.firms WHERE code = 'A2'")
    assert figures(follow()) == (3, 3, 3, 0)
    assert rows("standard.feed", NOW, "code") == [("Z1", "望湖茶馆", 3)]


# What is done last before the process dies, in the first whole and in later changes.
KILLS = [
    ("_from_changes", "_drop"),
    ("_from_changes", "ask"),
    ("_taking", "take"),
    ("_changes", "standardise"),
    ("actions", "_ended"),
]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("module", "name"), KILLS)
def test_a_follower_that_is_killed_goes_on_and_nothing_is_lost_or_comes_twice(
    module: str, name: str, ready: None, source: Source, tmp_path: Path
) -> None:
    def killed() -> None:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
            "YIWANG_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        }
        given = [str(tmp_path / each) for each in ("packs", "lake", "home")]
        command = [sys.executable, "-m", "tests.following", *given, f"yiwang.data.ingest.{module}", name]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == -signal.SIGKILL, ended.stderr

    def caught_up() -> bool:
        # The locks of a process that was killed last until its server ends have noticed.
        with contextlib.suppress(CannotDecide, CannotFetch):
            return actions.fetch(source_id="t.feed", by=SYSTEM, at=AT) is None
        return False

    killed()
    source.execute("INSERT INTO t.firms VALUES ('A3', '安河米铺', 1)")
    patience.until(caught_up)
    source.execute("UPDATE t.firms SET headcount = 9 WHERE code = 'A1'; DELETE FROM t.firms WHERE code = 'A2'")
    if name != "_drop":
        killed()
    source.execute("UPDATE t.firms SET headcount = 10 WHERE code = 'A1'")
    patience.until(caught_up)
    assert rows("standard.feed", NOW, "code") == [("A1", "望湖茶馆", 10), ("A3", "安河米铺", 1)]
    told = rows("raw.feed", "change, code, headcount", "change_mark, code")
    assert len(told) == len(set(told)) == 6
    assert [each for each in told if each[0] in ("update", "delete")] == [
        ("update", "A1", "9"), ("delete", "A2", None), ("update", "A1", "10"),
    ]  # fmt: skip
    assert len(source.execute("SELECT 1 FROM pg_replication_slots").fetchall()) == 1
