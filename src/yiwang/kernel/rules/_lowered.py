"""Conditions lowered to columns of somebody else's query (data.quality puts them into the bits of a mask)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from yiwang.kernel.rules import _parse
from yiwang.kernel.rules._query import dialect_of
from yiwang.kernel.rules._reading import readings
from yiwang.kernel.rules._sql import Lowering
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import FactType

Columns = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Lowered:
    """What a query has to work out, stage by stage (name, SQL over the stage before); `answers` are true, false or null."""

    stages: tuple[Columns, ...]
    answers: Mapping[str, str]
    facts: Mapping[str, frozenset[str]]
    may_be_unknown: frozenset[str]


def lowered(texts: Mapping[str, str], types: Mapping[str, FactType], on: date, dialect: str) -> Lowered:
    """Conditions by code, over columns named as their facts. Raises _parse.Refused, CannotLower, NoSuchDialect."""
    words = dialect_of(dialect)
    kinds = {name: kind.type for name, kind in types.items()} | {"as_of": "date"}
    day = {"as_of": Node("literal", "date", value=on)}
    trees = {code: _condition(text, kinds).with_values(day) for code, text in texts.items()}
    columns = {name: f"f{index}" for index, name in enumerate(types)}
    low = Lowering(words, columns, types)
    low.expect(list(trees.values()))
    answers = {code: low.cell(tree).sql for code, tree in trees.items()}
    stages = (tuple((name, sql) for name, sql in readings(words, low.used, columns, types)),)
    return Lowered(
        (*stages, *(tuple((name, sql) for sql, name in named.items()) for named in low.levels)),
        answers,
        {code: facts_of(tree) for code, tree in trees.items()},
        frozenset(code for code, tree in trees.items() if tree.may_be_unknown),
    )


def _condition(text: str, kinds: Mapping[str, str]) -> Node:
    tree = _parse.parse(text, kinds)
    if tree.type != "bool":
        raise _parse.Refused("条件算不出是非。", hint="请写成比较，如 age >= 18。")
    return tree
