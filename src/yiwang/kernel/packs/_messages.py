"""Turns a schema's complaints into what is wrong and what to do, in the pack author's words."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from yiwang.kernel.packs.contracts import PackFault

_SHAPES = {
    "string": ("应是文字", "像数字的内容请加引号。"),
    "int": ("应是整数", "请写成如 5。"),
    "decimal": ("应是数字", "请写成如 5 或 0.5。"),
    "bool": ("应是 true 或 false", "请改写。"),
    "date": ("应是日期", "请写成如 2026-09-24。"),
    "time": ("应是时刻", '请写成如 "09:00"。'),
    "list": ("应是一串条目", "请写成 [甲, 乙]，或每行一个“- ”。"),
    "tuple": ("应是一串条目", "请写成 [甲, 乙]，或每行一个“- ”。"),
    "set": ("应是一串条目", "请写成 [甲, 乙]，或每行一个“- ”。"),
    "frozen": ("应是一串条目", "请写成 [甲, 乙]，或每行一个“- ”。"),
    "dict": ("应是一组“名称: 值”", "请缩进写在下面。"),
    "mapping": ("应是一组“名称: 值”", "请缩进写在下面。"),
    "model": ("应是一组“名称: 值”", "请缩进写在下面。"),
    "text": ("应是文字", "请写成 标题 或 {zh: 标题, en: Title}；像数字的内容请加引号。"),
}


def explain(error: ErrorDetails, schema: type[BaseModel]) -> tuple[str, str]:
    """What is wrong, and what to do."""
    kind, context = error["type"], error.get("ctx") or {}
    last = str(error["loc"][-1]) if error["loc"] else ""
    fault = context.get("error")
    if isinstance(fault, PackFault):
        return _sentence(fault.what), fault.remedy and _sentence(fault.remedy)
    if kind == "missing":
        return f"缺少“{last}”。", f"请补上 {last}。"
    if kind == "extra_forbidden":
        return _unknown_key(last, _fields_at(schema, error["loc"][:-1]))
    if kind in ("literal_error", "enum"):
        return f"{_shown(error['input'])}不在可选范围内。", _choices(str(context["expected"]))
    if kind.startswith("string_pattern"):
        return f"{_shown(error['input'])}的写法不对。", _pattern_remedy(str(context.get("pattern", "")))
    return _by_shape(kind, error, context)


def _choices(expected: str) -> str:
    """pydantic's `'a', 'b' or 'c'`."""
    words = re.findall(r"'([^']*)'", expected) or [expected]
    return f"只能是：{'、'.join(words)}。"


def _by_shape(kind: str, error: ErrorDetails, context: dict[str, Any]) -> tuple[str, str]:
    limits = _limit(context)
    if limits:
        return f"{_shown(error['input'])}超出范围。", f"{limits}。"
    if error["input"] is None:
        return "没有写值。", "请写上值，或删去这一行。"
    what, remedy = _SHAPES.get(kind.partition("_")[0], ("写法不对", f"请改写（{error['msg']}）。"))
    return f"{what}，现在是{_shown(error['input'])}。", remedy


def _unknown_key(name: str, allowed: Iterable[str]) -> tuple[str, str]:
    known = sorted(allowed)
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    if near:
        return f"不认识“{name}”。", f"是不是想写“{near[0]}”？"
    return f"不认识“{name}”。", f"请删去；这里可以写：{'、'.join(known)}。" if known else "请删去。"


def _fields_at(schema: type[BaseModel], where: Iterable[str | int]) -> set[str]:
    """The keys that may stand at `where`, as far as the schema's types tell."""
    found: Any = schema
    for part in where:
        model = _model_in(found)
        if model is None:
            return set()
        found = model.model_fields[part].annotation if part in model.model_fields else found
    model = _model_in(found)
    return {field.alias or name for name, field in model.model_fields.items()} if model else set()


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = [model for argument in get_args(annotation) if (model := _model_in(argument))]
    return inner[0] if len(inner) == 1 else None


_LIMITS = {
    "ge": "不得小于 {}",
    "gt": "须大于 {}",
    "le": "不得大于 {}",
    "lt": "须小于 {}",
    "min_length": "至少要有 {} 个",
    "max_length": "最多 {} 个",
}


def _limit(context: dict[str, Any]) -> str:
    return ",".join(text.format(context[name]) for name, text in _LIMITS.items() if context.get(name) is not None)


def _pattern_remedy(pattern: str) -> str:
    if pattern.startswith("^[a-z0-9]+("):
        return "请只用小写字母、数字、点和连字符，如 anlan.birth.form。"
    if pattern.startswith("^[a-z][a-z0-9]*("):
        return "请只用小写字母、数字和连字符，以字母开头，如 intake。中文写在 name 里。"
    return f"须符合 {pattern}。"


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "一组“名称: 值”"
    if isinstance(value, list):
        return "一串条目"
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "？", "！")) else f"{text}。"
