"""Compiles trees to one Python function: values in, values out, None for unknown (SQL's three-valued logic).

Each distinct part becomes one assignment, so what a hundred rules share is worked out once. The text is made from our own
checked trees only: names and literals of an author enter as constants, never as text.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from yiwang.kernel.rules import _numbers
from yiwang.kernel.rules._dates import days_between, years_between
from yiwang.kernel.rules._tree import Node

Run: TypeAlias = Callable[[Sequence[Any]], tuple[Any, ...]]

_PLAIN = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "+": "+", "-": "-", "*": "*"}
_EXACT = {"+": "add", "-": "subtract", "*": "multiply"}
_CALLED = {
    "years_between": years_between, "days_between": days_between, "len": len,
    "add": _numbers.add, "subtract": _numbers.subtract, "multiply": _numbers.multiply, "divide": _numbers.divide,
}  # fmt: skip


def function(trees: Sequence[Node], names: Sequence[str]) -> Run:
    """A function from the values of the facts `names`, in that order, to the values of the trees."""
    writer = _Writer(names)
    answers = [writer.name(tree) for tree in trees]
    facts = ", ".join(f"f{index}" for index in range(len(names)))
    unpack = [f"[{facts}] = v"] if names else []
    body = [*unpack, *writer.lines, f"return ({''.join(f'{answer}, ' for answer in answers)})"]
    source = "def run(v):\n    " + "\n    ".join(body)
    scope: dict[str, Any] = {**_CALLED, **writer.constants}
    exec(compile(source, "<rule>", "exec"), scope)  # noqa: S102  # our own text, see above
    run: Run = scope["run"]
    return run


class _Writer:
    """Writes one assignment for each distinct part of the trees."""

    def __init__(self, facts: Sequence[str]) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._facts = {name: f"f{index}" for index, name in enumerate(facts)}
        self._names: dict[Node, str] = {}

    def name(self, node: Node) -> str:
        """The variable that holds the value of a part."""
        found = self._names.get(node)
        if found is None:
            found = self._names[node] = self._written(node)
        return found

    def _written(self, node: Node) -> str:
        if node.op == "fact":
            return self._facts[str(node.value)]
        if node.op == "literal":
            return self._constant(node.value)
        args = [self.name(arg) for arg in node.args]
        name = f"t{len(self.lines)}"
        self.lines.append(f"{name} = {_EXPRESSIONS.get(node.op, _strict)(self, node, args)}")
        return name

    def _constant(self, value: object) -> str:
        if value is None or isinstance(value, bool):
            return str(value)
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def guarded(self, node: Node, args: Sequence[str], text: str) -> str:
        """`text`, unless one of the arguments is unknown."""
        pairs = zip(node.args, args, strict=False)
        unknown = " or ".join(f"{name} is None" for arg, name in pairs if arg.may_be_unknown)
        return f"None if {unknown} else {text}" if unknown else text

    def settled(self, node: Node, args: Sequence[str], by: str, otherwise: str) -> str:
        text = f"{by} if " + " or ".join(f"{name} is {by}" for name in args) + " else "
        unknown = " or ".join(
            f"{name} is None" for arg, name in zip(node.args, args, strict=True) if arg.may_be_unknown
        )
        return text + (f"None if {unknown} else {otherwise}" if unknown else otherwise)


def _strict(writer: _Writer, node: Node, args: Sequence[str]) -> str:
    """An operation whose value is unknown when that of an argument is."""
    if node.op in _EXACT and node.type == "decimal":
        text = f"{_EXACT[node.op]}({args[0]}, {args[1]})"
    elif node.op in _PLAIN:
        text = f"{args[0]} {_PLAIN[node.op]} {args[1]}"
    else:
        text = f"{node.op}({', '.join(args)})"
    return writer.guarded(node, args, text)


def _in(writer: _Writer, node: Node, args: Sequence[str]) -> str:
    listed = writer._constant(frozenset(arg.value for arg in node.args[1:]))
    return writer.guarded(node, args[:1], f"{args[0]} in {listed}")


def _divide(writer: _Writer, node: Node, args: Sequence[str]) -> str:
    rounding = writer._constant(node.args[3].value)
    return writer.guarded(node, args[:2], f"divide({args[0]}, {args[1]}, {node.args[2].value}, {rounding})")


def _coalesce(writer: _Writer, node: Node, args: Sequence[str]) -> str:
    return " else ".join([*(f"{name} if {name} is not None" for name in args[:-1]), args[-1]])


def _case(writer: _Writer, node: Node, args: Sequence[str]) -> str:
    *pairs, otherwise = args
    tests = [f"{result} if {test} is True" for test, result in zip(pairs[0::2], pairs[1::2], strict=True)]
    return " else ".join([*tests, otherwise])


_EXPRESSIONS: dict[str, Callable[[_Writer, Node, Sequence[str]], str]] = {
    "and": lambda writer, node, args: writer.settled(node, args, "False", "True"),
    "or": lambda writer, node, args: writer.settled(node, args, "True", "False"),
    "not": lambda writer, node, args: writer.guarded(node, args, f"not {args[0]}"),
    "neg": lambda writer, node, args: writer.guarded(node, args, f"-{args[0]}"),
    "is-null": lambda writer, node, args: f"{args[0]} is None",
    "least": lambda writer, node, args: writer.guarded(node, args, f"min({', '.join(args)})"),
    "greatest": lambda writer, node, args: writer.guarded(node, args, f"max({', '.join(args)})"),
    "in": _in,
    "div": _divide,
    "coalesce": _coalesce,
    "case": _case,
}
