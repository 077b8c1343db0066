"""Scores pairs of prepared records with Splink, by the weights of a model, and says for each pair which evidence weighs what."""

import logging
from math import log2
from typing import TYPE_CHECKING, Any

from yiwang.data.entities import _comparisons
from yiwang.data.entities.contracts import Evidence
from yiwang.data.entities.kinds import EntityModel

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def score(connection: "DuckDBPyConnection", prepared: str, model: EntityModel, into: str) -> None:
    """Make the table `into` (l, r, bits) of the pairs of a prepared table that reach the review threshold."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    logging.getLogger("splink.internals").setLevel(logging.ERROR)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[_comparison(part.way, part.levels) for part in model.compare],
        blocking_rules_to_generate_predictions=[{"blocking_rule": _block(block)} for block in model.blocks],
        probability_two_random_records_match=model.prior,
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(connection=connection).register(prepared), settings)
    scored = linker.inference.predict(threshold_match_weight=model.review)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT unique_id_l AS l, unique_id_r AS r, match_weight AS bits FROM {scored.physical_name}"
    )


def _block(columns: tuple[str, ...]) -> str:
    return " AND ".join(f"l.{column} = r.{column}" for column in columns)


def _comparison(way: str, levels: Any) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {"sql_condition": _comparisons.missing(way), "is_null_level": True, "label_for_charts": "missing"}
    ]
    for level in _comparisons.WAYS[way][2]:
        m, u = levels[level.code]
        found.append(
            {"sql_condition": level.test, "label_for_charts": level.code, "m_probability": m, "u_probability": u}
        )
    return {"output_column_name": way.replace("-", "_"), "comparison_levels": found}


def explained(
    connection: "DuckDBPyConnection", prepared: str, model: EntityModel, pairs: str
) -> dict[tuple[Any, Any], tuple[Evidence, ...]]:
    """For each pair of a table (l, r) the level that holds in each comparison, with its bits."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE {prepared}").fetchall()]
    sides = ", ".join(
        f"{side}.{name} AS {name}_{side}" for side in ("l", "r") for name in columns if name != "unique_id"
    )
    held = ", ".join(_held(part.way) for part in model.compare)
    rows = connection.execute(
        f"SELECT pl, pr, {held} FROM (SELECT p.l AS pl, p.r AS pr, {sides} FROM {pairs} AS p"
        f" JOIN {prepared} AS l ON l.unique_id = p.l JOIN {prepared} AS r ON r.unique_id = p.r)"
    ).fetchall()
    return {
        (left, right): tuple(
            _evidence(part.way, part.levels, code) for part, code in zip(model.compare, codes, strict=True)
        )
        for left, right, *codes in rows
    }


def _held(way: str) -> str:
    tests = " ".join(
        f"WHEN {level.test} THEN '{level.code}'" for level in _comparisons.WAYS[way][2] if level.test != "ELSE"
    )
    return f"CASE WHEN {_comparisons.missing(way)} THEN 'missing' {tests} ELSE 'other' END"


def _evidence(way: str, levels: Any, code: str) -> Evidence:
    title, _, known = _comparisons.WAYS[way]
    if code == "missing":
        return Evidence(way, title, f"{title}有一方没有写，不作判断", 0.0)
    m, u = levels[code]
    said = next(level.title for level in known if level.code == code)
    return Evidence(way, title, said, round(log2(m / u), 1))
