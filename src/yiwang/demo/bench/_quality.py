"""Thirty quality rules over a made-up register: the compiled scan beside the same by hand, and beside other libraries."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yiwang.data.quality import queries as quality
from yiwang.data.quality.contracts import Columns, Holds, Present, Rule, Trait, Valid
from yiwang.demo.bench import _quality_peers as peers
from yiwang.demo.bench.contracts import Figures
from yiwang.kernel.elements.contracts import CodeItem, CodeList, Element, ElementType, Sensitivity
from yiwang.kernel.packs.contracts import Text

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ON = date(2026, 11, 22)
COLUMNS = Columns(
    {
        "k": "integer", "id": "text", "name": "text", "sex": "text", "folk": "text", "born": "date", "phone": "text",
        "region": "text", "address": "text", "book": "text", "income": "decimal", "hours": "integer", "enrolled": "date",
        "ended": "date", "updated": "date", "mail": "text",
    },
    {"income": 2},
)  # fmt: skip
_PERSON = "[^0-9<>{}=;]+"
_MOBILE = "1[3-9][0-9]{9}"
_REGION = "[0-9]{6}|[0-9]{9}|[0-9]{12}"
_MAIL = "[A-Za-z0-9.]+@[A-Za-z0-9.]+"
_FOLKS = [f"{n:02d}" for n in range(1, 57)]
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# One value in a hundred is absent and one in fifty wrong, each column by a hash of its own.
_MADE = """
CREATE TABLE people AS SELECT k,
  CASE WHEN h % 100 = 0 THEN NULL ELSE first || CASE WHEN h % 50 = 1 THEN '0' ELSE substr('10X98765432', CAST(({sum}) % 11 AS INT) + 1, 1) END END AS id,
  CASE WHEN h // 7 % 100 = 0 THEN NULL WHEN h // 7 % 50 = 1 THEN '张3' ELSE '张伟' || chr(CAST(19968 + h % 5000 AS INT)) END AS name,
  CASE WHEN h // 11 % 100 = 0 THEN '' WHEN h // 11 % 50 = 1 THEN '3' ELSE CAST(1 + h % 2 AS VARCHAR) END AS sex,
  CASE WHEN h // 13 % 100 = 0 THEN NULL WHEN h // 13 % 50 = 1 THEN '99' ELSE lpad(CAST(1 + h % 56 AS VARCHAR), 2, '0') END AS folk,
  CASE WHEN h // 17 % 100 = 0 THEN NULL ELSE DATE '1895-01-01' + CAST(h // 17 % 48300 AS INT) END AS born,
  CASE WHEN h // 19 % 100 = 0 THEN NULL WHEN h // 19 % 50 = 1 THEN '139' ELSE '13' || lpad(CAST(h % 1000000000 AS VARCHAR), 9, '0') END AS phone,
  CASE WHEN h // 23 % 100 = 0 THEN NULL WHEN h // 23 % 50 = 1 THEN '9901' ELSE lpad(CAST(h % 1000000 AS VARCHAR), 6, '0') END AS region,
  CASE WHEN h // 29 % 100 = 0 THEN NULL ELSE '安澜市某区某某路' || CAST(h % 999 AS VARCHAR) || '号' END AS address,
  CASE WHEN h // 31 % 100 = 0 THEN NULL WHEN h // 31 % 50 = 1 THEN 'b-1' ELSE 'H' || CAST(h % 100000 AS VARCHAR) END AS book,
  CASE WHEN h // 37 % 100 = 0 THEN NULL ELSE CAST(h // 37 % 1020000 AS DECIMAL(18, 2)) / 10 END::DECIMAL(18, 2) AS income,
  CASE WHEN h // 41 % 100 = 0 THEN NULL ELSE h // 41 % 172 END::BIGINT AS hours,
  CASE WHEN h // 43 % 100 = 0 THEN NULL ELSE DATE '1990-01-01' + CAST(h // 43 % 13000 AS INT) END AS enrolled,
  CASE WHEN h // 47 % 3 = 0 THEN NULL ELSE DATE '1995-01-01' + CAST(h // 47 % 11000 AS INT) END AS ended,
  CASE WHEN h // 53 % 100 = 0 THEN NULL ELSE DATE '2025-06-01' + CAST(h // 53 % 500 AS INT) END AS updated,
  CASE WHEN h // 59 % 3 = 0 THEN NULL WHEN h // 59 % 50 = 1 THEN 'nobody' ELSE 'u' || CAST(h % 99999 AS VARCHAR) || '@example.org' END AS mail
