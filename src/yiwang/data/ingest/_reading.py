"""Every format into two tables of a DuckDB connection: `found` (as text, with `_line`) and `broken` (set aside, with reasons)."""

import csv
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotOpen
from yiwang.data.engine.queries import literal, quoted
from yiwang.data.ingest import _encoding
from yiwang.data.ingest.contracts import CannotRead, Format
from yiwang.data.ingest.kinds import SourcePack

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS_MAX = 2000
HEADER_BYTES = 1 << 20
WORDS = {
    "MISSING COLUMNS": ("columns", "列数少于表头"),
    "TOO MANY COLUMNS": ("columns", "列数多于表头"),
    "UNQUOTED VALUE": ("quotes", "引号没有成对"),
    "INVALID ENCODING": ("encoding", "有不能识别的字节"),
    "LINE SIZE OVER MAXIMUM": ("too-long", "一行过长"),
}
_REJECTS = "rejects_table = 'rejected', rejects_scan = 'scanned', store_rejects = true, rejects_limit = 0"
_READ = f"header = false, quote = '\"', escape = '\"', auto_detect = false, {_REJECTS}, max_line_size = 4000000"


@dataclass(frozen=True, slots=True)
class Found:
    """Names of the columns as found, and what the file was written in."""

    columns: tuple[str, ...]
    encoding: str


def read(lake: "DuckDBPyConnection", source: SourcePack, path: Path, work: Path) -> Found:
    """Fill `found` and `broken`. Raises CannotRead."""
    lake.execute("CREATE OR REPLACE TABLE broken (_line BIGINT, reason VARCHAR, words VARCHAR, content VARCHAR)")
    if source.format is Format.EXCEL:
        return _excel(lake, source, path, work)
    seen = _encoding.look(path, source.encoding)
    text = path
    if not seen.is_ready:
        text = work / "text"
        _encoding.rewrite(path, text, seen.encoding)
    if source.format is Format.CSV:
        names = _whole_csv(lake, text, source.delimiter, work)
    else:
        _forget_rejects(lake)
        lake.execute(f"CREATE OR REPLACE TABLE lines AS SELECT row_number() OVER () AS _line, text FROM {_lines(text)}")
        names = _json(lake, text) if source.format is Format.JSON else _fixed(lake, source)
        lake.execute("DROP TABLE lines")
    _set_aside_marked(lake, names)
    return Found(names, seen.encoding)


def _whole_csv(lake: "DuckDBPyConnection", path: Path, delimiter: str, work: Path) -> tuple[str, ...]:
    """As `_csv`, and every line accounted for: DuckDB drops what follows a quote that never closes.

    Then each line is taken by itself, and those with open quotes are set aside. Raises CannotRead when a line is still lost.
    """
    names = _csv(lake, path, delimiter)
    if _lost_lines(lake, path, names):
        alone = work / "alone"
        _encoding.mark_open_quotes(path, alone)
        lake.execute("DELETE FROM broken")
        names = _csv(lake, alone, delimiter)
        lost = _lost_lines(lake, alone, names)
        if lost:
            raise CannotRead(f"有{lost}行没有读出来。", hint="请核对文件的引号和分隔符。")
    return names


def _lost_lines(lake: "DuckDBPyConnection", path: Path, names: tuple[str, ...]) -> int:
    """Lines of the file that are neither header, row, set aside nor blank."""
    cells = ", ".join(f"coalesce({quoted(name)}, '')" for name in names)
    record = f"concat_ws(',', {cells})"
    found = _lines_of(lake, "found", record) + _lines_of(lake, "broken", "trim(content, chr(10) || chr(13))")
    cut: Any = lake.execute("SELECT count(*) FROM broken WHERE length(content) >= 9999").fetchone()
    if cut[0]:  # DuckDB keeps the first ten thousand signs
        return int(cut[0])
    lost = _encoding.count_lines(path) - 1 - found
    return max(0, lost - _encoding.blank_lines(path)) if lost > 0 else 0


def _lines_of(lake: "DuckDBPyConnection", table: str, text: str) -> int:
    """How many lines that are not blank the rows of a table took: the first and last of several hold a quote at least."""
    pieces = f"string_split({text}, chr(10))"
    inner = f"len(list_filter({pieces}[2:-2], lambda piece: trim(piece, chr(13) || ' ') <> ''))"
    row: Any = lake.execute(
        f"SELECT coalesce(sum(CASE WHEN contains({text}, chr(10)) THEN 2 + {inner} ELSE 1 END), 0) FROM {table}"
    ).fetchone()
    return int(row[0])


