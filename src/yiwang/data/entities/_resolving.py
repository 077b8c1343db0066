"""One run on the lake: mount the sources, score pairs, join what is the same, number it, let values survive. For workers and commands."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yiwang.data.engine import queries as lake
from yiwang.data.entities import _clusters, _matching, _prepare, _survive
from yiwang.data.entities.contracts import ROLES, Evidence, NothingToResolve
from yiwang.data.entities.kinds import EntityModel, SourcePart
from yiwang.kernel.base.sealing import sealed_index

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEYS = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A pair for a person to open: both records with their values as they are, what speaks for and against."""

    digest: str
    sources: tuple[str, str]
    keys: tuple[str, str]
    values: tuple[dict[str, str], dict[str, str]]
    evidence: tuple[Evidence, ...]
    bits: float
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    records: int
    entities: int
    pairs: int
    numbers: _clusters.Numbered
    found: tuple[Found, ...]
    left_out: int


def digest(model_id: str, one: KEYS, other: KEYS) -> str:
    """What a later run knows the pair by, whichever side comes first."""
    sides = sorted((one, other))
    return sealed_index("\n".join([model_id, *(part for side in sides for part in side)]))


def members_table(model_id: str) -> str:
    return f"registry.{model_id}.members"


def entities_table(model_id: str) -> str:
    return f"registry.{model_id}"


def resolve(
    connection: "DuckDBPyConnection", model_id: str, model: EntityModel, *, judged: dict[str, bool], last: int
) -> Resolved:
    """Leave the tables `members` and `surviving` on the connection. `judged` is what people said: digest to same or not."""
    _read(connection, model)
    _prepare.prepare(connection, model.of, "records", "prepared")
    _matching.score(connection, "prepared", model, "pairs")
    keys = _keys(connection)
    said = _said(model_id, keys, judged, connection)
    apart = [pair for pair, same in said.items() if not same]
    sure = [pair for pair, same in said.items() if same]
    taken = connection.execute(
        "SELECT l, r FROM pairs WHERE bits >= ? ORDER BY bits DESC, l, r", [model.accept]
    ).fetchall()
    group = _clusters.joined([*sure, *((left, right) for left, right in taken)], apart=apart)
    every = {row[0]: group.get(row[0], row[0]) for row in connection.execute("SELECT key FROM records").fetchall()}
    numbers = _clusters.numbered(every, _before(connection, model_id), last=last)
    _write(connection, model, numbers)
    found, left_out = _found(connection, model_id, model)
    return Resolved(len(every), len(set(numbers.entity.values())), len(taken), numbers, found, left_out)


def _read(connection: "DuckDBPyConnection", model: EntityModel) -> None:
    """The table `records`: all sources under one another, numbered."""
    parts: list[str] = []
    for source in model.sources:
        if lake.find_table(source.table) and lake.current(source.table):
            relation = lake.mount(connection, source.table, alias=f"source_{len(parts)}")
            parts.append(_selected(source, model, relation))
    if not parts:
        raise NothingToResolve("各来源都还没有汇聚数据。", hint="请先汇聚模型中写的来源。")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE records AS SELECT row_number() OVER (ORDER BY rank, source, own) AS key, *"
        f" FROM ({' UNION ALL '.join(parts)}) WHERE own IS NOT NULL"
    )


def _selected(source: SourcePart, model: EntityModel, relation: str) -> str:
    roles = ", ".join(
        f"CAST({lake.quoted(source.columns[role])} AS VARCHAR) AS {role}"
        if role in source.columns
        else f"NULL::VARCHAR AS {role}"
        for role in ROLES[model.of]
    )
    seen = f"TRY_CAST({lake.quoted(source.seen_on)} AS DATE)" if source.seen_on else "NULL::DATE"
    return (
        f"SELECT {lake.literal(source.code)} AS source, CAST({lake.quoted(source.key)} AS VARCHAR) AS own,"
        f" {source.rank} AS rank, {seen} AS seen_on, {roles} FROM {relation}"
    )


def _keys(connection: "DuckDBPyConnection") -> dict[int, KEYS]:
    """Source and own key of the records that are in some pair."""
    rows = connection.execute(
        "SELECT key, source, own FROM records WHERE key IN (SELECT l FROM pairs UNION SELECT r FROM pairs)"
    ).fetchall()
    return {key: (source, own) for key, source, own in rows}


def _said(
    model_id: str, keys: dict[int, KEYS], judged: dict[str, bool], connection: "DuckDBPyConnection"
) -> dict[tuple[int, int], bool]:
    """Judged pairs among those that were scored. Without a judgement no digest is reckoned."""
    if not judged:
        return {}
    found = {}
    for left, right in connection.execute("SELECT l, r FROM pairs ORDER BY l, r").fetchall():
        said = judged.get(digest(model_id, keys[left], keys[right]))
        if said is not None:
            found[left, right] = said
    return found


def _before(connection: "DuckDBPyConnection", model_id: str) -> dict[int, int]:
    """The number that each record had in the run before."""
    name = members_table(model_id)
    if not lake.find_table(name) or not lake.current(name):
        return {}
    relation = lake.mount(connection, name, alias="members_before")
    rows = connection.execute(
        f"SELECT r.key, b.entity FROM records AS r JOIN {relation} AS b ON b.source = r.source AND b.own = r.own"
    ).fetchall()
    return dict(rows)


def _write(connection: "DuckDBPyConnection", model: EntityModel, numbers: _clusters.Numbered) -> None:
    import numpy as np

    columns = {
        "key": np.fromiter(numbers.entity.keys(), np.int64, len(numbers.entity)),
        "entity": np.fromiter(numbers.entity.values(), np.int64, len(numbers.entity)),
    }
    connection.register("numbered", columns)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE members AS SELECT n.entity, r.* FROM records AS r JOIN numbered AS n ON n.key = r.key"
    )
    connection.unregister("numbered")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE surviving AS {_survive.surviving(model, 'members')}")


def _found(connection: "DuckDBPyConnection", model_id: str, model: EntityModel) -> tuple[tuple[Found, ...], int]:
    """Pairs to open: all doubtful ones, then taken ones up to the model's bound, those with the least evidence first."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE opened AS SELECT l, r, bits FROM pairs ORDER BY bits >= {model.accept}, bits, l, r"
        f" LIMIT (SELECT count(*) FROM pairs WHERE bits < {model.accept}) + {model.open_max}"
    )
    evidence = _matching.explained(connection, "prepared", model, "opened")
    roles = ROLES[model.of]
    sides = ", ".join(f"{side}.{name}" for side in ("a", "b") for name in ("source", "own", *roles))
    rows = connection.execute(
        f"SELECT o.l, o.r, o.bits, {sides} FROM opened AS o JOIN records AS a ON a.key = o.l JOIN records AS b ON b.key = o.r"
        " ORDER BY o.l, o.r"
    ).fetchall()
    found = []
    for left, right, bits, *values in rows:
        one, other = values[: len(values) // 2], values[len(values) // 2 :]
        keys = ((one[0], one[1]), (other[0], other[1]))
        shown = tuple({role: text or "" for role, text in zip(roles, side[2:], strict=True)} for side in (one, other))
        found.append(
            Found(
                digest(model_id, *keys), (one[0], other[0]), (one[1], other[1]), (shown[0], shown[1]),
                evidence[left, right], float(bits), bits >= model.accept,
            )
        )  # fmt: skip
    every = connection.execute("SELECT count(*) FROM pairs").fetchall()[0][0]
    return tuple(found), every - len(found)
