"""A system's own database: one SQLite file with its items, its answers and its books."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .contracts import Fields

SCHEMA = """
CREATE TABLE IF NOT EXISTS item (
  reference TEXT, turn INTEGER, receipt TEXT UNIQUE, subject TEXT, fields TEXT, stage TEXT, outcome TEXT DEFAULT '',
  received_at REAL, next_at REAL, changed_at REAL, PRIMARY KEY (reference, turn)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS item_waiting ON item (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS received (message_id TEXT PRIMARY KEY, digest TEXT, reply TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answer (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT UNIQUE, reference TEXT, receipt TEXT, kind TEXT, payload TEXT, occurred_at REAL);
CREATE INDEX IF NOT EXISTS answer_reference ON answer (reference);
CREATE TABLE IF NOT EXISTS posting (
  id INTEGER PRIMARY KEY, sequence INTEGER, deliver_at REAL, attempts INTEGER DEFAULT 0, state TEXT DEFAULT 'waiting', trouble TEXT DEFAULT '');
CREATE INDEX IF NOT EXISTS posting_waiting ON posting (deliver_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS record (drawer TEXT, key TEXT, value TEXT, PRIMARY KEY (drawer, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS series (name TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;
"""


class Store:
    """All reading and writing happens under one lock, one transaction at a time."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        with self._lock:
            row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
            return row

    def number(self, sql: str, *values: object) -> int:
        row = self.row(sql, *values)
        return int(row[0]) if row and row[0] is not None else 0

    def run(self, sql: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(sql, values)

    def run_many(self, sql: str, rows: list[tuple[object, ...]]) -> None:
        with self._lock:
            self._connection.executemany(sql, rows)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def put(self, drawer: str, key: str, value: Fields) -> None:
        self.run("INSERT OR REPLACE INTO record VALUES (?, ?, ?)", drawer, key, dump(value))

    def get(self, drawer: str, key: str) -> Fields | None:
        row = self.row("SELECT value FROM record WHERE drawer = ? AND key = ?", drawer, key)
        return json.loads(row["value"]) if row else None

    def count(self, drawer: str) -> int:
        """Counts up to 100 only: callers ask whether a drawer is filled, not how far."""
        return self.number("SELECT count(*) FROM (SELECT 1 FROM record WHERE drawer = ? LIMIT 100)", drawer)

    def next_number(self, series: str) -> int:
        return self.number(
            "INSERT INTO series VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last", series
        )


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