def _csv(lake: "DuckDBPyConnection", path: Path, delimiter: str) -> tuple[str, ...]:
    header, separator = _header(path, delimiter)
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(header)))
    named = ", ".join(f"c{n} AS {quoted(name)}" for n, name in enumerate(header))
    _forget_rejects(lake)
    lake.execute(
        f"CREATE OR REPLACE TABLE found AS SELECT row_number() OVER () + 1 AS _line, {named} FROM read_csv("
        f"{literal(str(path))}, skip = 1, delim = {literal(separator)}, columns = {{{columns}}}, {_READ})"
    )
    _take_rejects(lake)
    return header


def _header(path: Path, delimiter: str) -> tuple[tuple[str, ...], str]:
    with open(path, encoding="utf-8-sig", newline="", errors="replace") as stream:
        line = stream.readline(HEADER_BYTES)
        separator = max(",\t;|", key=line.count) if delimiter == "auto" else delimiter
        stream.seek(0)
        names = next(csv.reader(iter([line]), delimiter=separator), [])
    if not any(name.strip() for name in names) or len(names) > COLUMNS_MAX:
        raise CannotRead("第一行不是表头。", hint=f"第一行应是列名，最多{COLUMNS_MAX}列。")
    return unique(names), separator


def unique(names: list[str]) -> tuple[str, ...]:
    """Names as columns can be called: never empty, each once, ours kept free."""
    found: list[str] = []
    for number, name in enumerate(names, 1):
        plain = unicodedata.normalize("NFC", name).strip().strip("\ufeff").replace("\n", " ")[:100] or f"第{number}列"
        plain = f"{plain}_" if plain.startswith("_") else plain
        twin = sum(1 for other in found if other.casefold() == plain.casefold())
        while any(other.casefold() == plain.casefold() for other in found):
            twin += 1
            plain = f"{plain.rsplit('_', 1)[0] if twin > 2 else plain}_{twin}"
        found.append(plain)
    return tuple(found)


def _take_rejects(lake: "DuckDBPyConnection") -> None:
    """What DuckDB could not split, with its line; the lines of what came after it move on by as many."""
    cases = " ".join(f"WHEN {literal(kind)} THEN {literal(code)}" for kind, (code, _) in WORDS.items())
    words = " ".join(f"WHEN {literal(kind)} THEN {literal(said)}" for kind, (_, said) in WORDS.items())
    lake.execute(
        f"""INSERT INTO broken SELECT line, any_value(CASE error_type {cases} ELSE 'shape' END ORDER BY column_idx),
        any_value(CASE error_type {words} ELSE '不能拆分成列' END ORDER BY column_idx), any_value(csv_line)
        FROM rejected GROUP BY line"""
    )
    if not _count(lake, "broken"):
        return
    lake.execute(
        "CREATE OR REPLACE TABLE gaps AS SELECT _line - 1 - row_number() OVER (ORDER BY _line) AS before, row_number() OVER (ORDER BY _line) AS n FROM broken"
    )
    lake.execute(
        """UPDATE found SET _line = found._line + moved.n FROM (
        SELECT f._line, max(g.n) AS n FROM (SELECT _line FROM found) f ASOF JOIN
        (SELECT before, max(n) AS n FROM gaps GROUP BY before) g ON f._line - 1 > g.before GROUP BY f._line) moved
        WHERE moved._line = found._line"""
    )
    lake.execute("DROP TABLE gaps")


def _forget_rejects(lake: "DuckDBPyConnection") -> None:
    # DuckDB makes these tables itself and adds to them scan after scan.
    for table in ("rejected", "scanned"):
        lake.execute(f"DROP TABLE IF EXISTS {table}")


def _lines(path: Path) -> str:
    return (
        f"read_csv({literal(str(path))}, header = false, delim = '\\x1e', quote = '', escape = '', auto_detect = false,"
        f" columns = {{'text': 'VARCHAR'}}, {_REJECTS}, max_line_size = 4000000)"
    ).replace("\\x1e", "\x1e")


