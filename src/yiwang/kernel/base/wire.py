"""The way to the server: several statements in one round trip, each parsed and planned once a connection and not with every request.

The driver's own cursors take each statement apart anew; what stands on the path of every action goes past them.
"""

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Binary, OperationalError
from psycopg.abc import PQGen
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.types.datetime import TimestamptzLoader
from psycopg.waiting import Wait

from yiwang.kernel.base.texts import TEXTS_KEPT, Statement, pieces, texts

Answer = list[tuple[Any, ...]]
PREPARED_MAX = 500
_FAILED = frozenset({ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED})
_AS_BYTES: frozenset[type] = frozenset({bytes, memoryview, Binary})
_NEVER_THE_SAME = ("SAVEPOINT ", "RELEASE ")
_BEGIN = b"BEGIN"


class _Forms:
    """How a connection's values are written and read: as Django has it, but times by the driver's own reader, which is no Python."""

    def __init__(self, raw: Any) -> None:
        self.connection = raw
        self.adapters = AdaptersMap(raw.adapters)
        self.adapters.register_loader("timestamptz", TimestamptzLoader)


class _Line:
    """What one connection knows: its prepared statements by their text, and how values are written and read."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.names: dict[str, bytes] = {}
        self.given = 0
        self.forms = Transformer(_Forms(raw))

    def new_name(self, sql: str) -> bytes | None:
        """A name for a statement that the server has yet to be told of; None if it is not to remember it."""
        if sql.startswith(_NEVER_THE_SAME) or len(self.names) >= PREPARED_MAX:
            return None
        self.given += 1
        self.names[sql] = name = b"yiwang_%d" % self.given
        return name

    def forget(self, texts: Sequence[str | None]) -> None:
        for text in texts:
            self.names.pop(text or "", None)


def exchange(statements: Sequence[Statement], *, past: Any = None) -> list[Answer]:
    """What the server answers to each of some statements, in one round trip; each sees what those before it did.

    A value is of the type of its place: cast it where the place does not tell one. Goes `past` that wrapper of the connection.
    """
    wrapper = connections[DEFAULT_DB_ALIAS]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    if wrapper.needs_rollback:
        wrapper.validate_no_broken_transaction()
    run: Callable[..., list[Answer]] = partial(_run, wrapper, statements)
    for each in reversed(wrapper.execute_wrappers):
        if each is not past:
            run = partial(each, run)
    return run("; ".join([sql for sql, _ in statements]), None, False, {"connection": wrapper, "cursor": None})


def _run(wrapper: Any, statements: Sequence[Statement], *_: Any) -> list[Answer]:
    begun = time.monotonic()
    try:
        with wrapper.wrap_database_errors:
            return _exchanged(wrapper.connection, statements)
    finally:
        if wrapper.queries_logged:
            sql = "; ".join(text for one in statements for text in texts([one]))
            wrapper.queries_log.append({"sql": sql, "time": f"{time.monotonic() - begun:.3f}"})


def _exchanged(raw: Any, statements: Sequence[Statement]) -> list[Answer]:
    line: _Line = vars(raw).get("line") or vars(raw).setdefault("line", _Line(raw))
    values = [_written(line, sql, given) for sql, given in statements]
    pgconn: PGconn = raw.pgconn
    try:
        pgconn.enter_pipeline_mode()
        told = _send(line, statements, values)
        results = raw.wait(_received(pgconn))
        pgconn.exit_pipeline_mode()
    except BaseException:
        # Nobody knows what the server still has to say.
        raw.close()
        raise
    return _read(line, told, results)


def _written(line: _Line, sql: str, values: Sequence[Any]) -> tuple[Sequence[Any], list[bool]]:
    """The values as the server gets them: whatever is wrong with one is found before anything is sent."""
    if len(values) != len(pieces(sql)) - 1:
        raise ValueError(f"{len(pieces(sql)) - 1} values wanted, {len(values)} given: {sql[:80]}")
    as_bytes = [type(value) in _AS_BYTES for value in values]
    forms = [PyFormat.BINARY if is_bytes else PyFormat.TEXT for is_bytes in as_bytes]
    return line.forms.dump_sequence(values, forms), as_bytes


def _send(line: _Line, statements: Sequence[Statement], values: Sequence[tuple[Any, list[bool]]]) -> list[str | None]:
    """Send all, and say for each answer to come what was prepared; None where it is the answer to a statement."""
    pgconn: PGconn = line.raw.pgconn
    told: list[str | None] = []
    if not line.raw.autocommit and pgconn.transaction_status == TransactionStatus.IDLE:
        pgconn.send_query_params(_BEGIN, None)
        told.append("")
    for (sql, _), (given, as_bytes) in zip(statements, values, strict=True):
        name = line.names.get(sql)
        if name is None and (name := line.new_name(sql)) is not None:
            pgconn.send_prepare(name, _numbered(sql))
            told.append(sql)
        if name is None:
            pgconn.send_query_params(_numbered(sql), given, None, as_bytes)
        else:
            pgconn.send_query_prepared(name, given, as_bytes)
        told.append(None)
    pgconn.pipeline_sync()
    return told


def _received(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """All results until the server is through; run by the driver, which waits."""
    while pgconn.flush():
        yield Wait.RW
        pgconn.consume_input()
    found: list[PGresult] = []
    while True:
        while pgconn.is_busy():
            if (yield Wait.R):
                pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            if pgconn.status != ConnStatus.OK:
                raise OperationalError("the connection is lost")
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return found
        else:
            found.append(result)


def _read(line: _Line, told: Sequence[str | None], results: Sequence[PGresult]) -> list[Answer]:
    answers: list[Answer] = []
    for place, (prepared, result) in enumerate(zip(told, results, strict=True)):
        if result.status in _FAILED:
            error = error_from_result(result, line.raw.info.encoding)
            # One that the server forgot, or planned for another shape of its table, is prepared anew the next time.
            is_outdated = isinstance(error, InvalidSqlStatementName | FeatureNotSupported)
            line.forget(list(line.names) if is_outdated else told[place:])
            raise error
        if prepared is None:
            line.forms.set_pgresult(result)
            answers.append(line.forms.load_rows(0, result.ntuples, tuple) if result.nfields else [])
    line.forms.set_pgresult(None)
    return answers


@lru_cache(maxsize=TEXTS_KEPT)
def _numbered(sql: str) -> bytes:
    """A statement with its places numbered, as the server wants them."""
    first, *others = pieces(sql)
    return (first + "".join(f"${n}{piece}" for n, piece in enumerate(others, 1))).encode()
