"""Reads a pack file as plain data that remembers the line of every value; what YAML allows beyond that is refused."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stub forgets it

SIZE_BYTES_MAX = 1_000_000
NODES_MAX = 100_000
DEPTH_MAX = 32

Path = tuple[str | int, ...]
# YAML 1.2's plain values only: no octal, no sexagesimal, no dates, no yes/no; `001` and `2026-01-01` stay text.
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,18}")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}


class Unreadable(Exception):
    """A file that is not plain data: the line, what is wrong and what to do."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line, self.what, self.remedy = line, what, remedy


@dataclass(frozen=True, slots=True)
class Document:
    """One `---` part of a file."""

    data: Any
    line: int
    lines: dict[Path, int] = field(repr=False)


def read(content: bytes) -> list[Document]:
    """The documents of a file. Raises Unreadable with the line."""
    if len(content) > SIZE_BYTES_MAX:
        raise Unreadable(1, f"文件有{len(content):,}字节，超过{SIZE_BYTES_MAX:,}字节。", "请拆成几个文件。")
    text = _decoded(content)
    try:
        documents = list(_documents(CParser(text)))
    except yaml.MarkedYAMLError as error:
        raise _said(error) from None
    except yaml.YAMLError as error:
        raise Unreadable(_line_of(text, error), "文件里有不可见的控制字符。", "请删去后另存为 UTF-8 文本。") from None
    if not documents:
        raise Unreadable(1, "文件是空的。", "请写上 kind、id、title，或删去文件。")
    return documents


_YAML_REMEDY = "请检查这一行及上一行的缩进（只用空格）、冒号后的空格、括号和引号。"
# libyaml's complaints in the author's words; `context` says that the line to look at is where the part began.
_COMPLAINTS = (
    ("expected ',' or ']'", "context", "方括号没有写完", "请补上 ]，或检查里面的逗号和引号。"),
    ("expected ',' or '}'", "context", "花括号没有写完", "请补上 }，或检查里面的逗号和引号。"),
    (
        "could not find expected ':'",
        "context",
        "少了冒号，或冒号后面没有空格",
        "请写成“名称: 值”，冒号用半角，后面空一格。",
    ),
    ("unexpected end of stream", "context", "引号没有写完", "请补上引号。"),
    ("found a tab", "problem", "用制表符（Tab）缩进", "请改用空格。"),
    (
        "cannot start any token",
        "problem",
        "有不能用在这里的符号或制表符（Tab）",
        "请用空格缩进；含 @ ` % 等符号的文字加引号。",
    ),
    (
        "mapping values are not allowed",
        "problem",
        "这里不能有冒号，或缩进与上一行不一致",
        "请对齐缩进；文字里有冒号的加引号。",
    ),
    ("did not find expected key", "problem", "缩进与上面的不一致", "请对齐缩进。"),
    ("did not find expected '-'", "problem", "缩进与上面的“- ”不一致", "请对齐缩进。"),
)


def _said(error: yaml.MarkedYAMLError) -> Unreadable:
    problem = str(error.problem or "")
    for part, where, what, remedy in _COMPLAINTS:
        if part in problem:
            mark = error.context_mark if where == "context" and error.context_mark else error.problem_mark
            return Unreadable(mark.line + 1 if mark else 1, f"{what}。", remedy)
    mark = error.problem_mark or error.context_mark
    return Unreadable(mark.line + 1 if mark else 1, f"YAML 写法不对（{problem}）。", _YAML_REMEDY)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(line, "文件不是 UTF-8 编码。", "请另存为 UTF-8。") from None


def _line_of(text: str, error: yaml.YAMLError) -> int:
    # The C parser counts bytes here.
    return text.encode().count(b"\n", 0, int(getattr(error, "position", 0) or 0)) + 1


def _documents(parser: CParser) -> Iterator[Document]:
    # Built from the parser's events, not its nodes: composing nodes recurses in C and dies of deep nesting.
    while not parser.check_event(yaml.StreamEndEvent):
        event = _next(parser)
        if isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent | yaml.DocumentEndEvent):
            continue
        builder = _Builder(parser)
        data = builder.value(event, ())
        if data is not None:
            yield Document(data, _line(event), builder.lines)


def _next(parser: CParser) -> yaml.Event:
    event = parser.get_event()
    assert isinstance(event, yaml.Event)
    return event


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Builder:
    def __init__(self, parser: CParser) -> None:
        self.lines: dict[Path, int] = {}
        self._parser = parser
        self._count = 0

    def value(self, event: yaml.Event, path: Path) -> Any:
        line = _line(event)
        self._refuse_extras(event, line)
        self._count += 1
        if len(path) > DEPTH_MAX or self._count > NODES_MAX:
            raise Unreadable(line, f"嵌套超过{DEPTH_MAX}层或条目超过{NODES_MAX:,}个。", "请拆成几个文件。")
        self.lines.setdefault(path, line)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        assert isinstance(event, yaml.ScalarEvent)
        return _scalar(event)

    def _refuse_extras(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Unreadable(line, "用了 YAML 引用（& 和 *）。", "请把内容写全。")
        if getattr(event, "tag", None):
            raise Unreadable(line, "用了 YAML 标签（!）。", "请删去标签，只写文字、数字、true 或 false。")

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := _next(self._parser), yaml.SequenceEndEvent):
            items.append(self.value(event, (*path, len(items))))
        return items

    def _mapping(self, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        while not isinstance(event := _next(self._parser), yaml.MappingEndEvent):
            key, line = self._key(event), _line(event)
            if key in result:
                first = self.lines[(*path, key)]
                raise Unreadable(line, f"“{key}”写了两次（第{first}行已有）。", "请删去一处。")
            self.lines[(*path, key)] = line
            result[key] = self.value(_next(self._parser), (*path, key))
        return result

    def _key(self, event: yaml.Event) -> str:
        line = _line(event)
        self._refuse_extras(event, line)
        if not isinstance(event, yaml.ScalarEvent) or not event.value.strip():
            raise Unreadable(line, "键只能是文字。", "请写成“名称: 值”。")
        if event.value == "<<":
            raise Unreadable(line, "用了 YAML 合并（<<）。", "请把内容写全。")
        return str(event.value)


def _scalar(event: yaml.ScalarEvent) -> Any:
    text = str(event.value)
    if not event.implicit[0]:  # quoted, or a block of text
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text
