"""What PostgreSQL's own decoder (pgoutput, protocol 1) says of its log: transactions, tables and the rows that changed."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
KEPT = object()  # a long value that did not change is not sent

Cell = str | None | object
Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    schema: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """`insert`, `update`, `delete` or `truncate` of a table's row: as it was where that is told, and as it is."""

    kind: str
    table: Table
    before: Row = ()
    after: Row = ()


@dataclass(frozen=True, slots=True)
class Ended:
    """A transaction is over; the log goes on at `position`."""

    position: int


@dataclass(slots=True)
class Decoder:
    """Keeps what earlier messages said of tables and of the transaction that runs."""

    committed_at: datetime = _EPOCH
    committed: int = 0
    _tables: dict[int, Table] = field(default_factory=dict)

    def read(self, message: bytes) -> Iterator[Change | Ended]:
        """What one message says; nothing where it only prepares others."""
        kind, reader = message[:1], _Reader(message, 1)
        if kind == b"B":
            self.committed, since = reader.take("!qq")
            self.committed_at = _EPOCH + timedelta(microseconds=since)
        elif kind == b"C":
            yield Ended(reader.take("!bqq")[2])
        elif kind == b"R":
            self._know(reader)
        elif kind == b"T":
            count, _ = reader.take("!ib")
            for table in [self._tables[reader.take("!i")[0]] for _ in range(count)]:
                yield Change("truncate", table)
        elif kind in _KINDS:
            table = self._tables[reader.take("!i")[0]]
            rows = dict(reader.rows())
            before = rows.get(b"K", rows.get(b"O", ()))
            yield Change(_KINDS[kind], table, before, _whole(rows.get(b"N", ()), before))

    def _know(self, reader: "_Reader") -> None:
        (number,) = reader.take("!i")
        schema, name = reader.text(), reader.text()
        _, count = reader.take("!bh")
        columns = []
        for _ in range(count):
            reader.take("!b")
            columns.append(reader.text())
            reader.take("!ii")
        self._tables[number] = Table(schema, name, tuple(columns))


_KINDS: Mapping[bytes, str] = {b"I": "insert", b"U": "update", b"D": "delete"}


def _whole(row: Row, before: Row) -> Row:
    """With REPLICA IDENTITY FULL the row as it was holds what was not sent again."""
    if len(before) != len(row):
        return row
    return tuple(old if cell is KEPT and old is not None else cell for cell, old in zip(row, before, strict=True))


class _Reader:
    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def take(self, shape: str) -> tuple[int, ...]:
        found = struct.unpack_from(shape, self._data, self._at)
        self._at += struct.calcsize(shape)
        return found

    def text(self) -> str:
        end = self._data.index(0, self._at)
        found, self._at = self._data[self._at : end].decode(), end + 1
        return found

    def rows(self) -> Iterator[tuple[bytes, Row]]:
        while self._at < len(self._data):
            kind = self._bytes(1)
            (count,) = self.take("!h")
            yield kind, tuple(self._cell() for _ in range(count))

    def _cell(self) -> Cell:
        kind = self._bytes(1)
        if kind == b"t":
            return self._bytes(self.take("!i")[0]).decode()
        return KEPT if kind == b"u" else None

    def _bytes(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        self._at += count
        return found
