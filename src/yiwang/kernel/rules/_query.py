"""One vectorised query for a rule or a derived fact: read the columns, work out each distinct part once, answer."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.rules._dialects import DIALECTS, Dialect
from yiwang.kernel.rules._missing import WORD, missing_masks
from yiwang.kernel.rules._reading import readings
from yiwang.kernel.rules._sql import CannotLower, Cell, Lowering
from yiwang.kernel.rules._tree import Node, facts_of
from yiwang.kernel.rules._values import DIGITS, FactType

if TYPE_CHECKING:
    from yiwang.kernel.rules._derived import DerivedFact
    from yiwang.kernel.rules._rule import CompiledRule, RuleFact

Column = tuple[str, str]
_NAMES = re.compile(r"\b(?:f[0-9]+(?:_day)?|t[0-9]+_[0-9]+)\b")


class NoSuchDialect(NotFound):
    code = "rules.no-such-dialect"


def rule_query(rule: "CompiledRule", dialect: str, *, table: str, key: str) -> str:
    """The query of one rule: the key, answer, failed, missing and the outputs by name. Raises CannotLower."""
    return _Query(rule, dialect_of(dialect)).text(table, key)


def dialect_of(name: str) -> Dialect:
    """The dialect of this name. Raises NoSuchDialect."""
    found = DIALECTS.get(name)
    if found is None:
        raise NoSuchDialect(f"不会写“{name}”的查询。", hint=f"可以是：{'、'.join(DIALECTS)}。")
    return found


def column_types(facts: "Sequence[RuleFact]", dialect: str) -> dict[str, str]:
    """The type that a column for each fact has, but for the day the rule stands on."""
    types = dialect_of(dialect).column_types
    text = types["text"]
    return {
        fact.name: types.get(fact.type.type, text).format(fact.type.places) for fact in facts if fact.name != "as_of"
    }


class _Query:
    def __init__(self, rule: "CompiledRule", dialect: Dialect) -> None:
        self._dialect = dialect
        self._rule = on_its_day(rule)
        self._types = {fact.name: fact.type for fact in rule.facts}
        self._columns = {name: f"f{index}" for index, name in enumerate(self._types)}
        self._places = {name: index for index, name in enumerate(self._types)}
        self._words = max(1, (len(self._places) + WORD - 1) // WORD)
        self._low = Lowering(dialect, self._columns, self._types)
        outputs = [output.tree for output in self._rule.outputs]
        self._low.expect([*dict.fromkeys((*self._rule.trees, self._rule.tree)), *outputs])

    def text(self, table: str, key: str) -> str:
        last = [(sql, self._dialect.name_of(name)) for name, sql in self._results()]
        stages = [[(sql, name) for name, sql in readings(self._dialect, self._low.used, self._columns, self._types)]]
        stages += [list(named.items()) for named in self._low.levels]
        return written(self._dialect, key, table, stages, last)

    def _results(self) -> Iterator[Column]:
        rule = self._rule
        conditions = [self._low.named(self._low.cell(tree)) for tree in rule.trees]
        answer = self._low.named(self._low.cell(rule.tree)).sql
        yield "answer", answer
        yield "failed", self._failed(conditions)
        nothing = self._low.bit(None, len(self._places))
        for column, mask in self._missing().items():
            yield f"missing{column}", f"CASE WHEN {answer} IS NULL THEN {mask} ELSE {nothing} END"
        for output in rule.outputs:
            yield output.name, f"CASE WHEN {answer} THEN {typed(self._low, output.tree)} END"

    def _failed(self, conditions: Sequence[Cell]) -> str:
        bit = partial(self._low.bit, of=len(conditions))
        return " + ".join(
            self._low.named(
                Cell(f"CASE WHEN NOT {cell.sql} THEN {bit(place)} ELSE {bit(None)} END", level=cell.level)
            ).sql
            for place, cell in enumerate(conditions)
        )

    def _missing(self) -> dict[str, str]:
        """The bits of the missing facts: `missing`, and for facts beyond the sixtieth `missing_1` and so on."""
        words: dict[int, str] = {}
        for tree in self._rule.trees:
            for word, mask in missing_masks(self._low, tree, self._places).items():
                words[word] = self._dialect.either(words[word], mask.sql) if word in words else mask.sql
        return {
            f"_{word}" if word else "": words.get(word, self._low.bit(None, len(self._places)))
            for word in range(self._words)
        }


def _carried(stages: Sequence[Sequence[tuple[str, str]]], last: Sequence[tuple[str, str]]) -> list[list[str]]:
    """For each stage the names of earlier ones that later ones still need."""
    carried: list[list[str]] = []
    wanted = {name for sql, _ in last for name in _NAMES.findall(sql)}
    for number in range(len(stages) - 1, -1, -1):
        earlier = {name for stage in stages[:number] for _, name in stage}
        wanted -= {name for _, name in stages[number]}
        carried.insert(0, sorted(wanted & earlier))  # an author's text may look like a name
        wanted |= {name for sql, _ in stages[number] for name in _NAMES.findall(sql)}
    return carried


def children_query(derived: "DerivedFact", dialect: str, *, table: str, key: str) -> str:
    """The query of a derived fact: `key` and `value` for each key with children. Raises CannotLower."""
    words = dialect_of(dialect)
    types = {fact.name: fact.type for fact in derived.facts}
    low = Lowering(words, {name: f"f{index}" for index, name in enumerate(types)}, types)
    day = {"as_of": Node("literal", "date", value=derived.on)}
    keep = low.named(low.cell(derived.keep.with_values(day)))
    values = [low.named(low.cell(one.value.with_values(day))) if one.value else None for one in derived.aggregates]
    grouped = [
        (_aggregate(low, one.op, keep, value), f"f{n}")
        for n, (one, value) in enumerate(zip(derived.aggregates, values, strict=True))
    ]
    columns = {name: f"f{index}" for index, name in enumerate(types)}
    stages = [[(sql, name) for name, sql in readings(words, low.used, columns, types)]]
    stages += [list(named.items()) for named in low.levels]

    outer = Lowering(
        words,
        {one.name: f"f{n}" for n, one in enumerate(derived.aggregates)},
        {one.name: one.type for one in derived.aggregates},
    )
    outer.bind({one.name: value for one, value in zip(derived.aggregates, values, strict=True) if value})
    whole = outer.named(outer.cell(derived.tree))
    texts = _staged(words, key, table, stages, grouped)
    count = len(stages)
    texts.append(f"SELECT rk{_listed([], grouped)} FROM s{count - 1} GROUP BY rk")
    for named in outer.levels:
        count += 1
        texts.append(f"SELECT *{_listed([], list(named.items()))} FROM s{count - 1}")
    name = words.name_of(key)
    last = f"SELECT rk AS {name}, {_within(low, whole, derived.type)} AS {words.name_of('value')} FROM s{count}"
    return "WITH " + ",\n".join(f"s{number} AS ({text})" for number, text in enumerate(texts)) + "\n" + last


def _aggregate(low: Lowering, op: str, keep: Cell, value: Cell | None) -> str:
    """One aggregate, unknown where whether a child counts, or its value, is unknown."""
    lacking = f"{keep.sql} IS NULL" + (f" OR ({keep.sql} AND {value.sql} IS NULL)" if value else "")
    if op == "count":
        found = f"coalesce(sum(CASE WHEN {keep.sql} THEN 1 ELSE 0 END), 0)"
        found = f"CAST({found} AS {low.dialect.integer})"
    else:
        assert value is not None
        wide = f"CAST({value.sql} AS {low.dialect.wide})" if op == "sum" else value.sql
        found = f"{op}(CASE WHEN {keep.sql} THEN {wide} END)"
        found = f"coalesce({found}, CAST(0 AS {low.dialect.wide}))" if op == "sum" else found
    return f"CASE WHEN max(CASE WHEN {lacking} THEN 1 ELSE 0 END) = 0 THEN {found} END"


def _within(low: Lowering, cell: Cell, kind: FactType) -> str:
    """The value in its own type, nothing where it has more than 18 digits or more places than it may."""
    if kind.type not in ("integer", "decimal"):
        return _typed(low, kind.type, cell)
    if cell.scale > kind.places:
        raise CannotLower(
            f"算出来可能有{cell.scale}位小数，声明的是{kind.places}位。",
            hint="请写较多的 places，或用 rounded 写明取舍。",
        )
    shift = 10 ** (kind.places - cell.scale)
    most = (10**DIGITS - 1) // shift
    inside = f"{cell.sql} BETWEEN -{most} AND {most}"
    scaled = Cell(f"(CAST({cell.sql} AS {low.dialect.wide}) * {low.whole(shift)})", 10**DIGITS - 1, kind.places)
    return f"CASE WHEN {inside} THEN {_typed(low, kind.type, scaled)} END"


def written(
    words: Dialect, key: str, table: str, stages: Sequence[Sequence[tuple[str, str]]], last: Sequence[tuple[str, str]]
) -> str:
    """The query that reads a table, works out stage by stage and ends with the last columns."""
    texts = _staged(words, key, table, stages, last)
    whole = ",\n".join(f"s{number} AS ({text})" for number, text in enumerate(texts))
    return f"WITH {whole}\nSELECT rk AS {words.name_of(key)}{_listed([], last)} FROM s{len(stages) - 1}"


def _staged(
    words: Dialect, key: str, table: str, stages: Sequence[Sequence[tuple[str, str]]], last: Sequence[tuple[str, str]]
) -> list[str]:
    """The SELECT of each stage but the last, each carrying what later ones need."""
    carried = _carried(stages, last)
    texts = [f"SELECT {words.name_of(key)} AS rk{_listed(carried[0], stages[0])} FROM {_table(words, table)}"]
    for number, stage in enumerate(stages[1:], 1):
        texts.append(f"SELECT rk{_listed(carried[number], stage)} FROM s{number - 1}")
    return texts


def on_its_day(rule: "CompiledRule") -> "CompiledRule":
    """The rule with its day as a literal."""
    day = {"as_of": Node("literal", "date", value=rule.on)}
    if "as_of" not in facts_of(*rule.all_trees):
        return rule
    return replace(
        rule,
        trees=tuple(tree.with_values(day) for tree in rule.trees),
        outputs=tuple(replace(output, tree=output.tree.with_values(day)) for output in rule.outputs),
        answer_tree=rule.answer_tree.with_values(day) if rule.answer_tree else None,
    )


def typed(low: Lowering, tree: Node) -> str:
    """A value as its own type."""
    return _typed(low, tree.type, low.named(low.cell(tree)))


def _typed(low: Lowering, kind: str, cell: Cell) -> str:
    if kind == "decimal":
        return low.dialect.decimal_of(cell.sql, cell.scale) if cell.scale else cell.sql
    if kind != "date":
        return cell.sql
    month = low.dialect.quotient(cell.sql, "100")
    return low.dialect.date_of(low.dialect.quotient(cell.sql, "10000"), f"({month} % 100)", f"({cell.sql} % 100)")


def _listed(carried: Sequence[str], columns: Sequence[tuple[str, str]]) -> str:
    made = [sql if sql == name else f"{sql} AS {name}" for sql, name in columns]
    return "".join(f", {column}" for column in (*carried, *made))


def _table(dialect: Dialect, table: str) -> str:
    return ".".join(dialect.name_of(part) for part in table.split("."))
