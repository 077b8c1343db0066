"""Looks at the data of one resource in the lake: its columns, the rules that apply, one scan, and the rows that failed."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from yiwang.data.catalogue import queries as catalogue
from yiwang.data.catalogue.contracts import NoSuchResource, ResourceView
from yiwang.data.engine import queries as lake
from yiwang.data.engine.contracts import SnapshotRef
from yiwang.data.quality import _book, _masks, _scan, _score
from yiwang.data.quality._compile import Scan, compiled
from yiwang.data.quality._score import Figure
from yiwang.data.quality.contracts import Agrees, Columns, Inspection, NothingToInspect, Rule, Within
from yiwang.kernel.workdays import queries as workdays

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KINDS = {"VARCHAR": "text", "BOOLEAN": "bool", "DATE": "date"}
_INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
# Read as what kernel.rules can hold exactly; anything else is compared by nobody.
_RECAST = {
    "TIMESTAMP": "DATE", "TIMESTAMP WITH TIME ZONE": "DATE", "DOUBLE": "DECIMAL(18, 6)", "FLOAT": "DECIMAL(18, 6)",
    "HUGEINT": "DECIMAL(38, 0)", "UBIGINT": "DECIMAL(38, 0)",
}  # fmt: skip
LOCATORS = ("_batch", "_line")
RELATION = "inspected"


@dataclass(frozen=True, slots=True)
class Row:
    """One failing row: its place among those of its rule, its key, its values as they are and as lists show them."""

    place: int
    key: str
    values: Mapping[str, str]
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Looked:
    """What looking at a resource came to, before anything is kept."""

    resource: ResourceView
    snapshot: SnapshotRef
    found: Inspection
    figures: tuple[Figure, ...]
    rows: Mapping[str, tuple[Row, ...]]
    rules_hash: str
    day: date


def look(code: str, *, at: datetime) -> Looked:
    """Inspect the newest data of a resource. For workers and commands. Raises NoSuchResource, NothingToInspect, CannotCheck."""
    resource, policy = catalogue.resource(code), _book.policy()
    snapshot = _newest(resource)
    with lake.connect() as connection:
        lake.mount(connection, snapshot.table, number=snapshot.number, alias=RELATION)
        columns, relation = _columns(snapshot)
        items = {item.name: item for item in resource.items}
        carried = [
            _book.Carried(name, items[name].title, items[name].element_id, items[name].is_key)
            for name in columns.types
            if name in items
        ]
        rules = _book.rules_of(code, carried)
        key = [each.name for each in carried if each.is_key] or [name for name in LOCATORS if name in columns.types]
        day = workdays.legal_day(at)
        scan = compiled(rules, columns, relation=relation, key=key, on=day, others=_others(connection, rules))
        found = _scan.run(connection, scan, keys_max=policy.rows_kept if key else 0)
        rows = {} if not key else _rows(connection, relation, scan, found, key, _masks.of(resource))
    figures = _score.figures(found, dict(zip((rule.code for rule in scan.rules), scan.columns, strict=True)))
    figures.append(_score.readable(items, columns.types))
    late = _score.delivered(policy, str(resource.update_cycle.value), snapshot.created_at, at)
    return Looked(resource, snapshot, found, (*figures, *([late] if late else ())), rows, _hash(rules), day)


def _newest(resource: ResourceView) -> SnapshotRef:
    """Where the data stand: the table of the entry, else the standard layer, else as they came."""
    for name in filter(None, (resource.lake_table, f"standard.{resource.code}", f"raw.{resource.code}")):
        if lake.find_table(name) and (newest := lake.current(name)):
            return newest
    raise NothingToInspect(f"“{resource.title}”还没有汇聚数据。", hint="请先汇聚，再检查质量。")


def _columns(snapshot: SnapshotRef) -> tuple[Columns, str]:
    """The columns that rules can read, and the relation that holds them so."""
    types: dict[str, str] = {}
    places: dict[str, int] = {}
    recast = []
    for column in snapshot.columns:
        held = _RECAST.get(column.type, column.type)
        if held != column.type:
            recast.append(f"CAST({lake.quoted(column.name)} AS {held}) AS {lake.quoted(column.name)}")
        if held.startswith("DECIMAL("):
            types[column.name] = "decimal"
            places[column.name] = int(held.removesuffix(")").rpartition(",")[2])
        elif held in _INTEGERS or held in _KINDS:
            types[column.name] = _KINDS.get(held, "integer")
    relation = f"(SELECT * REPLACE ({', '.join(recast)}) FROM {RELATION})" if recast else RELATION
    return Columns(types, places), relation


def _others(connection: "DuckDBPyConnection", rules: Sequence[Rule]) -> dict[str, str]:
    """The resources that rules compare with, mounted; one without data is absent."""
    found: dict[str, str] = {}
    for code in {rule.ask.other for rule in rules if isinstance(rule.ask, Within | Agrees)}:
        try:
            newest = _newest(catalogue.resource(code))
        except (NoSuchResource, NothingToInspect):
            continue
        alias = f"other_{len(found)}"
        found[code] = lake.mount(connection, newest.table, number=newest.number, alias=alias)
    return found


def _rows(
    connection: "DuckDBPyConnection",
    relation: str,
    scan: Scan,
    found: Inspection,
    key: Sequence[str],
    masks: _masks.Masks,
) -> dict[str, tuple[Row, ...]]:
    """The failing rows with the columns that their rule is about, and no more of them."""
    wanted = sorted({one for tally in found.tallies for one in tally.keys})
    if not wanted:
        return {}
    columns = sorted({name for names in scan.columns for name in names} | set(key))
    named = ", ".join(f"CAST(t.{lake.quoted(name)} AS VARCHAR)" for name in columns)
    text = (
        f"SELECT CAST({scan.key} AS VARCHAR) AS rk, {named} FROM {relation} AS t"
        f" WHERE CAST({scan.key} AS VARCHAR) IN (SELECT unnest(?::VARCHAR[])) ORDER BY ALL LIMIT {len(wanted) * 4}"
    )
    by_key: dict[str, list[dict[str, str]]] = {}
    for rk, *values in connection.execute(text, [wanted]).fetchall():
        line = {name: value for name, value in zip(columns, values, strict=True) if value is not None}
        by_key.setdefault(str(rk), []).append(line)
    return {
        tally.rule.code: tuple(_of_rule(tally.keys, by_key, {*names, *key}, key, masks))
        for tally, names in zip(found.tallies, scan.columns, strict=True)
        if tally.keys
    }


def _of_rule(
    keys: Sequence[str],
    by_key: Mapping[str, list[dict[str, str]]],
    names: set[str],
    key: Sequence[str],
    masks: _masks.Masks,
) -> list[Row]:
    lines = [line for one in dict.fromkeys(keys) for line in by_key.get(one, ())][: len(keys)]
    rows = []
    for place, line in enumerate(lines):
        values: dict[str, Any] = {name: line.get(name, "")[:200] for name in sorted(names)}
        title = " / ".join(line.get(name, "") for name in key)[:200]
        rows.append(Row(place, title, values, {name: masks.shown(name, value) for name, value in values.items()}))
    return rows


def _hash(rules: Sequence[Rule]) -> str:
    return hashlib.sha256("\n".join(sorted(map(repr, rules))).encode()).hexdigest()
