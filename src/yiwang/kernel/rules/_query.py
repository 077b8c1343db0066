"""One vectorised query for one rule or many: read the columns, work out each distinct condition once, answer every rule."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.rules._decision import Mode
from yiwang.kernel.rules._dialects import DIALECTS, Dialect
from yiwang.kernel.rules._missing import missing_mask
from yiwang.kernel.rules._reading import readings
from yiwang.kernel.rules._sql import Cell, Lowering
from yiwang.kernel.rules._tree import Node, facts_of

if TYPE_CHECKING:
    from yiwang.kernel.rules._rule import CompiledRule, RuleFact

Column = tuple[str, str]


class NoSuchDialect(NotFound):
    code = "rules.no-such-dialect"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which columns a query gives for each rule beside its answer."""

    reasons: bool = True
    outputs: bool = True


def rule_query(rule: "CompiledRule", dialect: str, *, table: str, key: str) -> str:
    """The query of one rule; its columns are the key, answer, failed, missing and the outputs by name."""
    names = {"answer_0": "answer", "failed_0": "failed", "missing_0": "missing"}
    names |= {f"output_0_{index}": output.name for index, output in enumerate(rule.outputs)}
    return query([rule], dialect_of(dialect), table=table, key=key, names=names)


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


def query(
    rules: "Sequence[CompiledRule]",
    dialect: Dialect,
    *,
    table: str,
    key: str,
    wanted: Wanted = Wanted(),
    names: Mapping[str, str] | None = None,
) -> str:
    """The query of many rules: answer_n, failed_n, missing_n, output_n_m for rule n. Raises CannotLower."""
    return _Query(rules, dialect, wanted).text(table, key, names or {})


class _Query:
    def __init__(self, rules: "Sequence[CompiledRule]", dialect: Dialect, wanted: Wanted) -> None:
        self._dialect = dialect
        self._wanted = wanted
        self._rules = [_on_its_day(rule) for rule in rules]
        self._types = {fact.name: fact.type for rule in rules for fact in rule.facts}
        self._columns = {name: f"f{index}" for index, name in enumerate(self._types)}
        conditions = dict.fromkeys(tree for rule in self._rules for tree in rule.trees)
        self._conditions = {tree: f"c{index}" for index, tree in enumerate(conditions)}

    def text(self, table: str, key: str, names: Mapping[str, str]) -> str:
        first = Lowering(self._dialect, self._columns, self._types)
        held = [(first.condition(tree), name) for tree, name in self._conditions.items()]
        last = Lowering(self._dialect, self._columns, self._types)
        for tree, name in self._conditions.items():
            last.share(tree, Cell(name))
        results = [column for number, rule in enumerate(self._rules) for column in self._of_rule(last, number, rule)]

        used = {name: first.used.get(name, set()) | last.used.get(name, set()) for name in first.used | last.used}
        read = list(readings(self._dialect, used, self._columns, self._types))
        carried = [self._columns[fact] + form for fact, forms in last.used.items() for form in sorted(forms)]
        quoted = [(sql, self._dialect.name_of(names.get(name, name))) for name, sql in results]
        return "\n".join([
            f"WITH read AS (SELECT {_listed([(self._dialect.name_of(key), 'rk'), *((sql, name) for name, sql in read)])} FROM {_table(self._dialect, table)}),",
            f"held AS (SELECT {_listed([('rk', 'rk'), *((name, name) for name in carried), *held])} FROM read)",
            f"SELECT {_listed([('rk', self._dialect.name_of(key)), *quoted])} FROM held",
        ])  # fmt: skip

    def _of_rule(self, low: Lowering, number: int, rule: "CompiledRule") -> Iterator[Column]:
        conditions = [self._conditions[tree] for tree in rule.trees]
        answer = "(" + (" AND " if rule.mode is Mode.ALL else " OR ").join(conditions) + ")"
        yield f"answer_{number}", answer
        if self._wanted.reasons:
            yield f"failed_{number}", " + ".join(_bit(f"NOT {name}", n) for n, name in enumerate(conditions))
            yield f"missing_{number}", missing_mask(low, rule.trees, rule.fact_names, answer)
        if self._wanted.outputs:
            for index, output in enumerate(rule.outputs):
                value = _value(low, output.tree)
                yield f"output_{number}_{index}", f"CASE WHEN {answer} THEN {value} END"


def _on_its_day(rule: "CompiledRule") -> "CompiledRule":
    """The rule with its day as a literal."""
    day = {"as_of": Node("literal", "date", value=rule.on)}
    if "as_of" not in facts_of(*rule.all_trees):
        return rule
    return replace(
        rule,
        trees=tuple(tree.with_values(day) for tree in rule.trees),
        outputs=tuple(replace(output, tree=output.tree.with_values(day)) for output in rule.outputs),
    )


def _value(low: Lowering, tree: Node) -> str:
    """An output as its own type."""
    cell = low.cell(tree)
    if tree.type == "decimal":
        return low.dialect.decimal_of(cell.sql, cell.scale) if cell.scale else cell.sql
    if tree.type != "date":
        return cell.sql
    month = low.dialect.quotient(cell.sql, "100")
    return low.dialect.date_of(low.dialect.quotient(cell.sql, "10000"), f"({month} % 100)", f"({cell.sql} % 100)")


def _bit(test: str, place: int) -> str:
    return f"CASE WHEN {test} THEN {1 << place} ELSE 0 END"


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(sql if sql == name else f"{sql} AS {name}" for sql, name in columns)


def _table(dialect: Dialect, table: str) -> str:
    return ".".join(dialect.name_of(part) for part in table.split("."))
