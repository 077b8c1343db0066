"""The one scan beside an obviously right loop over the rows."""

import re
from collections import Counter

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import uscc as stdnum_uscc

from tests.spec.quality import made
from yiwang.data.quality import _digits, _patterns
from yiwang.data.quality._compile import WORD, compiled
from yiwang.data.quality._engines import engine
from yiwang.data.quality._scan import run
from yiwang.data.quality.contracts import Columns, Holds, Present, Rule, Trait, Valid
from yiwang.kernel.base.codes import id_check_digit, is_id_number, is_uscc
from yiwang.kernel.elements.contracts import ElementType

DIGITS = "0123456789"


@pytest.fixture(scope="module")
def lake():
    connection = duckdb.connect(config={"threads": 1})
    fill(connection, 600)
    return connection


def fill(connection, count):
    columns = ", ".join(f'"{name}" {kind}' for name, kind in made.DUCKDB.items())
    connection.execute(f"CREATE TABLE people ({columns})")
    connection.execute(f"INSERT INTO people VALUES {made.literals(made.rows(count))}")
    connection.execute(f"CREATE TABLE regions AS SELECT * FROM (VALUES {made.literals(made.REGIONS)}) v(code)")
    connection.execute(f"CREATE TABLE police AS SELECT * FROM (VALUES {made.literals(made.police(count))}) v(id, name)")


def scan_of(rules=made.RULES, columns=made.COLUMNS, relation="people", key=("k",), dialect="duckdb"):
    return compiled(rules, columns, relation=relation, key=key, on=made.ON, others=made.OTHERS, dialect=dialect)


def by_hand(rows):
    """What each rule judged and what failed it, one row after another."""
    ids, names = Counter(row[1] for row in rows), Counter((row[2], row[4]) for row in rows)
    known = {code for (code,) in made.REGIONS if code}
    said: dict[object, set[object]] = {}
    for number, name in made.police(len(rows)):
        said.setdefault(number, set()).add(name or "")
    said = {number: {name for name in names_ if name} for number, names_ in said.items()}
    judged, failed = Counter(), Counter()

    def put(code, is_judged, is_right):
        judged[code] += bool(is_judged)
        failed[code] += bool(is_judged and not is_right)

    for _, number, name, sex, born, left, pay, region in rows:
        put("id-there", True, number)
        put("id-digits", number, number and number.isascii() and number == number.upper() and is_id_number(number))
        put("id-once", number, ids[number] == 1)
        put("name-written", name, name and len(name) <= 6 and not re.search(r"[0-9<>]", name))
        put("sex-coded", sex, sex in {"0", "1", "2", "9"})
        put("sex-there", True, sex)
        put("pay-range", pay is not None, pay is not None and 0 <= pay <= 500)
        put("left-later", born and left, born and left and left >= born)
        old = born and (made.ON.year - born.year - ((made.ON.month, made.ON.day) < (born.month, born.day))) >= 18
        put("of-age", old or pay == 0 or (born and pay is not None), old or pay == 0)
        put("fresh", left, left and (made.ON - left).days <= 300)
        put("region-known", region, region in known)
        theirs = said.get(number, set()) if number else set()
        put("name-agrees", name and len(theirs) == 1, {name} == theirs)
        put("key-once", name and born, names[name, born] == 1)
    return judged, failed


def test_the_scan_counts_what_a_loop_counts(lake):
    judged, failed = by_hand(made.rows(600))
    came = run(lake, scan_of(), keys_max=5)
    assert {t.rule.code: (t.judged, t.failed) for t in came.tallies} == {
        rule.code: (judged[rule.code], failed[rule.code]) for rule in made.RULES
    }
    assert all(failed.values()), "every rule must find something here"
    assert came.rows == 600
    assert sum(came.scores.values()) == 600
    assert came.rows - came.faulty_rows == came.scores[100]


def test_failing_rows_come_from_the_same_pass(lake):
    came = {t.rule.code: t for t in run(lake, scan_of(), keys_max=5).tallies}
    absent = [str(row[0]) for row in made.rows(600) if not row[1]]
    assert list(came["id-there"].keys) == absent[:5]
    assert run(lake, scan_of()).tallies[0].keys == ()


def test_absence_is_completeness_and_nothing_else(lake):
    lake.execute("CREATE OR REPLACE TABLE blank AS SELECT 1 AS k, NULL::VARCHAR AS id UNION ALL SELECT 2, ''")
    columns = Columns({"k": "integer", "id": "text"})
    rules = [made.RULES[0], made.RULES[1], made.RULES[2], Rule("w", "", Trait.VALIDITY, Holds("id <> 'x'"))]
    came = {t.rule.code: (t.judged, t.failed) for t in run(lake, scan_of(rules, columns, "blank")).tallies}
    assert came == {"id-there": (2, 2), "id-digits": (0, 0), "id-once": (0, 0), "w": (0, 0)}


def test_more_rules_than_a_number_has_bits(lake):
    rules = [Rule(f"r{n}", "", Trait.VALIDITY, Holds(f"k <> {n}")) for n in range(150)]
    scan = scan_of(rules, Columns({"k": "integer"}))
    assert scan.words == 1 + (150 * 2 - 1) // WORD
    came = run(lake, scan, keys_max=2)
    assert [(t.judged, t.failed, t.keys) for t in came.tallies] == [(600, 1, (str(n),)) for n in range(150)]


