"""What DuckDB works out for many rules in one scan: each part of their conditions that is more than logic, once."""

from collections.abc import Collection, Iterator

from yiwang.kernel.rules._dialects import DUCKDB
from yiwang.kernel.rules._missing import blamed
from yiwang.kernel.rules._query import on_its_day, typed, written
from yiwang.kernel.rules._reading import readings
from yiwang.kernel.rules._rule import CompiledRule
from yiwang.kernel.rules._sql import Lowering
from yiwang.kernel.rules._tree import Node, facts_of

_OPENED = ("and", "or", "not")
_OPENED_IN_ANSWERS = (*_OPENED, "case", "is-null")


class Scan:
    """The columns of the scan: of every part true, false or null; with `reasons` also which facts it lacks, and the outputs.

    Raises CannotLower.
    """

    def __init__(self, rules: Collection[CompiledRule], *, reasons: bool) -> None:
        self.rules = [on_its_day(rule) for rule in rules]
        self._types = {fact.name: fact.type for rule in rules for fact in rule.facts}
        self._facts = {name: f"f{index}" for index, name in enumerate(self._types)}
        self._low = Lowering(DUCKDB, self._facts, self._types)
        self._columns: dict[str, str] = {}
        conditions = dict.fromkeys(tree for rule in self.rules for tree in rule.trees)
        parts = dict.fromkeys(part for tree in conditions for part in _parts(tree, _OPENED))
        answers = (part for rule in self.rules for part in _parts(rule.tree, _OPENED_IN_ANSWERS, known=conditions))
        outputs = dict.fromkeys(output.tree for rule in self.rules if reasons for output in rule.outputs)
        every = dict.fromkeys((*parts, *answers))
        self._low.expect([*every, *outputs])
        self.truths = {part: self._column(self._low.cell(part).sql) for part in every}
        self.blames = dict(self._blames(parts if reasons else ()))
        self.values = {tree: self._value(tree) for tree in outputs}

    def sql(self, *, table: str, key: str) -> str:
        """The query: the key, and the columns."""
        last = list(self._columns.items())
        stages = [[(sql, name) for name, sql in readings(DUCKDB, self._low.used, self._facts, self._types)]]
        stages += [list(named.items()) for named in self._low.levels]
        return written(DUCKDB, key, table, stages, last)

    def _blames(self, parts: Collection[Node]) -> Iterator[tuple[tuple[Node, str], str]]:
        for part in parts:
            for fact in facts_of(part):
                cell = blamed(self._low, part, fact)
                if cell:
                    # Which branch of a case is taken may be unknown, whether the fact lacks is not.
                    is_case = any(inner.op == "case" for inner in part.walk())
                    yield (part, fact), self._column(f"coalesce({cell.sql}, FALSE)" if is_case else cell.sql)

    def _value(self, tree: Node) -> tuple[str, int]:
        """The column of an output and how many of its digits stand behind the point: engines are slow at setting it."""
        if tree.type != "decimal":
            return self._column(typed(self._low, tree)), 0
        cell = self._low.named(self._low.cell(tree))
        return self._column(cell.sql), cell.scale

    def _column(self, sql: str) -> str:
        return self._columns.setdefault(sql, f"c{len(self._columns)}")


def _parts(node: Node, opened: Collection[str], known: Collection[Node] = ()) -> Iterator[Node]:
    """The parts of a truth that are left when the logic is taken away."""
    if node.op == "literal" or node in known:
        return
    if node.op in opened and all(arg.type == "bool" for arg in node.args):
        for arg in node.args:
            yield from _parts(arg, opened, known)
    else:
        yield node
