"""What is wrong with the shape of a request, in words; the values themselves are never repeated."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from django.http import HttpRequest

from yiwang.kernel.base.contracts import Invalid, Place, YiwangError

_KINDS = {
    "missing": "缺少这一项。",
    "extra_forbidden": "没有这一项。",
    "string": "应是文字。",
    "int": "应是整数。",
    "decimal": "应是数字。",
    "float": "应是数字。",
    "bool": "应是 true 或 false。",
    "date": "应是日期，如 2026-09-24。",
    "datetime": "应是时刻，如 2026-09-24T09:00:00+08:00。",
    "list": "应是一串条目。",
    "dict": "应是一组名称和值。",
    "model": "应是一组名称和值。",
    "literal": "不在可选范围内，可选 {expected}。",
    "enum": "不在可选范围内，可选 {expected}。",
    "greater": "小于允许的最小值 {ge}{gt}。",
    "less": "大于允许的最大值 {le}{lt}。",
}
_LENGTHS = {"min_length": "太短，至少 {} 个。", "max_length": "太长，最多 {} 个。"}


class Unreadable(YiwangError):
    """A request whose body is not what it says it is."""

    status, code, title = 400, "base.unreadable", "读不懂请求"


class Misshapen(Invalid):
    """A request that the route's description does not allow."""

    code = "base.misshapen"


def misshapen(errors: Sequence[Mapping[str, Any]]) -> Misshapen:
    """What pydantic found, place by place."""
    places = [Place(where=_where(error["loc"]), message=_said(error)) for error in errors]
    return Misshapen("请求的内容与接口说明不符。", hint="请对照 /api/openapi.json 改正后再发。", places=places)


def is_storable(request: HttpRequest) -> bool:
    """Whether path, query and form hold only signs that a database can keep."""
    named = chain(request.GET.lists(), request.POST.lists())
    return all(map(_is_text, chain([request.path], *([name, *values] for name, values in named))))


def read_json(body: bytes) -> Any:
    """A JSON body. Raises Unreadable if it is none, or holds signs that no database can keep."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("请求正文不是有效的 JSON。", hint="请用 UTF-8 编码的 JSON 再发。") from None
    if not all(map(_is_text, _texts(content))):
        raise unkeepable()
    return content


def unkeepable() -> Unreadable:
    """What to tell about signs that no database can keep."""
    return Unreadable("内容里有系统不能保存的控制字符。", hint="请删去看不见的字符后再提交。")


def _texts(content: Any) -> Iterator[str]:
    waiting = [content]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
            yield from each


def _is_text(text: str) -> bool:
    # Half of a surrogate pair is no character; encoding it would fail in the middle of an action.
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text))


def _where(loc: Sequence[str | int]) -> str:
    # ninja names the part of the request, then the view's parameter for a whole body.
    inside = loc[2:] if loc and loc[0] in ("body", "form", "file") and len(loc) > 2 else loc[1:]
    return ".".join(str(part) for part in inside) or ".".join(str(part) for part in loc)


def _said(error: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = error.get("ctx") or {}
    for name, sentence in _LENGTHS.items():
        if name in context:
            return sentence.format(context[name])
    kind = str(error["type"])
    words = _KINDS.get(kind) or _KINDS.get(kind.partition("_")[0]) or "写法不对。"
    return words.format_map(_Blank(context))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
