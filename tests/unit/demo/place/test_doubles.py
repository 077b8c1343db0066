"""Made-up registers with known duplicates: the same for the same seed, right codes without errors, and every error by its share."""

from collections.abc import Iterator

import duckdb
import pytest

from yiwang.demo.place import queries
from yiwang.kernel.base.codes import is_id_number, is_uscc

RECORDS = 4000
BOTH = "{0} JOIN {0}_truth USING (record)"
DIGEST = "SELECT md5(string_agg({0}::VARCHAR, '|' ORDER BY record)), count(*) FROM {0} WHERE record < {1}"


@pytest.fixture(scope="module")
def made() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        queries.people_with_doubles(connection, "people", records=RECORDS)
        queries.people_with_doubles(connection, "again", records=500)
        queries.people_with_doubles(connection, "otherwise", records=500, seed=2)
        queries.firms_with_doubles(connection, "firms", records=RECORDS)
        yield connection


def test_the_same_seed_makes_the_same_of_any_size(made: duckdb.DuckDBPyConnection) -> None:
    people, again, otherwise = (made.sql(DIGEST.format(n, 500)).fetchall() for n in ("people", "again", "otherwise"))
    assert people == again
    assert people != otherwise
    assert (
        made.sql(DIGEST.format("again_truth", 500)).fetchall()
        == made.sql(DIGEST.format("people_truth", 500)).fetchall()
    )
    assert made.sql("SELECT count(*) FROM people").fetchall() == [(RECORDS,)]


def test_the_authority_s_record_has_no_error_and_a_right_number(made: duckdb.DuckDBPyConnection) -> None:
    rows = made.sql(
        f"SELECT id_number, born_on, sex, errors, source FROM {BOTH.format('people')} WHERE copy = 0"
    ).fetchall()
    assert len({row[0] for row in rows}) == len(rows) > 2000
    for number, born_on, sex, errors, source in rows:
        assert is_id_number(number)
        assert number[6:14] == f"{born_on:%Y%m%d}"
        assert (sex == "1") == (int(number[16]) % 2 == 1)
        assert (errors, source) == ([], "population")


def test_firms_have_right_codes_of_their_own(made: duckdb.DuckDBPyConnection) -> None:
    codes = [row[0] for row in made.sql(f"SELECT code FROM {BOTH.format('firms')} WHERE copy = 0").fetchall()]
    assert len(set(codes)) == len(codes)
    assert all(map(is_uscc, codes))


def test_errors_come_by_their_shares(made: duckdb.DuckDBPyConnection) -> None:
    kinds = dict(
        made.sql(
            "SELECT code, count(*) / (SELECT count(*) FROM people_truth WHERE copy > 0) FROM"
            " (SELECT unnest(errors) AS code FROM people_truth) GROUP BY code"
        ).fetchall()
    )
    assert kinds["id-missing"] == pytest.approx(0.30, abs=0.05)
    assert kinds["moved"] == pytest.approx(0.15, abs=0.04)
    assert kinds["homophone"] == pytest.approx(0.08, abs=0.03)
    firms = dict(
        made.sql("SELECT unnest(errors) AS code, count(*) AS n FROM firms_truth GROUP BY code ORDER BY n").fetchall()
    )
    assert {"type-short", "code-missing", "code-old", "code-form", "homophone", "moved"} <= set(firms)


@pytest.mark.parametrize(
    ("error", "shows"),
    [
        ("id-missing", "id_number IS NULL"),
        ("id-fifteen", "length(id_number) = 15"),
        ("born-missing", "born_on IS NULL"),
        ("address-missing", "address IS NULL"),
        ("spaced", "contains(name, '　')"),
        ("fields-exchanged", "coalesce(phone, '') = '' OR length(phone) <> 11 OR length(id_number) = 11"),
    ],
)
def test_an_error_shows(made: duckdb.DuckDBPyConnection, error: str, shows: str) -> None:
    found = made.sql(
        f"SELECT count(*), count(*) FILTER (WHERE {shows}) FROM {BOTH.format('people')}"
        f" WHERE list_contains(errors, '{error}') AND (NOT list_contains(errors, 'fields-exchanged') OR '{error}' = 'fields-exchanged')"
    ).fetchall()[0]
    assert found[0] == found[1] > 0


def test_a_homophone_differs_in_one_sign(made: duckdb.DuckDBPyConnection) -> None:
    pairs = made.sql(
        f"SELECT a.name, b.name FROM (SELECT * FROM {BOTH.format('people')}) AS a JOIN (SELECT * FROM {BOTH.format('people')}) AS b"
        " USING (person) WHERE a.copy = 0 AND b.copy > 0 AND list_filter(b.errors, lambda e: e IN"
        " ('accent', 'similar', 'unwritten', 'transposed', 'dropped', 'spaced', 'renamed')) = []"
        " AND list_contains(b.errors, 'homophone') AND a.record <> b.record"
    ).fetchall()
    assert len(pairs) > 50
    assert all(sum(x != y for x, y in zip(a, b, strict=True)) == 1 for a, b in pairs)


def test_lookalikes_are_somebody_else(made: duckdb.DuckDBPyConnection) -> None:
    twins = made.sql(
        f"SELECT a.born_on = b.born_on, a.id_number = b.id_number, a.name = b.name FROM (SELECT * FROM {BOTH.format('people')}) AS a"
        f" JOIN (SELECT * FROM {BOTH.format('people')}) AS b ON b.person = a.person + 1 AND a.copy = 0 AND b.copy = 0 WHERE a.lookalike = 'twin'"
    ).fetchall()
    assert set(twins) == {(True, False, False)}
    assert made.sql("SELECT count(*) > 0 FROM firms_truth WHERE lookalike = 'branch'").fetchall() == [(True,)]
