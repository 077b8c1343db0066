"""A DuckDB that sees the lake and nothing else of the machine."""

import contextlib
import shutil
import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from yiwang.data.engine import _files
from yiwang.data.engine.contracts import CannotQuery

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "allow_community_extensions": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    # The wheel writes encrypted files only with this: decision 135 says what makes it safe enough here.
    "force_mbedtls_unsafe": "true",
    "temp_file_encryption": "true",
}


@contextlib.contextmanager
def connect(*, memory: str = "1GB", threads: int = 2, paths: Sequence[Path] = ()) -> Iterator["DuckDBPyConnection"]:
    """An empty database in memory whose SQL reaches the lake and `paths` (files or folders), and can change no setting.

    What does not fit into `memory` goes to a folder that ends with the block.
    """
    work = _files.work() / uuid.uuid4().hex
    work.mkdir(mode=0o700)
    config = _CONFIG | {"memory_limit": memory, "threads": threads, "temp_directory": str(work)}
    connection = duckdb.connect(":memory:", config=config)
    try:
        _shut(connection, [_files.tables(), work, *paths])
        yield connection
    finally:
        connection.close()
        shutil.rmtree(work, ignore_errors=True)


@contextlib.contextmanager
def scratch() -> Iterator["DuckDBPyConnection"]:
    """An empty database in memory that reaches no file at all: for trying a text."""
    connection = duckdb.connect(":memory:", config=_CONFIG | {"memory_limit": "200MB", "threads": 1})
    try:
        _shut(connection, [])
        yield connection
    finally:
        connection.close()


def _shut(connection: "DuckDBPyConnection", open_paths: Sequence[Path]) -> None:
    folders = [f"{path.resolve()}/" for path in open_paths if path.is_dir()]
    files = [str(path.resolve()) for path in open_paths if not path.is_dir()]
    connection.execute(f"SET allowed_directories = {_listed(folders)}")
    connection.execute(f"SET allowed_paths = {_listed(files)}")
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def require_select(sql: str) -> str:
    """The text of the one SELECT that `sql` is. Raises CannotQuery for anything else."""
    try:
        with _parser().cursor() as parser:
            statements = parser.extract_statements(sql)
    except duckdb.Error as wrong:
        raise CannotQuery(f"查询写得不对：{wrong}", hint="请核对 SQL。") from wrong
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise CannotQuery("只能写一条 SELECT。", hint="请去掉其他语句。")
    return sql.strip().rstrip(";")


@cache
def _parser() -> "DuckDBPyConnection":
    """One for the process: opening a database costs a thousand times what reading a text does."""
    return duckdb.connect(":memory:", config=_CONFIG | {"threads": 1})


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listed(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(literal, texts)) + "]"
