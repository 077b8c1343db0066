"""DuckDB reads what fits into 18 digits without 128-bit numbers, to the same as it reads the rest."""

import duckdb
import pytest

from yiwang.kernel.rules._dialects import DUCKDB, _unscaled

GENERAL = _unscaled("DECIMAL(38, {})", "BIGINT")


@pytest.mark.parametrize("places", [0, 2, 6, 8, 9, 12])
def test_decimals_come_to_the_same_number_on_both_sides_of_the_bound(places: int) -> None:
    bound = 10 ** max(18 - 2 * places, 0)
    texts = [f"{sign}{whole}" for whole in {0, 1, bound - 1, bound, bound + 1} for sign in ("", "-")]
    if places:
        texts += [f"{text}.{'5' * places}" for text in texts]
    with duckdb.connect() as made:
        made.execute(
            f"CREATE TABLE t AS SELECT CAST(unnest(?::VARCHAR[]) AS DECIMAL(38, {places})) AS v", [[*texts, None]]
        )
        rows = made.execute(f"SELECT {DUCKDB.unscaled('v', places)}, {GENERAL('v', places)} FROM t").fetchall()
    assert len(rows) == len(texts) + 1
    assert all(quick == general for quick, general in rows)
    assert {general is None for _, general in rows} == {True, False}
