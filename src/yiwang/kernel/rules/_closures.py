"""Compiles a tree to nested Python functions: facts in, value out, None for unknown (SQL's three-valued logic)."""

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, TypeAlias

from yiwang.kernel.rules._dates import days_between, years_between
from yiwang.kernel.rules._tree import Node

Run: TypeAlias = Callable[[Mapping[str, object]], Any]

# Wide enough for every product that an expression of bounded length can form: nothing is ever rounded.
_EXACT = Context(prec=20_000, traps=[Inexact, InvalidOperation, Overflow])
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LEGAL_TIME = timezone(timedelta(hours=8))


def compiled(node: Node) -> Run:
    """The function of a tree."""
    return _COMPILERS[node.op](node)


def _literal(node: Node) -> Run:
    value = node.value
    return lambda facts: value


def _fact(node: Node) -> Run:
    name, read = str(node.value), _READ[node.type]

    def run(facts: Mapping[str, object]) -> Any:
        value = facts.get(name)
        return None if value is None or value == "" else read(value)

    return run


def _and(node: Node) -> Run:
    parts = [compiled(arg) for arg in node.args]

    def run(facts: Mapping[str, object]) -> bool | None:
        answer: bool | None = True
        for part in parts:
            value = part(facts)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    return run


def _or(node: Node) -> Run:
    parts = [compiled(arg) for arg in node.args]

    def run(facts: Mapping[str, object]) -> bool | None:
        answer: bool | None = False
        for part in parts:
            value = part(facts)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    return run


def _one(operate: Callable[[Any], Any]) -> Callable[[Node], Run]:
    def compiler(node: Node) -> Run:
        part = compiled(node.args[0])

        def run(facts: Mapping[str, object]) -> Any:
            value = part(facts)
            return None if value is None else operate(value)

        return run

    return compiler


def _two(operate: Callable[[Any, Any], Any]) -> Callable[[Node], Run]:
    def compiler(node: Node) -> Run:
        left, right = compiled(node.args[0]), compiled(node.args[1])

        def run(facts: Mapping[str, object]) -> Any:
            a = left(facts)
            if a is None:
                return None
            b = right(facts)
            return None if b is None else operate(a, b)

        return run

    return compiler


def _in(node: Node) -> Run:
    part = compiled(node.args[0])
    listed = frozenset(arg.value for arg in node.args[1:])

    def run(facts: Mapping[str, object]) -> bool | None:
        value = part(facts)
        return None if value is None else value in listed

    return run


def _is_null(node: Node) -> Run:
    part = compiled(node.args[0])
    return lambda facts: part(facts) is None


def _coalesce(node: Node) -> Run:
    parts = [compiled(arg) for arg in node.args]

    def run(facts: Mapping[str, object]) -> Any:
        for part in parts:
            value = part(facts)
            if value is not None:
                return value
        return None

    return run


def _case(node: Node) -> Run:
    *pairs, otherwise = [compiled(arg) for arg in node.args]
    branches = list(zip(pairs[0::2], pairs[1::2], strict=True))

    def run(facts: Mapping[str, object]) -> Any:
        for test, result in branches:
            if test(facts) is True:
                return result(facts)
        return otherwise(facts)

    return run


def _arithmetic(exact: Callable[[Any, Any], Decimal], plain: Callable[[int, int], int]) -> Callable[[Node], Run]:
    def operate(a: int | Decimal, b: int | Decimal) -> int | Decimal:
        if isinstance(a, int) and isinstance(b, int):
            return plain(a, b)
        return exact(Decimal(a), Decimal(b))

    return _two(operate)


_COMPILERS: dict[str, Callable[[Node], Run]] = {
    "literal": _literal, "fact": _fact, "and": _and, "or": _or, "not": _one(operator.not_), "in": _in,
    "is-null": _is_null, "coalesce": _coalesce, "case": _case, "len": _one(len), "neg": _one(operator.neg),
    "=": _two(operator.eq), "<>": _two(operator.ne), "<": _two(operator.lt), "<=": _two(operator.le),
    ">": _two(operator.gt), ">=": _two(operator.ge), "+": _arithmetic(_EXACT.add, operator.add),
    "-": _arithmetic(_EXACT.subtract, operator.sub), "*": _arithmetic(_EXACT.multiply, operator.mul),
    "years_between": _two(years_between), "days_between": _two(days_between),
}  # fmt: skip


# Facts come from records (typed values) and from forms (JSON). Text that is not yet a value of its type is unknown.


def _read_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(_text(value))


def _read_integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value).strip()
    return int(text) if _digits(text.removeprefix("-")) else None


def _read_decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    text = _text(value).strip()
    whole, dot, part = text.removeprefix("-").partition(".")
    return Decimal(text) if _digits(whole) and (_digits(part) if dot else True) else None


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 30


def _read_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(_LEGAL_TIME) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    found = _DATE.match(_text(value).strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _read_text(value: object) -> str | None:
    return _text(value) or None


def _text(value: object) -> str:
    """What a form may send for a value; nothing for what is no single value (a list, a file)."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # the browser knows one kind of number
    return str(value) if isinstance(value, str | int | float) else ""


_READ: dict[str, Callable[[object], Any]] = {
    "bool": _read_bool, "integer": _read_integer, "decimal": _read_decimal, "date": _read_date,
    "code": _read_text, "text": _read_text,
}  # fmt: skip
