"""What `packs check` asks of quality rules: they compile on every engine, and their worked examples run through the very scan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from yiwang.data.quality import _book, _patterns
from yiwang.data.quality._compile import Scan, compiled
from yiwang.data.quality.contracts import Agrees, Columns, Holds, Rule, Within
from yiwang.data.quality.kinds import VALUE, QualityPolicy, RulesPack
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SOME_DAY = date(2026, 1, 1)
DIALECTS = ("duckdb", "spark", "clickhouse")
_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "date": "DATE", "bool": "BOOLEAN"}


def rules_hold_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Elements are there, patterns are safe, every rule compiles for every engine."""
    with packs_queries.using(packs):
        return list(_unknown(pack)) or list(_compiles(pack))


def policy_holds_together(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The flows are there; there is one policy at a place."""
    body = pack.as_type(QualityPolicy)
    for name in ("flow", "objection_flow"):
        if packs.find("Flow", getattr(body, name)) is None:
            yield pack.problem(name, *packs.missing("Flow", getattr(body, name)))


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each row fails just the rules that its example says."""
    with packs_queries.using(packs):
        try:
            return list(_values_differ(pack)) + list(_rows_differ(pack))
        except YiwangError:
            return []  # said of the rules already
        except ValueError as wrong:
            return [pack.problem("examples", f"例子里的值放不进声明的列：{wrong}", "请核对例子和 columns。")]


def _unknown(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulesPack)
    named = [("element", body.element)] if body.element else []
    named += [(f"columns.{name}", part) for name, part in body.columns.items() if isinstance(part, str)]
    for where, wanted in named:
        element = elements.find(str(wanted))
        if element is None:
            yield pack.problem(tuple(where.split(".", 1)), f"没有数据元“{wanted}”。", "请核对编号，或写 {type: text}。")
        elif element.pattern and (why := _patterns.unsafe(element.pattern)):
            yield pack.problem(
                tuple(where.split(".", 1)), f"数据元“{wanted}”的格式不能用来检查：{why}。", "请改写数据元的 pattern。"
            )


def _compiles(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulesPack)
    for index, part in enumerate(body.rules):
        try:
            rule = _rule(pack, index)
            # An element's own definition is put to text too, as a source writes it; there more can go wrong.
            columns = _columns(body) if body.resource or isinstance(rule.ask, Holds) else Columns({VALUE: "text"})
            for dialect in DIALECTS:
                scan = _compiled([rule], columns, dialect)
                for _, why in scan.left_out:
                    yield pack.problem(
                        ("rules", index), f"规则“{part.code}”检查不了：{why}。", "请核对列名和 columns。"
                    )
                if scan.left_out:
                    break
        except YiwangError as error:
            yield pack.problem(("rules", index), error.message, error.hint)


def _rule(pack: Pack, index: int) -> Rule:
    body = pack.as_type(RulesPack)
    part = body.rules[index]
    return _book.of_element(pack, part, VALUE) if body.element else _book.of_resource(pack, part)


def _columns(body: RulesPack) -> Columns:
    if body.element:
        element = elements.get(body.element)
        return Columns({VALUE: "text" if element.rule_type == "code" else element.rule_type}, {VALUE: element.places})
    found = _book.types_of(body)
    return Columns(
        {name: kind for name, (kind, _) in found.items()}, {name: places for name, (_, places) in found.items()}
    )


def _compiled(rules: Sequence[Rule], columns: Columns, dialect: str = "duckdb") -> Scan:
    others = {rule.ask.other: f'"{_table(rule.ask.other)}"' for rule in rules if isinstance(rule.ask, Within | Agrees)}
    return compiled(
        rules, columns, relation="example_rows", key=["example_row"], on=SOME_DAY, others=others, dialect=dialect
    )


def _values_differ(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulesPack)
    if not body.element or not body.values:
        return
    # Values are as a source writes them; conditions read them only where the column is typed.
    rules = [_rule(pack, index) for index in range(len(body.rules))]
    columns = Columns({VALUE: "text"})
    if any(isinstance(rule.ask, Holds) for rule in rules):
        columns = _columns(body)
    came = _failing(rules, columns, [{VALUE: example.value} for example in body.values], {})
    for index, example in enumerate(body.values):
        yield from _difference(pack, ("values", index), example.fails, came[index])


def _rows_differ(pack: Pack) -> Iterator[Problem]:
    body = pack.as_type(RulesPack)
    rules = [_rule(pack, index) for index in range(len(body.rules))]
    for index, example in enumerate(body.examples):
        came = _failing(rules, _columns(body), example.given, example.others)
        for row, said in enumerate(example.then):
            yield from _difference(pack, ("examples", index, "then", row), said, came[row])


def _difference(
    pack: Pack, where: tuple[str | int, ...], said: Sequence[str], came: Sequence[str]
) -> Iterator[Problem]:
    if set(said) != {code.rpartition(".")[2] for code in came}:
        shown = "、".join(code.rpartition(".")[2] for code in came) or "无"
        yield pack.problem(where, f"检查出来不符合的是：{shown}。", "请核对例子或规则。")


def _failing(
    rules: Sequence[Rule],
    columns: Columns,
    rows: Sequence[Mapping[str, Any]],
    others: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[list[str]]:
    """The codes that each row fails."""
    import duckdb

    try:
        return _run(rules, columns, rows, others)
    except duckdb.ConversionException as misfit:
        raise ValueError(str(misfit).splitlines()[0][:120]) from None


def _run(
    rules: Sequence[Rule],
    columns: Columns,
    rows: Sequence[Mapping[str, Any]],
    others: Mapping[str, Sequence[Mapping[str, Any]]],
) -> list[list[str]]:
    connection = _connection()
    _create(
        connection,
        "example_rows",
        {**columns.types, "example_row": "integer"},
        columns.places,
        [{**row, "example_row": n} for n, row in enumerate(rows)],
    )
    for rule in rules:
        if isinstance(rule.ask, Within | Agrees):
            lines = others.get(rule.ask.other, ())
            names = {rule.ask.item, *(name for line in lines for name in line)}
            names |= {theirs for _, theirs in rule.ask.on} if isinstance(rule.ask, Agrees) else set()
            kinds = dict.fromkeys(sorted(names), "text")
            _create(connection, _table(rule.ask.other), kinds, {}, lines)
    scan = _compiled(rules, columns)
    found = connection.execute(f"SELECT {scan.masks} FROM ({scan.sql}) AS scanned ORDER BY rk").fetchall()
    return [[scan.rules[place].code for place in scan.failing(masks)] for masks in found]


def _table(resource: str) -> str:
    return "example_" + "".join(sign if sign.isalnum() else "_" for sign in resource)


def _create(
    connection: "DuckDBPyConnection",
    name: str,
    kinds: Mapping[str, str],
    places: Mapping[str, int],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    types = {
        column: f"DECIMAL(38, {places.get(column, 2)})" if kind == "decimal" else _TYPES[kind]
        for column, kind in kinds.items()
    }
    quoted = {column: '"' + column.replace('"', '""') + '"' for column in types}
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} ({', '.join(f'{quoted[c]} {kind}' for c, kind in types.items())})"
    )
    for row in rows:
        values = [_plain(row.get(column)) for column in types]
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(types))})", values)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | date) else str(value)


@cache
def _connection() -> "DuckDBPyConnection":
    """One for all examples of a process: only what a pack's author wrote goes in."""
    import duckdb

    return duckdb.connect(":memory:", config={"threads": 1, "enable_external_access": "false"})