def _json(lake: "DuckDBPyConnection", path: Path) -> tuple[str, ...]:
    with open(path, encoding="utf-8-sig", errors="replace") as stream:
        is_array = stream.read(4096).lstrip()[:1] == "["
    if is_array:
        import duckdb

        try:
            lake.execute(
                "CREATE OR REPLACE TABLE lines AS SELECT row_number() OVER () AS _line, json::VARCHAR AS text FROM "
                f"read_json_objects({literal(str(path))}, format = 'array', maximum_object_size = 4000000)"
            )
        except duckdb.Error as wrong:
            raise CannotRead("JSON 数组读不完整。", hint="请核对文件，或改用每行一个对象。") from wrong
    else:
        _take_rejects_of_lines(lake)
    lake.execute("DELETE FROM lines WHERE text IS NULL OR trim(text) = ''")
    lake.execute(
        "INSERT INTO broken SELECT _line, 'json', '不是 JSON 对象', text FROM lines "
        "WHERE NOT json_valid(text) OR json_type(CASE WHEN json_valid(text) THEN text END) <> 'OBJECT'"
    )
    lake.execute("DELETE FROM lines WHERE _line IN (SELECT _line FROM broken)")
    keys = [str(row[0]) for row in lake.execute(
        "SELECT key FROM (SELECT unnest(json_keys(text)) AS key, _line FROM lines) GROUP BY key ORDER BY min(_line), key"
    ).fetchall()]  # fmt: skip
    if not keys or len(keys) > COLUMNS_MAX:
        raise CannotRead("文件里没有 JSON 对象，或字段过多。", hint="每行一个对象，或一个对象数组。")
    names = unique(keys)
    named = ", ".join(
        f"json_extract_string(text, {literal(_pointer(key))}) AS {quoted(name)}"
        for key, name in zip(keys, names, strict=True)
    )
    lake.execute(f"CREATE OR REPLACE TABLE found AS SELECT _line, {named} FROM lines")
    return names


def _pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _fixed(lake: "DuckDBPyConnection", source: SourcePack) -> tuple[str, ...]:
    _take_rejects_of_lines(lake)
    lake.execute("DELETE FROM lines WHERE text IS NULL OR text = ''")
    # The last column may be cut short where its blanks were; what does not reach it is short.
    least = max(column.start or 0 for column in source.columns)
    lake.execute(f"INSERT INTO broken SELECT _line, 'columns', '行太短', text FROM lines WHERE length(text) < {least}")
    named = ", ".join(
        f"trim(substring(text, {column.start}, {column.width})) AS {quoted(column.name)}" for column in source.columns
    )
    lake.execute(f"CREATE OR REPLACE TABLE found AS SELECT _line, {named} FROM lines WHERE length(text) >= {least}")
    return tuple(column.name for column in source.columns)


def _take_rejects_of_lines(lake: "DuckDBPyConnection") -> None:
    lake.execute(
        """INSERT INTO broken SELECT line, 'encoding', '有不能识别的字节', any_value(csv_line)
        FROM rejected GROUP BY line"""
    )


def _set_aside_marked(lake: "DuckDBPyConnection", names: tuple[str, ...]) -> None:
    """Rows in which `_encoding` had to put the mark of what was broken."""
    marked = " OR ".join(f"contains({quoted(name)}, '\ufffd')" for name in names)
    content = f"concat_ws(',', {', '.join(map(quoted, names))})"
    lake.execute(
        f"INSERT INTO broken SELECT _line, 'encoding', '有不能识别的字节', {content} FROM found WHERE {marked}"
    )
    lake.execute(f"DELETE FROM found WHERE {marked}")
    lake.execute(
        "UPDATE broken SET reason = 'too-long', words = '一行过长，只留开头' WHERE starts_with(content, '\ufffd…')"
    )
    lake.execute(
        "UPDATE broken SET reason = 'quotes', words = '引号没有成对', content = replace(substring(content, 3), '＂', '\"')"
        " WHERE starts_with(content, '\ufffd＂')"
    )


def _excel(lake: "DuckDBPyConnection", source: SourcePack, path: Path, work: Path) -> Found:
    target = work / "sheet.csv"
    try:
        lakes.write_sheet(path, sheet=source.sheet, target=target)
    except CannotOpen as wrong:
        raise CannotRead(wrong.message, hint=wrong.hint) from wrong
    _encoding.look(target)
    names = _whole_csv(lake, target, ",", work)
    errors = " OR ".join(f"{quoted(name)} = '{lakes.ERROR}'" for name in names)
    content = f"concat_ws(',', {', '.join(map(quoted, names))})"
    lake.execute(f"INSERT INTO broken SELECT _line, 'formula', '公式算不出值', {content} FROM found WHERE {errors}")
    lake.execute(f"DELETE FROM found WHERE {errors}")
    _set_aside_marked(lake, names)
    return Found(names, "excel")


def _count(lake: "DuckDBPyConnection", table: str) -> int:
    row: Any = lake.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0])
