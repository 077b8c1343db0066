"""Where each output column of a query comes from, by sqlglot: direct edges to columns, indirect ones to the table as a whole."""

from collections.abc import Iterator, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.lineage import Node, lineage, to_node
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope, traverse_scope

from yiwang.data.transform.contracts import BadSql, Edge, Relation, Spot

_SETS = ("UNION", "EXCEPT", "INTERSECT")
Schema = Mapping[str, Mapping[str, str]]


def edges(query: exp.Query, inputs: Mapping[str, str], schema: Schema, *, table: str, via: str) -> tuple[Edge, ...]:
    """Edges of `table` made by `query`; `inputs` name its tables, `schema` their columns. Raises BadSql for unknown columns."""
    try:
        tree = qualify(query.copy(), dialect="duckdb", schema={name: dict(of) for name, of in schema.items()})
    except sqlglot.errors.SqlglotError as wrong:
        raise BadSql("SQL 里的列对不上输入。", hint=str(wrong).splitlines()[0][:120]) from wrong
    scope = build_scope(tree)
    if scope is None:
        raise BadSql("SQL 没有可以追溯的列。", hint="请写成 SELECT … FROM …。")
    found: dict[tuple[Spot, Spot], Relation] = {}
    for name in tree.named_selects:
        top = lineage(name, tree, schema={}, scope=scope, dialect="duckdb", copy=False)
        for source, relation in _leaves(top, inputs, Relation.IDENTITY):
            _keep(found, source, Spot(table, name), relation)
    for source, relation in _deciding(tree, inputs):
        _keep(found, source, Spot(table), relation)
    return tuple(Edge(source, to, relation, via) for (source, to), relation in found.items())


def _keep(found: dict[tuple[Spot, Spot], Relation], source: Spot, to: Spot, relation: Relation) -> None:
    """A column may come of another in several ways: the one furthest from a copy is said."""
    order = list(Relation)
    before = found.get((source, to), relation)
    found[source, to] = max(before, relation, key=order.index) if relation.is_direct else before


def _leaves(node: Node, inputs: Mapping[str, str], so_far: Relation) -> Iterator[tuple[Spot, Relation]]:
    if isinstance(node.expression, exp.Table):
        name = node.expression.name
        if name in inputs:
            yield Spot(inputs[name], node.name.rpartition(".")[2].strip('"')), so_far
        return
    order = list(Relation)
    # Of a union sqlglot gives the first branch's expression, which is not what the others do.
    here = so_far if node.name in _SETS else max(so_far, _relation(node.expression), key=order.index)
    for below in node.downstream:
        yield from _leaves(below, inputs, here)


def _relation(expression: exp.Expr) -> Relation:
    made = expression.unalias()
    if isinstance(made, exp.Column | exp.Query | exp.Star):
        return Relation.IDENTITY
    if made.find(exp.AggFunc) and not made.find(exp.Window):
        return Relation.AGGREGATION
    return Relation.TRANSFORMATION


def _deciding(tree: exp.Query, inputs: Mapping[str, str]) -> Iterator[tuple[Spot, Relation]]:
    """Columns that decide which rows there are: joined on, filtered by, grouped by."""
    for scope in traverse_scope(tree):
        for part, relation in _clauses(scope.expression):
            for column in part.find_all(exp.Column):
                for spot in _origins(column, scope, inputs):
                    yield spot, relation


def _clauses(select: exp.Expr) -> Iterator[tuple[exp.Expr, Relation]]:
    for join in select.args.get("joins") or ():
        if on := join.args.get("on"):
            yield on, Relation.JOIN
        for name in join.args.get("using") or ():
            yield name, Relation.JOIN
    for clause, relation in (("where", Relation.FILTER), ("having", Relation.FILTER), ("qualify", Relation.FILTER)):
        if part := select.args.get(clause):
            yield part, relation
    if group := select.args.get("group"):
        yield group, Relation.GROUP_BY


def _origins(column: exp.Column, scope: Scope, inputs: Mapping[str, str]) -> Iterator[Spot]:
    source = scope.sources.get(column.table)
    if isinstance(source, exp.Table):
        if source.name in inputs:
            yield Spot(inputs[source.name], column.name)
    elif isinstance(source, Scope) and isinstance(source.expression, exp.Query):
        if column.name not in source.expression.named_selects:
            return
        node = to_node(column.name, scope=source, dialect="duckdb", schema=sqlglot.MappingSchema())
        yield from (spot for spot, _ in _leaves(node, inputs, Relation.IDENTITY))
