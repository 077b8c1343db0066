"""Reads an expression: sqlglot parses it, a whitelist admits it, the facts' types are checked. All else is refused."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.rules._numbers import ROUNDINGS
from yiwang.kernel.rules._tree import TYPES, Node

LENGTH_MAX = 2000
DEPTH_MAX = 40
NODES_MAX = 500

_NUMBERS = ("integer", "decimal")
_SPOKEN = {
    "bool": "是非",
    "integer": "整数",
    "decimal": "数",
    "date": "日期",
    "code": "代码",
    "text": "文字",
    "null": "空",
}
_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}
_FUNCTIONS = {"years_between": ("date", "date"), "days_between": ("date", "date")}
_OTHERS = ("coalesce", "len", "least", "greatest", "quotient", "rounded")
_PLACES_MAX = 6
_REFUSED: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Div: ("不能用除法", "请改写成乘法，如 a >= b * 2，或写明取舍：quotient(a, b, 2, 'half-up')。"),
    exp.IntDiv: ("不能用除法", "请改写成乘法，如 a >= b * 2，或写明取舍：quotient(a, b, 0, 'down')。"),
    exp.Mod: ("不能用取余", "请换一种写法。"),
    exp.Like: ("不能用模糊匹配", "请用 = 或 in 写明取值。"),
    exp.RegexpLike: ("不能用正则表达式", "请用 = 或 in 写明取值。"),
    exp.CurrentDate: ("不能用当前时间", "请声明事实 as_of，用它比较。"),
    exp.CurrentTimestamp: ("不能用当前时间", "请声明事实 as_of，用它比较。"),
    exp.Null: ("不能与 null 比较", "请写 is null 或 is not null。"),
    exp.Select: ("不能写查询", "请只写条件。"),
    exp.Subquery: ("不能写查询", "请只写条件。"),
}


class Refused(PackInvalid):
    """Becomes contracts.CannotCompile at the door."""


def parse(text: str, types: Mapping[str, str]) -> Node:
    """The tree of `text` over facts of these types. Raises Refused."""
    if len(text) > LENGTH_MAX:
        _refuse(f"有{len(text)}个字，超过{LENGTH_MAX}个", "请拆成几个条件。")
    try:
        parsed = sqlglot.parse_one(text, dialect="duckdb")
    except RecursionError:
        _refuse("嵌套太深", "请拆成几个条件。")
    except SqlglotError as error:
        _refuse(f"看不懂{_near(error)}", "请检查括号、引号和运算符；文字用单引号。")
    tree = _Reader(types).node(parsed, 0)
    if sum(1 for _ in tree.walk()) > NODES_MAX:
        _refuse(f"超过{NODES_MAX}项", "请拆成几个条件。")
    return tree


def _near(error: SqlglotError) -> str:
    spots = getattr(error, "errors", None) or [{}]
    return f"（第{spots[0]['col']}个字附近）" if spots[0].get("col") else ""


def _refuse(what: str, hint: str) -> NoReturn:
    raise Refused(f"条件{what}。", hint=hint)


class _Reader:
    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def node(self, parsed: exp.Expr, depth: int) -> Node:
        if depth > DEPTH_MAX:
            _refuse("嵌套太深", "请拆成几个条件。")
        kind = type(parsed)
        if kind in _COMPARISONS:
            return self._comparison(_COMPARISONS[kind], *self._both(parsed, depth))
        if kind in _ARITHMETIC:
            return self._arithmetic(_ARITHMETIC[kind], *self._both(parsed, depth))
        reader = _READERS.get(kind)
        if reader is None:
            _refuse(
                *_REFUSED.get(
                    kind, (f"用了不支持的写法（{kind.__name__}）", "可用的写法见 docs/how-to/write-a-pack.md。")
                )
            )
        return reader(self, parsed, depth + 1)

    def _nodes(self, parsed: Iterable[exp.Expr], depth: int) -> tuple[Node, ...]:
        return tuple(self.node(part, depth) for part in parsed)

    def _both(self, parsed: exp.Expr, depth: int) -> tuple[Node, Node]:
        _only(parsed, "this", "expression")
        return self.node(parsed.this, depth + 1), self.node(parsed.expression, depth + 1)

    # Leaves

    def column(self, parsed: exp.Expr, depth: int) -> Node:
        parts = parsed.parts if isinstance(parsed, exp.Column) else []
        if not all(isinstance(part, exp.Identifier) for part in parts):
            _refuse("用了不支持的写法（*）", "请写出事实的名称。")
        name = ".".join(part.name for part in parts)
        kind = self._types.get(name)
        if kind is None:
            near = get_close_matches(name, self._types, n=1)
            known = "、".join(sorted(self._types)[:20]) or "无"
            _refuse(f"里没有声明事实“{name}”", f"是不是想写“{near[0]}”？" if near else f"可用的有：{known}。")
        if kind not in TYPES:
            _refuse(f"里的事实“{name}”类型“{kind}”不对", f"类型可以是：{'、'.join(TYPES)}。")
        return Node("fact", kind, value=name)

    def literal(self, parsed: exp.Expr, depth: int) -> Node:
        text = str(parsed.this)
        if parsed.args.get("is_string"):
            return Node("literal", "text", value=text)
        if re.fullmatch(r"\d{1,18}", text):
            return Node("literal", "integer", value=int(text))
        if re.fullmatch(r"\d{1,18}\.\d{1,18}", text):
            return Node("literal", "decimal", value=Decimal(text))
        _refuse(f"里的数“{text[:40]}”写法不对", "请写成如 5 或 0.5，不用科学计数法。")

    def boolean(self, parsed: exp.Expr, depth: int) -> Node:
        return Node("literal", "bool", value=bool(parsed.this))

    def null(self, parsed: exp.Expr, depth: int) -> Node:
        return Node("literal", "null")

    def cast(self, parsed: exp.Expr, depth: int) -> Node:
        """Only DATE '2026-09-24', which reads as a cast of a text."""
        text, to = parsed.this, parsed.args.get("to")
        if (
            isinstance(text, exp.Literal)
            and text.is_string
            and isinstance(to, exp.DataType)
            and to.this == exp.DType.DATE
        ):
            return _as_date(Node("literal", "text", value=str(text.this)))
        _refuse("不能转换类型", "日期请写成 date '2026-09-24'。")

    def paren(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this")
        return self.node(parsed.this, depth)

    # Logic

    def logic(self, parsed: exp.Expr, depth: int) -> Node:
        op = "and" if isinstance(parsed, exp.And) else "or"
        args = self._nodes(parsed.flatten(unnest=False), depth)
        return Node(op, "bool", tuple(_bool(arg) for arg in args))

    def negation(self, parsed: exp.Expr, depth: int) -> Node:
        return Node("not", "bool", (_bool(self.node(parsed.this, depth)),))

    def between(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this", "low", "high")
        value, low, high = self._nodes((parsed.this, parsed.args["low"], parsed.args["high"]), depth)
        return Node("and", "bool", (self._comparison(">=", value, low), self._comparison("<=", value, high)))

    def membership(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this", "expressions")
        value, *listed = self._nodes((parsed.this, *parsed.expressions), depth)
        if not listed or any(item.op != "literal" or item.type == "null" for item in listed):
            _refuse(" in 的括号里只能列出取值", "请写成如 sex in ('1', '2')。")
        return Node("in", "bool", (value, *(_alike(value, item, "=")[1] for item in listed)))

    def null_test(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this", "expression")
        if not isinstance(parsed.expression, exp.Null):
            _refuse(" is 后只能写 null 或 not null", "是非值请直接写，如 married 或 not married。")
        return Node("is-null", "bool", (self.node(parsed.this, depth),))

    def case(self, parsed: exp.Expr, depth: int) -> Node:
        subject = parsed.args.get("this")
        args: list[Node] = []
        for branch in parsed.args["ifs"]:
            _only(branch, "this", "true")
            test = self.node(branch.this, depth)
            args += [self._comparison("=", self.node(subject, depth), test) if subject else _bool(test)]
            args += [self.node(branch.args["true"], depth)]
        otherwise = parsed.args.get("default")
        results = _one_family([*args[1::2], self.node(otherwise, depth) if otherwise else Node("literal", "null")])
        pairs = [part for pair in zip(args[0::2], results, strict=False) for part in pair]
        return Node("case", _family_type(results), (*pairs, results[-1]))

    # Values

    def negative(self, parsed: exp.Expr, depth: int) -> Node:
        value = self.node(parsed.this, depth)
        if value.type not in _NUMBERS:
            _refuse(f"不能给{_SPOKEN[value.type]}加负号", "请用数。")
        if value.op == "literal" and isinstance(value.value, int | Decimal):
            return Node("literal", value.type, value=-value.value)
        return Node("neg", value.type, (value,))

    def coalesce(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this", "expressions")
        args = _one_family(self._nodes((parsed.this, *parsed.expressions), depth))
        return Node("coalesce", _family_type(args), tuple(args))

    def length(self, parsed: exp.Expr, depth: int) -> Node:
        _only(parsed, "this")
        value = self.node(parsed.this, depth)
        if value.type not in ("text", "code"):
            _refuse(f"不能数{_SPOKEN[value.type]}的字数", "len 用于文字和代码。")
        return Node("len", "integer", (value,))

    def function(self, parsed: exp.Expr, depth: int) -> Node:
        name = str(parsed.this).lower()
        if name in ("quotient", "rounded"):
            return self._division(name, self._nodes(parsed.expressions, depth))
        takes = _FUNCTIONS.get(name)
        if name in ("now", "today", "current_timestamp", "get_current_timestamp"):
            _refuse(*_REFUSED[exp.CurrentDate])
        if takes is None:
            _refuse(f"里没有函数“{name}”", f"可用的有：{'、'.join([*_FUNCTIONS, *_OTHERS])}。")
        args = self._nodes(parsed.expressions, depth)
        if len(args) != len(takes):
            _refuse(f"里的 {name} 要{len(takes)}个参数，现在是{len(args)}个", f"请写成如 {name}(born_on, as_of)。")
        args = tuple(_as_date(arg) for arg in args)
        if any(arg.type != "date" for arg in args):
            _refuse(f"里的 {name} 只用于日期", f"请写成如 {name}(born_on, as_of)。")
        return Node(name, "integer", args)

    def _division(self, name: str, args: tuple[Node, ...]) -> Node:
        """quotient(a, b, places, rounding) and rounded(a, places, rounding): what is cut off is said, never implied."""
        example = {"quotient": "quotient(a, b, 2, 'half-up')", "rounded": "rounded(a, 2, 'half-up')"}[name]
        *numbers, places, rounding = args if len(args) > 2 else (*args, *[Node("literal", "null")] * 3)
        if len(args) != len(example.split(",")):
            _refuse(f"里的 {name} 参数个数不对", f"请写成如 {example}。")
        if any(number.type not in _NUMBERS for number in numbers):
            _refuse(f"里的 {name} 只用于数", f"请写成如 {example}。")
        if places.op != "literal" or places.type != "integer" or places.value not in range(_PLACES_MAX + 1):
            _refuse(f"里的 {name} 没有写明保留几位小数", f"请写 0 到 {_PLACES_MAX}，如 {example}。")
        if rounding.op != "literal" or rounding.value not in ROUNDINGS:
            _refuse(f"里的 {name} 没有写明怎样取舍", f"可以写：{'、'.join(ROUNDINGS)}，如 {example}。")
        divisor = numbers[1:] or [Node("literal", "integer", value=1)]
        return Node("div", "decimal" if places.value else "integer", (numbers[0], *divisor, places, rounding))

    def extreme(self, parsed: exp.Expr, depth: int) -> Node:
        """least and greatest of numbers or dates; unknown when one of them is."""
        args = _one_family(self._nodes((parsed.this, *parsed.expressions), depth))
        if len(args) < 2 or any(arg.type not in (*_NUMBERS, "date") for arg in args):
            _refuse("里的 least、greatest 用于两个以上的数或日期", "请写成如 least(amount, cap)。")
        return Node("least" if isinstance(parsed, exp.Least) else "greatest", _family_type(args), tuple(args))

    def _comparison(self, op: str, left: Node, right: Node) -> Node:
        left, right = _alike(left, right, op)
        if op not in ("=", "<>") and left.type not in (*_NUMBERS, "date"):
            _refuse(f"不能比较{_SPOKEN[left.type]}的大小", "请用 =、<> 或 in。")
        return Node(op, "bool", (left, right))

    def _arithmetic(self, op: str, left: Node, right: Node) -> Node:
        if left.type not in _NUMBERS or right.type not in _NUMBERS:
            hint = "日期相减请用 days_between(a, b)。" if "date" in (left.type, right.type) else "请用数。"
            _refuse(f"不能用“{op}”计算{_SPOKEN[left.type]}和{_SPOKEN[right.type]}", hint)
        kind = "integer" if left.type == right.type == "integer" else "decimal"
        return Node(op, kind, (left, right))


def _only(parsed: exp.Expr, *known: str) -> None:
    """Refuse what sqlglot read beyond what we mean (symmetric, escape, unnest …)."""
    extra = [name for name, value in parsed.args.items() if name not in known and value]
    if extra:
        _refuse(f"用了不支持的写法（{extra[0]}）", "可用的写法见 docs/how-to/write-a-pack.md。")


def _bool(node: Node) -> Node:
    if node.type != "bool":
        _refuse(f"里的{_SPOKEN[node.type]}不能当作是非", "and、or、not 两边要写比较，如 age >= 18。")
    return node


def _alike(left: Node, right: Node, op: str) -> tuple[Node, Node]:
    """Both sides in one family; a text literal beside a date is read as a date."""
    if left.type == "date":
        right = _as_date(right)
    elif right.type == "date":
        left = _as_date(left)
    if "null" in (left.type, right.type):
        _refuse(*_REFUSED[exp.Null])
    if _family(left) != _family(right):
        _refuse(
            f"拿{_SPOKEN[left.type]}与{_SPOKEN[right.type]}比较（{op}）", "两边要是同一类；文字和代码加单引号，数不加。"
        )
    return left, right


def _family(node: Node) -> str:
    return {"integer": "number", "decimal": "number", "code": "string", "text": "string"}.get(node.type, node.type)


def _as_date(node: Node) -> Node:
    if node.op != "literal" or node.type != "text":
        return node
    try:
        return Node("literal", "date", value=date.fromisoformat(str(node.value)))
    except ValueError:
        _refuse(f"里的“{str(node.value)[:40]}”不是日期", "请写成 '2026-09-24'。")


def _one_family(nodes: Iterable[Node]) -> list[Node]:
    """Results that may stand for one another."""
    listed = list(nodes)
    if any(node.type == "date" for node in listed):
        listed = [_as_date(node) for node in listed]
    families = {_family(node) for node in listed if node.type != "null"}
    if len(families) != 1:
        _refuse("的几个结果不是同一类", "case 和 coalesce 的结果要同是数、日期、文字或是非。")
    return listed


def _family_type(nodes: Iterable[Node]) -> str:
    kinds = {node.type for node in nodes} - {"null"}
    if len(kinds) == 1:
        return kinds.pop()
    return "decimal" if kinds <= set(_NUMBERS) else "text"


_READERS: dict[type[exp.Expr], Callable[[_Reader, Any, int], Node]] = {
    exp.Column: _Reader.column, exp.Literal: _Reader.literal, exp.Boolean: _Reader.boolean, exp.Null: _Reader.null,
    exp.Cast: _Reader.cast, exp.Paren: _Reader.paren, exp.And: _Reader.logic, exp.Or: _Reader.logic,
    exp.Not: _Reader.negation, exp.Between: _Reader.between, exp.In: _Reader.membership, exp.Is: _Reader.null_test,
    exp.Case: _Reader.case, exp.Neg: _Reader.negative, exp.Coalesce: _Reader.coalesce, exp.Length: _Reader.length,
    exp.Anonymous: _Reader.function, exp.Least: _Reader.extreme, exp.Greatest: _Reader.extreme,
}  # fmt: skip
