"""Sources that we ask ourselves: somebody's table, somebody's API; from where the last batch ended, exactly once, and in words when it fails."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection

from tests.unit.data.ingest.conftest import rows
from tests.world import AT
from yiwang.data.ingest import _fetching, _from_http, actions, queries
from yiwang.data.ingest.contracts import BatchView, CannotFetch, State
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import queries as packs
from yiwang.site import database
from yiwang.site.postgres.roles import OWNER

PACKS = """
kind: Source
id: t.table
title: 表
resource: permits
format: csv
load: changes
columns: [{name: id}, {name: holder}, {name: changed_at}]
fetch: {reach: postgresql, connection: registry, table: t_source.permits, watermark: changed_at, every: 5}
---
kind: Source
id: t.api
title: 接口
resource: visits
format: json
load: changes
columns: [{name: id}, {name: place}, {name: fee}, {name: seq}]
fetch:
  reach: http
  connection: parks
  path: /v1/visits
  rows: data.items
  watermark: seq
  since: after
  paging: {by: cursor, parameter: cursor, next: data.next, size_parameter: limit, size: 2}
---
kind: Source
id: t.pages
title: 页
resource: pages
format: json
fetch: {reach: http, connection: parks, path: /v1/pages, rows: "items", paging: {by: page, parameter: page}}
"""
Fetch = Callable[[str], BatchView | None]


class Parks(BaseHTTPRequestHandler):
    """An API with a key that is busy at first, hands out two at a time, and knows one trick each for `trick`."""

    visits: list[dict[str, Any]] = []
    busy, trick, pages = 0, "", 3
    asked: list[dict[str, list[str]]] = []

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        if self.headers.get("X-Key") != "open-sesame":
            return self._answer(401, b"")
        if Parks.busy:
            Parks.busy -= 1
            return self._answer(503, b"", {"Retry-After": "0"})
        Parks.asked.append(query)
        if url.path == "/v1/pages":
            number = int(query["page"][0])
            return self._answer(200, json.dumps({"items": [{"n": number}] if number <= Parks.pages else []}).encode())
        if Parks.trick == "moved":
            return self._answer(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})
        if Parks.trick == "cut":
            return self._answer(200, b'{"data": {"items": [')
        if Parks.trick == "shape":
            return self._answer(200, b'{"data": {"items": {"id": 1}}}')
        wanted = [each for each in Parks.visits if each["seq"] >= int(query.get("after", ["0"])[0])]
        start = int(query.get("cursor", ["0"])[0])
        onward = start + 2 if start + 2 < len(wanted) else None
        if Parks.trick == "circle":
            onward = 2
        body = {"data": {"items": wanted[start : start + 2], "next": onward}}
        return self._answer(200, json.dumps(body).replace('"2.50"', "2.50").encode())

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def parks() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Parks)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetch(db: None, parks: str, settings: LazySettings, tmp_path: Path) -> Iterator[Fetch]:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", str(tmp_path / "home")
    place = tmp_path / "packs" / "t"
    place.mkdir(parents=True)
    (place / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (place / "all.yaml").write_text(PACKS, encoding="utf-8")
    Parks.visits = [{"id": f"v{n}", "place": "望湖公园", "fee": "2.50", "seq": n} for n in range(8, 13)]
    Parks.busy, Parks.trick, Parks.pages, Parks.asked = 0, "", 3, []
    actions.connect(name="parks", address=f"{parks}/", key="open-sesame", header="X-Key", by=SYSTEM, at=AT)
    with packs.using(tmp_path / "packs"):
        yield lambda source: actions.fetch(source_id=source, by=SYSTEM, at=AT)


@pytest.fixture
def registry(fetch: Fetch) -> Iterator[psycopg.Connection[Any]]:
    """A table of another system, in the server at hand under a schema of its own."""
    there = database.settings(OWNER) | {"NAME": connection.settings_dict["NAME"]}
    names = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    address = psycopg.conninfo.make_conninfo(**{name: str(there[key]) for name, key in names.items() if there.get(key)})
    actions.connect(name="registry", address=address, key="", header="", by=SYSTEM, at=AT)
    with psycopg.connect(address, autocommit=True) as other:
        yield other


def figures(batch: BatchView | None) -> tuple[int, int, int, int]:
    assert batch is not None
    return batch.read, batch.taken, batch.quarantined, batch.duplicate


def test_an_api_is_read_page_by_page_and_then_from_where_it_ended(fetch: Fetch) -> None:
    Parks.busy = 2
    assert figures(fetch("t.api")) == (5, 5, 0, 0)
    assert rows("raw.visits", "id, fee, seq")[:2] == [("v8", "2.50", "8"), ("v9", "2.50", "9")]
    assert [query.get("cursor") for query in Parks.asked] == [None, ["2"], ["4"]]
    assert queries.watermark("t.api") == "12"
    # Nothing new: the row at the mark comes once more and is counted out.
    assert figures(fetch("t.api")) == (1, 0, 0, 1)
    Parks.visits += [{"id": "v13", "place": "文昌公园", "fee": "2.50", "seq": 13}, "no row"]  # type: ignore[list-item]
    with pytest.raises(CannotFetch, match="没有行"):
        Parks.visits[-1:], Parks.trick = [], "shape"
        fetch("t.api")
    Parks.trick = ""
    assert figures(fetch("t.api")) == (2, 1, 0, 1)
    assert Parks.asked[-1]["after"] == ["12"]
    assert len(rows("raw.visits")) == 6


def test_pages_by_number_end_with_an_empty_one(fetch: Fetch) -> None:
    assert figures(fetch("t.pages")) == (3, 3, 0, 0)
    assert [query["page"] for query in Parks.asked] == [["1"], ["2"], ["3"], ["4"]]


def test_a_whole_that_comes_back_after_another_is_taken_again(fetch: Fetch) -> None:
    first = fetch("t.pages")
    assert fetch("t.pages") is None
    Parks.pages = 2
    assert figures(fetch("t.pages")) == (2, 2, 0, 0)
    Parks.pages = 3
    again = fetch("t.pages")
    assert first is not None
    assert again is not None
    assert again.id != first.id
    assert rows("raw.pages", "n") == [("1",), ("2",), ("3",)]
    assert fetch("t.pages") is None
    assert _fetching.left("t.pages") is None


@pytest.mark.parametrize(
    ("trick", "said"), [("moved", "302"), ("cut", "不是完整的JSON"), ("circle", "没有前进"), ("shape", "没有行")]
)
def test_an_api_that_answers_otherwise_is_told_and_nothing_is_taken(fetch: Fetch, trick: str, said: str) -> None:
    Parks.trick = trick
    with pytest.raises(CannotFetch, match=said) as refused:
        fetch("t.api")
    assert "open-sesame" not in f"{refused.value.message}{refused.value.hint}"
    assert queries.batches().items == []
    Parks.trick = ""
    assert figures(fetch("t.api")) == (5, 5, 0, 0)


def test_a_page_past_all_measure_is_not_taken(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_from_http, "ANSWER_BYTES_MAX", 40)
    with pytest.raises(CannotFetch, match="太大"):
        fetch("t.api")


def test_without_a_connection_or_with_a_wrong_key_it_says_what_to_do(fetch: Fetch, parks: str) -> None:
    with pytest.raises(CannotFetch, match="没有连接") as refused:
        fetch("t.table")
    assert "yiwang ingest connect registry" in refused.value.hint
    actions.connect(name="parks", address=parks, key="wrong", header="X-Key", by=SYSTEM, at=AT)
    with pytest.raises(CannotFetch, match="401"):
        fetch("t.api")
    actions.connect(name="registry", address="host=127.0.0.1 port=1 dbname=x", key="", header="", by=SYSTEM, at=AT)
    with pytest.raises(CannotFetch, match="连不上"):
        fetch("t.table")


def test_what_was_laid_down_before_a_crash_is_taken_in_first(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as cut:
        cut.setattr(actions, "_opened", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            fetch("t.api")
    asked = len(Parks.asked)
    assert figures(fetch("t.api")) == (5, 5, 0, 0)
    assert (len(Parks.asked), queries.watermark("t.api")) == (asked, "12")
    assert _fetching.left("t.api") is None


def test_a_table_is_copied_in_one_snapshot_and_then_from_its_mark(
    fetch: Fetch, registry: psycopg.Connection[Any]
) -> None:
    registry.execute("CREATE SCHEMA t_source")
    try:
        registry.execute(
            "CREATE TABLE t_source.permits (id int, holder text, changed_at timestamptz, secret text);"
            "INSERT INTO t_source.permits VALUES (1, '甲,\"乙\"', '2026-03-01 08:00+08', 'x'), (2, '丙', '2026-03-01 09:00+08', 'x')"
        )
        assert figures(fetch("t.table")) == (2, 2, 0, 0)
        assert rows("raw.permits", "id, holder, changed_at") == [
            ("1", '甲,"乙"', "2026-03-01 08:00:00+08"), ("2", "丙", "2026-03-01 09:00:00+08"),
        ]  # fmt: skip
        registry.execute("INSERT INTO t_source.permits VALUES (3, '丁', '2026-03-01 01:00:00.5Z', 'x')")
        assert figures(fetch("t.table")) == (2, 1, 0, 1)
        registry.execute("ALTER TABLE t_source.permits DROP COLUMN holder")
        with pytest.raises(CannotFetch, match="42703"):
            fetch("t.table")
    finally:
        registry.execute("DROP SCHEMA t_source CASCADE")


def test_sources_are_asked_at_their_own_pace(fetch: Fetch) -> None:
    assert sorted(_fetching.due(AT)) == ["t.api", "t.pages"]  # registry is not connected
    fetch("t.pages")
    asked = (_fetching.folder("t.pages") / "asked").stat().st_mtime
    assert list(_fetching.due(AT.fromtimestamp(asked + 59 * 60, AT.tzinfo))) == ["t.api"]
    assert sorted(_fetching.due(AT.fromtimestamp(asked + 61 * 60, AT.tzinfo))) == ["t.api", "t.pages"]
    assert queries.sources()[0].reach is not None


def test_the_file_of_a_connection_is_for_its_owner_only(fetch: Fetch, tmp_path: Path) -> None:
    (kept,) = (tmp_path / "home" / "secrets" / "sources").iterdir()
    assert (kept.name, kept.stat().st_mode & 0o777) == ("parks.json", 0o600)
    assert State.TAKEN not in {batch.state for batch in queries.batches().items}
