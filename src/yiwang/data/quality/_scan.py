"""Runs a compiled scan on DuckDB: one pass over the relation, then sums over the few distinct masks."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from yiwang.data.quality._compile import Scan
from yiwang.data.quality.contracts import Inspection, Tally

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KEPT = "quality_masks"
_PIECE = 10_000


def run(connection: "DuckDBPyConnection", scan: Scan, *, keys_max: int = 0) -> Inspection:
    """Counts, row scores and the first `keys_max` keys of failing rows for each rule."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_KEPT} AS {_query(scan, keys_max)}")
    try:
        return _summed(connection, scan, keys_max)
    finally:
        connection.execute(f"DROP TABLE IF EXISTS {_KEPT}")


def _query(scan: Scan, keys_max: int) -> str:
    if not keys_max:
        return scan.counts
    # The rows themselves are named in the same pass: the least keys of each mask, which hold the least of each rule.
    failing = " OR ".join(f"m{word} & {bits} <> 0" for word, bits in _of_rules(scan).items())
    keys = f"min(rk, {keys_max}) FILTER (WHERE {failing or 'FALSE'}) AS keys"
    return f"SELECT {scan.masks}, count(*) AS n, {keys} FROM ({scan.sql}) AS scanned GROUP BY {scan.masks}"


def _of_rules(scan: Scan) -> dict[int, int]:
    words: dict[int, int] = {}
    for bit in scan.fails:
        words[bit.word] = words.get(bit.word, 0) | bit.value
    return words


def _summed(connection: "DuckDBPyConnection", scan: Scan, keys_max: int) -> Inspection:
    failed, judged, scores = Counter[int](), Counter[int](), Counter[int]()
    rows = faulty = 0
    total = sum(rule.weight for rule in scan.rules)
    cursor = connection.execute(f"SELECT {scan.masks}, n FROM {_KEPT}")
    while found := cursor.fetchmany(_PIECE):
        for *masks, count in found:
            wrong = scan.failing(masks)
            rows, faulty = rows + count, faulty + (count if wrong else 0)
            for place in wrong:
                failed[place] += count
            for place in scan.judged(masks):
                judged[place] += count
            scores[_score(sum(scan.rules[place].weight for place in wrong), total)] += count
    tallies = (
        Tally(rule, judged[place], failed[place], _keys(connection, scan, place, keys_max) if failed[place] else ())
        for place, rule in enumerate(scan.rules)
    )
    return Inspection(rows, faulty, tuple(tallies), dict(sorted(scores.items())), scan.left_out)


def _score(lost: int, total: int) -> int:
    """The tens of a row's score; only a faultless row has 100."""
    return 100 if not lost else min(90, (total - lost) * 10 // total * 10)


def _keys(connection: "DuckDBPyConnection", scan: Scan, place: int, keys_max: int) -> tuple[str, ...]:
    if not keys_max:
        return ()
    bit = scan.fails[place]
    text = f"SELECT unnest(keys) AS rk FROM {_KEPT} WHERE m{bit.word} & {bit.value} <> 0 ORDER BY rk LIMIT {keys_max}"
    found: list[tuple[Any, ...]] = connection.execute(text).fetchall()
    return tuple(str(row[0]) for row in found)