FROM (SELECT *, CAST(99010000000000000 + (19500101 + h % 28 + 100 * (h // 3 % 12) + 10000 * (h // 5 % 60)) * 1000 + h % 1000 AS VARCHAR) AS first
  FROM (SELECT range AS k, CAST(hash(range) % 4000000000000000000 AS BIGINT) AS h FROM range({rows})))
"""


def _element(kind: ElementType, **more: Any) -> Element:
    return Element("bench.one", Text("一项"), kind, Sensitivity.GENERAL, **more)


def _codes(codes: Sequence[str]) -> CodeList:
    return CodeList("bench.codes", Text("代码"), tuple(CodeItem(code, Text(code)) for code in codes))


def _rules() -> list[Rule]:
    """Thirty: twelve of completeness, eleven of validity, five of consistency, two of timeliness."""
    there = ("id", "name", "sex", "folk", "born", "phone", "region", "address", "book", "income", "hours", "updated")
    text, code = ElementType.TEXT, ElementType.CODE
    valid: dict[str, tuple[Element, CodeList | None]] = {
        "id": (_element(ElementType.ID_NUMBER), None),
        "name": (_element(text, max_length=60, pattern=_PERSON), None),
        "sex": (_element(code, code_list="bench.codes"), _codes(["0", "1", "2", "9"])),
        "folk": (_element(code, code_list="bench.codes"), _codes(_FOLKS)),
        "phone": (_element(text, pattern=_MOBILE), None),
        "region": (_element(text, pattern=_REGION), None),
        "address": (_element(text, max_length=12), None),
        "book": (_element(text, pattern="[A-Za-z0-9]+"), None),
        "income": (_element(ElementType.DECIMAL, minimum=0, maximum=100000), None),
        "hours": (_element(ElementType.INTEGER, minimum=0, maximum=168), None),
        "mail": (_element(text, pattern=_MAIL), None),
    }
    held = {
        "born-past": "born <= as_of", "age": "years_between(born, as_of) <= 120", "enrolled-later": "enrolled >= born",
        "ended-later": "ended >= enrolled", "paid-hours": "income = 0 or hours > 0", "fresh": "days_between(updated, as_of) <= 400",
        "updated-past": "updated <= as_of",
    }  # fmt: skip
    found = [Rule(f"{name}-there", "", Trait.COMPLETENESS, Present(name)) for name in there]
    found += [
        Rule(f"{name}-valid", "", Trait.VALIDITY, Valid(name, element, codes))
        for name, (element, codes) in valid.items()
    ]
    return found + [Rule(code, "", Trait.CONSISTENCY, Holds(when)) for code, when in held.items()]


def _by_hand(*, digits: str) -> dict[str, str]:
    """What fails, as a person would write it for this table; the same absent values are left to completeness.

    `n`, `d` and `m` are worked out once: the number's first seventeen digits, the day in them, and its month.
    """
    there = {f"{name}-there": f"{name} IS NULL" for name in ("born", "income", "hours", "updated")}
    there |= {
        f"{name}-there": f"{name} IS NULL OR {name} = ''"
        for name in ("id", "name", "sex", "folk", "phone", "region", "address", "book")
    }
    day, month = "d", "m"
    last = (
        f"CASE WHEN {month} = 2 THEN CASE WHEN {day} // 10000 % 4 = 0 AND ({day} // 10000 % 100 <> 0 OR {day} // 10000 % 400 = 0)"
        f" THEN 29 ELSE 28 END WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
    )
    is_id = (
        f"regexp_full_match(id, '[0-9]{{17}}[0-9X]') AND {digits} AND ((id >= '9' AND id < '99') OR"
        f" ({day} // 10000 >= 1 AND {month} BETWEEN 1 AND 12 AND {day} % 100 BETWEEN 1 AND {last}))"
    )
    age = f"{ON.year * 10000 + ON.month * 100 + ON.day} - (year(born) * 10000 + month(born) * 100 + day(born))"
    folks = ", ".join(f"'{code}'" for code in _FOLKS)
    return there | {
        "id-valid": f"id <> '' AND NOT ({is_id})",
        "name-valid": f"name <> '' AND NOT (length(name) <= 60 AND regexp_full_match(name, '{_PERSON}'))",
        "sex-valid": "sex <> '' AND sex NOT IN ('0', '1', '2', '9')",
        "folk-valid": f"folk <> '' AND folk NOT IN ({folks})",
        "phone-valid": f"phone <> '' AND NOT regexp_full_match(phone, '{_MOBILE}')",
        "region-valid": f"region <> '' AND NOT regexp_full_match(region, '{_REGION}')",
        "address-valid": "length(address) > 12",
        "book-valid": "book <> '' AND NOT regexp_full_match(book, '[A-Za-z0-9]+')",
        "income-valid": "income NOT BETWEEN 0 AND 100000",
        "hours-valid": "hours NOT BETWEEN 0 AND 168",
        "mail-valid": f"mail <> '' AND NOT regexp_full_match(mail, '{_MAIL}')",
        "born-past": f"born > DATE '{ON}'",
        "age": f"born <= DATE '{ON}' AND ({age}) // 10000 > 120",
        "enrolled-later": "enrolled < born",
        "ended-later": "ended < enrolled",
        "paid-hours": "NOT (income = 0 OR hours > 0)",
        "fresh": f"DATE '{ON}' - updated > 400",
        "updated-past": f"updated > DATE '{ON}'",
    }


def _base_two() -> str:
    terms = " - ".join(["n", *(f"n // {10**i} * {2 ** (i + 2)}" for i in range(1, 17))])
    return f"(2 * ({terms}) + {_LAST}) % 11 = 1"


def _digit_by_digit() -> str:
    terms = " + ".join(f"TRY_CAST(substr(id, {i + 1}, 1) AS INTEGER) * {weight}" for i, weight in enumerate(_WEIGHTS))
    return f"({terms} + {_LAST}) % 11 = 1"


_HAND = """(SELECT *, d // 100 % 100 AS m FROM (SELECT *, n // 1000 % 100000000 AS d
  FROM (SELECT *, TRY_CAST(substr(id, 1, 17) AS BIGINT) AS n FROM people)))"""
_LAST = "CASE WHEN substr(id, 18, 1) = 'X' THEN 10 ELSE TRY_CAST(substr(id, 18, 1) AS BIGINT) END"


def quality_figures(
    *, rows: int, threads: int, rounds: int, python: Path | None, peer_rows: int, tell: Callable[[str], None]
) -> Figures:
    """CPU seconds of the scan, with and without keys, of two queries by hand, and of the peers that `python` can import; counts beside each other."""
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    digits = " + ".join(f"(ascii(substr(first, {i + 1}, 1)) - 48) * {weight}" for i, weight in enumerate(_WEIGHTS))
    tell(f"{rows} rows are made")
    connection.execute(_MADE.format(sum=digits, rows=rows))
    scan = quality.compiled(_rules(), COLUMNS, relation="people", key=["k"], on=ON)
    found: dict[str, Any] = {"rows": rows, "rules": len(scan.rules), "threads": threads}
    ours: dict[str, int] = {}

    def counted() -> None:
        ours.update({t.rule.code: t.failed for t in quality.scanned(connection, scan).tallies})

    by_hand: dict[str, dict[str, int]] = {}
    runs: dict[str, Callable[[], object]] = {
        "scan": counted,
        "scan_with_keys": lambda: quality.scanned(connection, scan, keys_max=200),
        "by_hand": lambda: by_hand.update(same=_counted(connection, _by_hand(digits=_base_two()))),
        "by_hand_digit_by_digit": lambda: by_hand.update(
            plain=_counted(connection, _by_hand(digits=_digit_by_digit()))
        ),
    }
    least = {name: float("inf") for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            tell(f"round {number + 1}: {name}")
            least[name] = min(least[name], _cpu(run))
    found["cpu_seconds"] = {name: round(seconds, 3) for name, seconds in least.items()}
    hand = min(least["by_hand"], least["by_hand_digit_by_digit"])
    found["ratio_to_hand"] = round(least["scan"] / hand, 3)
    found["ratio_with_keys_to_hand"] = round(least["scan_with_keys"] / hand, 3)
    found["same_counts_as_by_hand"] = ours == by_hand["same"] == by_hand["plain"]
    found["peers"] = _peers(connection, python, min(rows, peer_rows), tell) if python else "no --peers given"
    return found


def _counted(connection: "DuckDBPyConnection", failing: Mapping[str, str]) -> dict[str, int]:
    """One pass; the tests stand in a query of their own, since DuckDB shares parts of columns and not of aggregates."""
    tests = ", ".join(f"{test} AS b{n}" for n, test in enumerate(failing.values()))
    sums = ", ".join(f"count_if(b{n})" for n in range(len(failing)))
    values = connection.execute(f"SELECT {sums} FROM (SELECT {tests} FROM {_HAND})").fetchall()[0]
    return dict(zip(failing, values, strict=True))


def _cpu(run: Callable[[], object]) -> float:
    begun = time.process_time()
    run()
    return time.process_time() - begun


def _peers(connection: "DuckDBPyConnection", python: Path, rows: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Each library on the rules that it can say, over the same first rows, beside our scan of just those."""
    found: dict[str, Any] = {"rows": rows}
    connection.execute(f"CREATE TABLE whole AS SELECT * FROM people WHERE k < {rows}")
    connection.execute("DROP TABLE people")
    connection.execute("ALTER TABLE whole RENAME TO people")
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "people.parquet"
        connection.execute(f"COPY people TO '{table}' (FORMAT parquet)")
        for peer in peers.PEERS:
            tell(f"{peer}, {rows} rows")
            asked = peers.asked(there=_THERE, patterns=_PATTERNS, folks=_FOLKS, spark=_scan(_rules(), "spark").counts)
            said = peers.run(peer, python, table, asked, Path(folder))
            found[peer] = said if isinstance(said, str) else _beside(connection, said)
    return found


def _scan(rules: Sequence[Rule], dialect: str = "duckdb") -> quality.Scan:
    return quality.compiled(rules, COLUMNS, relation="people", key=["k"], on=ON, dialect=dialect)


def _beside(connection: "DuckDBPyConnection", said: Mapping[str, Any]) -> dict[str, Any]:
    """What a peer counted and took, beside our own on the rules that it said."""
    counts: dict[str, int] = said["counts"] if "counts" in said else _of_masks(said["lines"])
    scan = _scan([rule for rule in _rules() if rule.code in counts])
    own: dict[str, int] = {}
    seconds = min(
        _cpu(lambda: own.update({t.rule.code: t.failed for t in quality.scanned(connection, scan).tallies}))
        for _ in range(3)
    )
    differ = {code: [count, own[code]] for code, count in counts.items() if count != own[code]}
    absent = _absent(connection, differ)
    return {
        "version": said["version"], "rules": len(counts), "cpu_seconds": round(said["cpu_seconds"], 3),
        "our_cpu_seconds": round(seconds, 3), "times_ours": round(said["cpu_seconds"] / seconds, 1),
        "counts_that_differ": differ,
        "differ_by_null_alone": all(theirs - ours == absent[code] for code, (theirs, ours) in differ.items()),
    }  # fmt: skip


def _of_masks(lines: Sequence[Sequence[int]]) -> dict[str, int]:
    scan = _scan(_rules(), "spark")
    counts = dict.fromkeys((rule.code for rule in scan.rules), 0)
    for *masks, count in lines:
        for place in scan.failing(masks):
            counts[scan.rules[place].code] += count
    return counts


def _absent(connection: "DuckDBPyConnection", codes: Mapping[str, object]) -> dict[str, int]:
    return {
        code: connection.execute(f"SELECT count(*) FROM people WHERE {code.rpartition('-')[0]} IS NULL").fetchall()[0][
            0
        ]
        for code in codes
    }


_THERE = ("name", "folk", "born", "phone", "region", "address", "income", "hours", "updated")
_PATTERNS = {"phone": _MOBILE, "region": _REGION, "book": "[A-Za-z0-9]+", "mail": _MAIL}
