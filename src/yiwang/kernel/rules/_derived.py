"""Derived facts: one SELECT over child records, worked out for one record's children in Python and for all in one query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.rules import _build, _numbers, _parse, _python
from yiwang.kernel.rules._query import children_query
from yiwang.kernel.rules._rule import AS_OF, BoundParameter, RuleFact
from yiwang.kernel.rules._tree import Node
from yiwang.kernel.rules._values import FactType, values_of
from yiwang.kernel.rules.contracts import CannotCompile
from yiwang.kernel.rules.kinds import DerivedFactPack

_AGGREGATES: dict[type[exp.Expr], str] = {exp.Count: "count", exp.Sum: "sum", exp.Min: "min", exp.Max: "max"}
_HINT = "请写成如 select count(*) from payments where is_paid，或 select sum(amount) from payments。"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One count, sum, least or greatest of the text, over the children that are kept."""

    name: str
    op: str
    value: Node | None
    type: FactType


@dataclass(frozen=True, eq=False)
class DerivedFact:
    """A derived fact as it stands on a day."""

    id: str
    title: Text
    on: date
    type: FactType
    relation: str
    facts: tuple[RuleFact, ...] = field(repr=False)
    parameters: tuple[BoundParameter, ...] = field(repr=False)
    keep: Node = field(repr=False)
    aggregates: tuple[Aggregate, ...] = field(repr=False)
    tree: Node = field(repr=False)
    unit: str = ""

    def value(self, children: Iterable[Mapping[str, object]]) -> Any:
        """What comes of one record's children; None (unknown) while whether a child counts, or its value, is unknown."""
        rows = [self._row(values_of({**child, AS_OF: self.on}, self._readers)) for child in children]
        worked_out = [_aggregated(one, [(row[0], row[1 + n]) for row in rows]) for n, one in enumerate(self.aggregates)]
        found = self._whole(worked_out)[0]
        return None if found is None else self.type.reader(found)

    def sql(self, dialect: str = "duckdb", *, table: str = "", key: str = "id") -> str:
        """One query over the child table: `key` and `value`, a row for each key that has children. `value([])` is that of the others."""
        return children_query(self, dialect, table=table or self.relation, key=key)

    @cached_property
    def _readers(self) -> list[tuple[str, Any]]:
        return [(fact.name, fact.type.reader) for fact in self.facts]

    @cached_property
    def _row(self) -> _python.Run:
        nothing = Node("literal", "bool", value=True)
        return _python.function(
            [self.keep, *(one.value or nothing for one in self.aggregates)], [f.name for f in self.facts]
        )

    @cached_property
    def _whole(self) -> _python.Run:
        return _python.function([self.tree], [one.name for one in self.aggregates])


def built(pack: Pack, on: date) -> DerivedFact:
    """The derived fact of a pack on a day. Raises CannotCompile, NoValueThen."""
    body = pack.as_type(DerivedFactPack)
    here = _build.scope_on(body.relation.columns, body.parameters, on)
    select = _select(body)
    where = select.args.get("where")
    keep = here.scope.condition(where.this.sql("duckdb")) if where else Node("literal", "bool", value=True)
    aggregates: list[Aggregate] = []
    outer = select.expressions[0].transform(lambda part: _taken(part, aggregates, here.scope))
    if not aggregates:
        _refuse("没有 count、sum、min 或 max")
    tree = _parsed(outer.sql("duckdb"), {one.name: one.type.type for one in aggregates})
    if tree.type != body.type and (tree.type, body.type) != ("integer", "decimal"):
        raise CannotCompile(f"算出来是 {tree.type}，不是 {body.type}。", hint="请核对 type。")
    return DerivedFact(
        id=pack.id, title=pack.title, on=on, type=FactType(body.type, body.places), relation=body.relation.name,
        facts=(*here.facts, _build.AS_OF_FACT), parameters=here.parameters, keep=keep, aggregates=tuple(aggregates),
        tree=tree, unit=body.unit,
    )  # fmt: skip


def _select(body: DerivedFactPack) -> exp.Select:
    """The text as a SELECT of one expression from the one relation. Raises CannotCompile."""
    try:
        parsed = sqlglot.parse_one(body.sql, dialect="duckdb")
    except (SqlglotError, RecursionError):
        _refuse("看不懂")
    if not isinstance(parsed, exp.Select):
        _refuse("不是查询")
    extra = [
        name
        for name, value in parsed.args.items()
        if value and name not in ("expressions", "from_", "from", "where", "kind")
    ]
    source = parsed.args.get("from_") or parsed.args.get("from")
    if extra or len(parsed.expressions) != 1 or source is None:
        _refuse("只能有一个结果、一个来源和一个 where")
    table = source.this
    if not isinstance(table, exp.Table) or table.sql("duckdb").strip('"') != body.relation.name:
        _refuse(f"只能取自“{body.relation.name}”")
    return parsed


def _taken(part: exp.Expr, aggregates: list[Aggregate], scope: "_build.Scope") -> exp.Expr:
    """An aggregate's place in the outer expression; its argument is compiled over the children's columns."""
    op = _AGGREGATES.get(type(part))
    if op is None:
        return part
    inner = part.this
    if [name for name, value in part.args.items() if value and name not in ("this", "big_int")] or isinstance(
        inner, exp.Distinct
    ):
        _refuse(f"里的 {op} 用了不支持的写法")
    value = None if isinstance(inner, exp.Star) else scope.value(inner.sql("duckdb"))
    if op == "count":
        if value is not None:
            _refuse("里的 count 只能写 count(*)")
        kind = FactType("integer")
    elif value is None or value.type not in (("integer", "decimal") if op == "sum" else ("integer", "decimal", "date")):
        _refuse(f"里的 {op} 只用于数{'' if op == 'sum' else '或日期'}")
    else:
        kind = FactType(value.type, 6 if value.type == "decimal" else 0)
    aggregates.append(Aggregate(f"aggregate_{len(aggregates)}", op, value, kind))
    return exp.column(aggregates[-1].name)


def _parsed(text: str, types: Mapping[str, str]) -> Node:
    try:
        return _parse.parse(text, types)
    except _parse.Refused as refused:
        raise CannotCompile(refused.message, hint=refused.hint) from None


def _aggregated(aggregate: Aggregate, rows: Sequence[tuple[bool | None, Any]]) -> Any:
    kept = [value for keep, value in rows if keep is not False]
    if any(keep is None for keep, _ in rows) or None in kept:
        return None
    if aggregate.op == "count":
        return len(kept)
    if aggregate.op == "sum":
        total: Any = 0
        for value in kept:
            total = _numbers.add(total, value) if aggregate.type.type == "decimal" else total + value
        return total
    return (min if aggregate.op == "min" else max)(kept) if kept else None


def _refuse(what: str) -> NoReturn:
    raise CannotCompile(f"派生事实的查询{what}。", hint=_HINT)