def test_what_is_not_there_is_left_out_and_said(lake):
    rules = [
        Rule("a", "", Trait.COMPLETENESS, Present("nowhere")),
        made.RULES[10],
        Rule("b", "", Trait.VALIDITY, Holds("k > x")),
    ]
    scan = compiled(rules, made.COLUMNS, relation="people", key=["k"], on=made.ON)
    assert [code for code, _ in scan.left_out] == ["a", "region-known", "b"]
    assert run(lake, scan).scores == {100: 600}


def test_several_columns_are_one_key(lake):
    came = run(lake, scan_of(made.RULES[:1], key=("k", "name")), keys_max=1)
    first = next(row for row in sorted(made.rows(600), key=lambda r: f"{r[0]} / {r[2] or ''}") if not row[1])
    assert came.tallies[0].keys == (f"{first[0]} / {first[2] or ''}",)


def whole(connection, sql, values):
    return [
        row[0]
        for row in connection.execute(f"SELECT {sql} FROM (SELECT unnest(?::VARCHAR[]) AS c)", [values]).fetchall()
    ]


IDS = st.builds(
    lambda first, right, last: first + (id_check_digit(first) if right else last),
    st.one_of(
        st.text(DIGITS, min_size=17, max_size=17),
        st.builds(
            lambda r, y, m, d, s: f"{r:06d}{y:04d}{m:02d}{d:02d}{s:03d}",
            st.integers(0, 999999), st.integers(0, 2100), st.integers(0, 13), st.integers(0, 32), st.integers(0, 999),
        ),
    ),
    st.booleans(), st.sampled_from("0123456789XxA"),
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(st.one_of(IDS, st.text(max_size=20)), min_size=1, max_size=60))
@example(
    [
        "",
        "1" * 18,
        "９" * 18,
        "+1010119800101001X",
        "11010119800101 01X",
        "00000000000000000X",
        "9" * 17 + "X",
        "11010119000229001X",
    ]
)
def test_id_numbers_are_judged_as_by_stdnum(lake, values):
    sql = _digits.id_number(engine("duckdb"), "c", lambda text: f"({text})")
    right = [v.isascii() and v == v.upper() and is_id_number(v) for v in values]
    assert whole(lake, sql, values) == right


CODES = st.builds(
    lambda first, right, last: first + (stdnum_uscc.calc_check_digit(first) if right else last),
    st.builds(
        lambda head, area, rest: head + area + rest,
        st.sampled_from(["91", "92", "11", "N1", "A1", "00", "9I"]), st.text(DIGITS, min_size=6, max_size=6),
        st.text(_digits.USCC_SIGNS, min_size=9, max_size=9),
    ).filter(lambda v: "I" not in v),
    st.booleans(), st.sampled_from(_digits.USCC_SIGNS + "IOx"),
)  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(st.lists(st.one_of(CODES, st.text(max_size=20)), min_size=1, max_size=60))
@example(["", "9I000000MA00000000", "91990100MA000000１", "9" * 18])
def test_credit_codes_are_judged_as_by_stdnum(lake, values):
    right = [v.isascii() and is_uscc(v) for v in values]
    assert whole(lake, _digits.uscc(engine("duckdb"), "c"), values) == right


NUMBERS = st.one_of(st.text(DIGITS, min_size=1, max_size=_digits.LUHN_MAX + 1), st.text(max_size=5))


@settings(max_examples=12, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=40))
def test_luhn_is_judged_as_by_stdnum(lake, values):
    def right(v):
        return v.isascii() and v.isdigit() and 2 <= len(v) <= _digits.LUHN_MAX and luhn.is_valid(v)

    assert whole(lake, _digits.luhn(engine("duckdb"), "c"), values) == [right(v) for v in values]


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", r"(?=a)b", r"(?<n>a)", r"a\b", r"[[:alpha:]]", r"[a&&b]", r"a++", r"\p{Han}", "a" * 501]
)
def test_patterns_that_engines_read_differently_are_refused(pattern):
    assert _patterns.unsafe(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"[^\d<>{}\[\]\"'`=;]+", r"\d{6}|\d{9}|\d{12}", r"[A-Za-z0-9()\-]+", r"(?:0\d{2,3}-?)?[2-8]\d{6,7}", "[一-龥·]+"],
)
@settings(max_examples=10, deadline=None)
@given(st.lists(st.text("09aZ-()[]{}<>\"'`=;·一龥\n ", max_size=14), min_size=1, max_size=40))
def test_safe_patterns_read_the_same(lake, pattern, values):
    assert not _patterns.unsafe(pattern)
    sql = engine("duckdb").matches("c", _patterns.portable(pattern))
    assert whole(lake, sql, values) == [re.fullmatch(pattern, v, re.ASCII) is not None for v in values]


def test_dates_written_as_text(lake):
    rules = [Rule("d", "", Trait.VALIDITY, Valid("c", made.element(ElementType.DATE)))]
    values = ["2024-02-29", "2023-02-29", "2023-2-1", "2023/02/01", "20230201", "", None, "2023-02-01 "]
    lake.execute("CREATE OR REPLACE TABLE given (k INTEGER, c VARCHAR)")
    lake.executemany("INSERT INTO given VALUES (?, ?)", list(enumerate(values)))
    came = run(lake, scan_of(rules, Columns({"k": "integer", "c": "text"}), "given"), keys_max=9).tallies[0]
    assert (came.judged, came.keys) == (6, ("1", "2", "3", "4", "7"))
