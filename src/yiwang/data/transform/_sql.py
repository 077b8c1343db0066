"""The SQL that a transformation may be: one SELECT over its inputs, of known parts only.

What is not listed here is refused, so nothing of a newer DuckDB or sqlglot opens by itself: no file, no network, no setting, no
clock and no chance (the same inputs are the same output, which is what makes a run repeatable).
"""

from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp

from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotQuery
from yiwang.data.transform.contracts import BadSql

LENGTH_MAX = 20_000
_SHAPES = """
Select From Join Where Group Having Qualify Order Ordered With CTE Subquery Union Except Intersect Table TableAlias Column
Identifier Star Alias Paren Tuple Distinct Literal Null Boolean Var DataType DataTypeParam Cast TryCast Case If In Between Is Not
And Or Exists Interval EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Add Sub Mul Div IntDiv Mod Neg DPipe Like ILike Escape Bracket
Slice Array Struct PropertyEQ Lambda Unnest Explode Window WindowSpec Filter IgnoreNulls Values
"""
_FUNCTIONS = """
Coalesce Nullif Greatest Least Concat ConcatWs Contains StartsWith EndsWith Left Right Substring Trim Upper Lower Length Replace
SplitPart Split StrPosition RegexpExtract RegexpReplace RegexpLike RegexpFullMatch Reverse Pad Translate Abs Round Floor Ceil Sign
Pow Sqrt TimestampTrunc DateTrunc DateDiff DateAdd DateSub Year Quarter Month Day Extract TimeToStr StrToTime LastDay MD5 SHA2
Count CountIf Sum Avg Min Max ArgMax ArgMin Median PercentileCont StddevSamp GroupConcat ArrayAgg LogicalAnd LogicalOr RowNumber
Rank DenseRank Lag Lead FirstValue LastValue Ntile ArrayFilter ArraySize
"""
_NAMED = frozenset({"list_sort", "list_distinct", "nfc_normalize", "strip_accents", "regexp_full_match", "ends_with"})
_ALLOWED: tuple[type, ...] = tuple(getattr(exp, name) for name in f"{_SHAPES} {_FUNCTIONS}".split())


def parsed(sql: str, inputs: Iterable[str]) -> exp.Query:
    """The query, known to be harmless. Raises BadSql."""
    if len(sql) > LENGTH_MAX:
        raise BadSql("SQL 过长。", hint=f"最多{LENGTH_MAX}个字符，请拆成几个加工。")
    try:
        lakes.require_select(sql)
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except CannotQuery as wrong:
        raise BadSql(wrong.message, hint=wrong.hint) from wrong
    except (sqlglot.errors.SqlglotError, RecursionError) as wrong:
        raise BadSql("SQL 读不懂，或嵌套过深。", hint="请写成简单的 SELECT。") from wrong
    if not isinstance(tree, exp.Query):
        raise BadSql("只能写一条 SELECT。", hint="请去掉其他语句。")
    for said, hint in _faults(tree, frozenset(inputs)):
        raise BadSql(said, hint=hint)
    return tree


def _faults(tree: exp.Query, inputs: frozenset[str]) -> Iterator[tuple[str, str]]:
    parts = {cte.alias for cte in tree.find_all(exp.CTE)}
    if shadowing := sorted(parts & inputs):
        yield f"WITH 里的“{shadowing[0]}”与输入同名。", "请换一个名字。"
    for node in tree.walk():
        if type(node) not in _ALLOWED and not _is_named(node):
            yield (
                f"不能用“{_said(node)}”。",
                "只能对输入做查询、连接、汇总和取值计算；文件、网络、设置、当前时间和随机数都不行。",
            )
        if isinstance(node, exp.With) and node.recursive:
            yield "不能用 WITH RECURSIVE。", "请改写成不递归的查询。"
        if isinstance(node, exp.Table) and not (_is_plain(node) and node.name in inputs | parts):
            yield (
                f"“{node.sql(dialect='duckdb')[:60]}”不在输入里。",
                "请先在 inputs 里写明要读的表，SQL 里用那里的名字。",
            )
    read = {node.name for node in tree.find_all(exp.Table)}
    if unread := sorted(inputs - read):
        yield f"输入“{unread[0]}”没有用到。", "请从 inputs 里删去。"


def _is_named(node: exp.Expr) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.lower() in _NAMED


def _is_plain(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Identifier) and not table.db and not table.catalog


def _said(node: exp.Expr) -> str:
    return node.name if isinstance(node, exp.Anonymous) else node.key.upper()
