"""Reads a standard from a JSON file (`source`, `tables` of items, `codes`): what is in it, or where it cannot be read. Pure."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yiwang.data.standards.contracts import BadDocument
from yiwang.kernel.base.contracts import Place

SIZE_MAX = 8_000_000
ROWS_MAX = 20_000
_HEAD = re.compile(r"([A-Z]{2,4}(?:/[TZ])?) ?(\d+(?:\.\d+)?)(?:[-—](\d{4}))?\s*(\S*)")
_FORMAT = re.compile(r"(an|a|n)(\.\.)?(\d{1,6})|ul|binary|datetime|date")
_TYPES = {
    "an": "text",
    "a": "text",
    "n": "digits",
    "ul": "text",
    "binary": "file",
    "datetime": "datetime",
    "date": "date",
}
_APPENDIX = re.compile(r"([A-Z])\.?(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Item:
    group: str
    name: str
    format: str
    type: str
    length: int | None
    is_fixed: bool
    note: str
    code_list: str


@dataclass(frozen=True, slots=True)
class Codes:
    id: str
    title: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`slug` leads the identifiers made of it: gbt39046.4.01."""

    identifier: str
    slug: str
    title: str
    source: str
    sha256: str
    items: tuple[Item, ...]
    lists: tuple[Codes, ...]
    problems: tuple[Place, ...]


def read(path: Path) -> Document:
    """Raises BadDocument when the whole cannot be read; single rows that cannot are set aside with their reason."""
    content = path.read_bytes() if path.stat().st_size <= SIZE_MAX else b""
    try:
        given = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as wrong:
        raise BadDocument("这不是 UTF-8 的 JSON 文件，或者太大。", hint="请核对文件。") from wrong
    if not isinstance(given, dict) or not isinstance(given.get("tables"), dict):
        raise BadDocument("文件里没有 tables。", hint="请按标准条目文件的格式准备：source、tables、codes。")
    source = str(given.get("source", ""))
    head = _HEAD.match(source)
    if head is None:
        raise BadDocument("source 开头不是标准号。", hint="请写成如 GB/T 39046-2020 政务服务平台基础数据规范。")
    kind, number, year, title = head.groups()
    slug = f"{kind.replace('/', '').lower()}{number.replace('.', '-')}"
    problems: list[Place] = []
    lists = tuple(_lists(slug, given.get("codes") or {}, problems))
    items = tuple(_items(given["tables"], {each.id for each in lists}, slug, problems))
    if len(items) > ROWS_MAX:
        raise BadDocument(f"条目过多，最多{ROWS_MAX}条。", hint="请分成几个文件。")
    identifier = f"{kind} {number}" + (f"-{year}" if year else "")
    digest = hashlib.sha256(content).hexdigest()
    return Document(identifier, slug, title or identifier, source[:300], digest, items, lists, tuple(problems))


def _lists(slug: str, given: Any, problems: list[Place]) -> Iterator[Codes]:
    """Lists with codes, and lists of words, whose words are their own codes."""
    if not isinstance(given, Mapping):
        problems.append(Place("codes", "codes 不是一组代码集，未导入。"))
        return
    for number, (name, listed) in enumerate(given.items(), start=1):
        pairs = listed.items() if isinstance(listed, Mapping) else ((word, word) for word in listed)
        rows = tuple((str(code).strip(), str(title).strip()) for code, title in pairs)
        wrong = not rows or any(not code or not title or len(code) > 40 for code, title in rows)
        if wrong or len({code for code, _ in rows}) != len(rows):
            problems.append(Place(f"codes.{name}", "有空的、过长的或重复的代码，未导入。"))
            continue
        head = _APPENDIX.match(name)
        mark = f"{head[1]}{head[2]}".lower() if head else f"v{number}"
        yield Codes(f"{slug}.{mark}", name.partition("_")[2] or name, rows)


def _items(tables: Mapping[str, Any], lists: set[str], slug: str, problems: list[Place]) -> Iterator[Item]:
    for table, rows in tables.items():
        group = str(table).partition("_")[2] or str(table)
        seen: set[str] = set()
        for line, row in enumerate(rows if isinstance(rows, list) else (), start=1):
            where = f"tables.{table}.{line}"
            name = str(row.get("name", "")).strip() if isinstance(row, Mapping) else ""
            found = _FORMAT.fullmatch(str(row.get("fmt", ""))) if name else None
            if not name or len(name) > 120 or name in seen or found is None:
                problems.append(Place(where, "没有名称、名称重复，或格式不认识，未导入。"))
                continue
            seen.add(name)
            yield _item(group, name, found, str(row.get("note", ""))[:300], lists, slug)


def _item(group: str, name: str, found: re.Match[str], note: str, lists: set[str], slug: str) -> Item:
    letters, span, digits = found.groups()
    head = _APPENDIX.fullmatch(note)
    named = f"{slug}.{head[1]}{head[2]}".lower() if head else ""
    return Item(
        group=group,
        name=name,
        format=found.group(),
        type=_TYPES[letters or found.group()],
        length=int(digits) if digits else None,
        is_fixed=bool(digits) and not span,
        note=note,
        code_list=named if named in lists else "",
    )
