"""Decision tables: rows of cells over inputs, made into a rule whose conditions are the rows."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.rules import _build, _python
from yiwang.kernel.rules._decision import Condition, Mode
from yiwang.kernel.rules._rule import AS_OF, CompiledRule, Output, RuleFact
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import READ
from yiwang.kernel.rules.contracts import CannotCompile
from yiwang.kernel.rules.kinds import CellPart, DecisionTablePack, Hit

TRIED_MAX = 20_000
_OTHER = "∗"


def built(pack: Pack, on: date) -> CompiledRule:
    """The table of a pack on a day: met where a row applies, its outputs those of the row."""
    body = pack.as_type(DecisionTablePack)
    here = _build.scope_on(body.facts, body.parameters, on)
    rows = tuple(_row(row.when, here.facts) for row in body.rows)
    outputs = tuple(
        Output(name, part.title, _output(name, body, rows, here.scope), part.unit)
        for name, part in body.outputs.items()
    )
    used = facts_of(*(output.tree for output in outputs))
    return CompiledRule(
        id=pack.id, version=pack.version, hash=pack.hash, title=pack.title, on=on, mode=Mode.ANY,
        facts=(*here.facts, _build.AS_OF_FACT) if AS_OF in used else here.facts, parameters=here.parameters,
        conditions=tuple(Condition(code=row.code, sentence=row.title or Text(row.code), when="", basis=row.basis) for row in body.rows),
        trees=rows, outputs=outputs, legal_basis=body.legal_basis, answer_tree=_chosen(body, rows, [_TRUE] * len(rows), _TRUE if body.otherwise else _FALSE),
    )  # fmt: skip


def untried(pack: Pack, on: date) -> Iterator[str]:
    """What no row applies to, and what two rows do where only one may; each with an instance. Nothing when there is too much to try."""
    body = pack.as_type(DecisionTablePack)
    rule = built(pack, on)
    inputs = [fact for fact in rule.facts if any(fact.name in row.when for row in body.rows)]
    pieces = [_pieces(fact, [row.when[fact.name] for row in body.rows if fact.name in row.when]) for fact in inputs]
    count = 1
    for values in pieces:
        count *= len(values)
    if count > TRIED_MAX:
        return
    run = _python.function(rule.trees, [fact.name for fact in inputs])
    gaps = overlaps = 0
    for tried in product(*pieces):
        applying = [row.code for row, holds in zip(body.rows, run(tried), strict=True) if holds]
        shown = "、".join(f"{fact.name}={value}" for fact, value in zip(inputs, tried, strict=True))
        if not applying and not body.partial and body.otherwise is None:
            gaps += 1
            if gaps == 1:
                yield f"没有一行管得到 {shown}。"
        if len(applying) > 1 and body.hit is Hit.UNIQUE:
            overlaps += 1
            if overlaps == 1:
                yield f"{'、'.join(applying)} 都管得到 {shown}。"


_TRUE, _FALSE, _UNKNOWN = (Node("literal", "bool", value=value) for value in (True, False, None))


def _row(when: dict[str, CellPart], facts: Sequence[RuleFact]) -> Node:
    kinds = {fact.name: fact.type.type for fact in facts}
    tests = [test for name, cell in when.items() for test in _tests(name, kinds[name], cell)]
    return tests[0] if len(tests) == 1 else Node("and", "bool", tuple(tests)) if tests else _TRUE


def _tests(name: str, kind: str, cell: CellPart) -> Iterator[Node]:
    fact = Node("fact", kind, value=name)
    if cell.one_of:
        yield Node("in", "bool", (fact, *(_literal(name, kind, value) for value in cell.one_of)))
    for op, bound in ((">=", cell.min), ("<=", cell.max), (">", cell.above), ("<", cell.below)):
        if bound is not None:
            yield Node(op, "bool", (fact, _literal(name, kind, bound)))


def _literal(name: str, kind: str, value: object) -> Node:
    read = READ[kind](value)
    if read is None:
        raise CannotCompile(f"“{value}”不是 {name} 的取值（{kind}）。", hint="请核对这一格。")
    return Node("literal", kind, value=read)


def _output(name: str, body: DecisionTablePack, rows: Sequence[Node], scope: "_build.Scope") -> Node:
    part = body.outputs[name]
    values = [_value(name, part.type, row.then[name], scope) for row in body.rows]
    if body.hit is Hit.COLLECT:
        nothing = Node("literal", "integer", value=0)
        parts = [
            _case([(row, value), (Node("not", "bool", (row,)), nothing)], None)
            for row, value in zip(rows, values, strict=True)
        ]
        whole = parts[0]
        for part_ in parts[1:]:
            whole = Node("+", part.type, (whole, part_))
        return whole
    return _chosen(body, rows, values, _value(name, part.type, body.otherwise[name], scope) if body.otherwise else None)


def _value(name: str, kind: str, value: object, scope: "_build.Scope") -> Node:
    """A number may be an expression over facts and parameters; anything else stands as written."""
    if kind not in ("integer", "decimal"):
        return _literal(name, kind, value)
    tree = scope.value(str(value))
    if tree.type != kind and (tree.type, kind) != ("integer", "decimal"):
        raise CannotCompile(f"“{value}”算出来不是 {kind}。", hint="请核对这一格。")
    return tree


def _chosen(body: DecisionTablePack, rows: Sequence[Node], values: Sequence[Node], otherwise: Node | None) -> Node:
    """The value of the row that applies; unknown while a row before it (where only one may: while none applies) is unknown."""
    if body.hit is Hit.COLLECT:
        return rows[0] if len(rows) == 1 else Node("or", "bool", tuple(rows))
    unknown = [Node("is-null", "bool", (row,)) for row in rows]
    nothing = Node("literal", values[0].type, value=None)
    if body.hit is Hit.FIRST:
        pairs = [
            pair
            for row, lacks, value in zip(rows, unknown, values, strict=True)
            for pair in ((row, value), (lacks, nothing))
        ]
    else:
        pairs = [*zip(rows, values, strict=True), *((lacks, nothing) for lacks in unknown)]
    return _case(pairs, otherwise)


def _case(pairs: Sequence[tuple[Node, Node]], otherwise: Node | None) -> Node:
    kinds = {value.type for _, value in pairs}
    kind = kinds.pop() if len(kinds) == 1 else "decimal"
    last = otherwise or Node("literal", kind, value=None)
    return Node("case", kind, (*(part for pair in pairs for part in pair), last))


def _pieces(fact: RuleFact, cells: Sequence[CellPart]) -> list[Any]:
    """A value out of every piece of the input's range in which all cells are constant."""
    kind = fact.type.type
    named = [READ[kind](value) for cell in cells for value in cell.values]
    if kind == "bool":
        return [True, False]
    if kind in ("code", "text"):
        element = elements.find(fact.element) if fact.element else None
        codes = (
            [item.code for item in elements.code_list(element.code_list).items]
            if element and element.code_list
            else [_OTHER]
        )
        return list(dict.fromkeys([*named, *codes]))
    step = timedelta(1) if kind == "date" else Decimal(1).scaleb(-fact.type.places) if kind == "decimal" else 1
    return sorted({value for bound in named for value in (bound - step, bound, bound + step)})
