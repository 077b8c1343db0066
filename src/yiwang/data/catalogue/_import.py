"""A department's catalogue from a CSV file or workbook: one line an item, the entry's own columns on its first line."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction

from yiwang.data.catalogue import _content, _entries
from yiwang.data.catalogue.contracts import (
    BadFile,
    Content,
    Cycle,
    Grade,
    ImportReport,
    ItemView,
    NewResource,
    Opening,
    Origin,
    Shape,
    Sharing,
    State,
    Way,
)
from yiwang.data.catalogue.models import Resource
from yiwang.data.engine import queries as lakes
from yiwang.data.engine.contracts import CannotOpen
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Conflict, Invalid, NotFound, Place
from yiwang.kernel.orgs import queries as orgs

SIZE_MAX, LINES_MAX = 20_000_000, 100_000
TEXTS = {
    "资源名称": "title", "摘要": "summary", "系统代码": "system", "共享条件": "sharing_condition", "不予共享的依据": "refusal_basis",
    "开放条件": "opening_condition", "联系处室": "contact", "联系电话": "phone",
}  # fmt: skip
KINDS: Mapping[str, tuple[str, Any]] = {
    "格式": ("shape", Shape), "共享属性": ("sharing", Sharing), "开放属性": ("opening", Opening),
    "更新周期": ("update_cycle", Cycle), "数据级别": ("grade", Grade),
}  # fmt: skip
NEEDED = ("资源代码", "资源名称", "摘要", "提供单位代码", "共享属性", "信息项英文名")
_TYPES = {name: code for code, name in _content.TYPE_NAMES.items()}
_SENSITIVITIES = {name: code for code, name in _content.SENSITIVITIES.items()}


@dataclass
class Entry:
    """One entry of the file: where it begins, its first line, its items."""

    line: int
    first: Mapping[str, str]
    items: list[ItemView] = field(default_factory=list)


@transaction.atomic
def import_file(*, path: Path, by: Actor, at: datetime) -> ImportReport:
    """Enter or revise what a file says; an entry that cannot stand is set aside with its line, the others go in. Safe to repeat.

    By the data authority. Raises BadFile, NotPermitted.
    """
    counts = {"created": 0, "revised": 0, "unchanged": 0}
    problems: list[Place] = []
    codes = []
    for entry in entries_of(path):
        try:
            with transaction.atomic():
                counts[_enter(entry, by=by, at=at)] += 1
            codes.append(entry.first["资源代码"])
        except (Conflict, Invalid, NotFound) as wrong:
            places = getattr(wrong, "places", None) or [Place("", wrong.message)]
            problems += [Place(f"第{entry.line}行", each.message) for each in places]
    audit.record(
        "catalogue.file.imported", target="catalogue", by=by, at=at, detail=counts | {"problems": len(problems)}
    )
    made, revised, same = counts["created"], counts["revised"], counts["unchanged"]
    return ImportReport(made, revised, same, tuple(problems), tuple(codes))


def _enter(entry: Entry, *, by: Actor, at: datetime) -> str:
    code, content = entry.first["资源代码"], content_of(entry)
    unit = orgs.by_uscc(entry.first["提供单位代码"])
    before = Resource.objects.filter(code=code).first()
    if before is None:
        _entries.register(new=NewResource(code, unit.id, content), origin=Origin.IMPORT, by=by, at=at)
        return "created"
    if before.org_id != unit.id:
        raise BadFile("这个资源代码是别的单位的。", hint="请核对。")
    done = _entries.revise(code=code, content=content, origin=Origin.IMPORT, by=by, at=at)
    return "unchanged" if done.revision == before.revision and before.state == State.IN_FORCE else "revised"


def content_of(entry: Entry) -> Content:
    """Raises BadFile for words that no list has."""
    first = entry.first
    given: dict[str, Any] = {name: first.get(column, "") for column, name in TEXTS.items()}
    for column, (name, kind) in KINDS.items():
        if told := first.get(column, ""):
            given[name] = _named(column, kind, told)
    ways = [
        Way(_named("共享方式", Way, each)) for each in first.get("共享方式", "").replace("，", "、").split("、") if each
    ]
    words = first.get("关键词", "").replace("，", "、").split("、")
    keywords = tuple(word.strip() for word in words if word.strip())
    return Content(items=tuple(entry.items), ways=tuple(ways), keywords=keywords, **given)


def _named(column: str, kind: Any, told: str) -> StrEnum:
    found = next((each for each in kind if told.strip() in (each.label, each.value)), None)
    if found is None:
        names = "、".join(each.label for each in kind)
        raise BadFile(f"{column}“{told[:20]}”不认识，应为{names}。", hint="请改正后重新导入。")
    return found  # type: ignore[no-any-return]


def entries_of(path: Path) -> Iterator[Entry]:
    """Entry by entry, each with the line on which it begins. Raises BadFile."""
    entry: Entry | None = None
    for line, row in _lines(path):
        if row.get("资源代码") and (entry is None or row["资源代码"] != entry.first["资源代码"]):
            if entry is not None:
                yield entry
            entry = Entry(line, row)
        if entry is not None and (row.get("信息项英文名") or row.get("信息项名称")):
            entry.items.append(_item(row))
    if entry is not None:
        yield entry


def _item(row: Mapping[str, str]) -> ItemView:
    length = row.get("长度", "")
    return ItemView(
        name=row.get("信息项英文名", ""),
        title=row.get("信息项名称", ""),
        element_id=row.get("数据元", ""),
        type=_TYPES.get(row.get("类型", ""), row.get("类型", "") or "text"),
        length=int(length) if length.isdecimal() and len(length) < 7 else None,
        is_key=row.get("主键", "") in ("是", "1", "Y"),
        sensitivity=_SENSITIVITIES.get(row.get("敏感级别", ""), row.get("敏感级别", "") or "general"),
        note=row.get("说明", ""),
    )


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    rows = csv.DictReader(io.StringIO(_text(path)))
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        raise BadFile(f"表头缺少：{'、'.join(missing)}。", hint="第一行写列名，用逗号分隔，UTF-8 或 GB 18030 编码。")
    for number, row in enumerate(rows, start=2):
        if lakes.ERROR in row.values():
            raise BadFile(f"第{number}行有算不出值的公式。", hint="请改正后重新导入。")
        if number > LINES_MAX:
            raise BadFile(f"行数过多，最多{LINES_MAX}行。", hint="请分成几个文件。")
        yield number, {str(name): (value or "").strip() for name, value in row.items() if isinstance(value, str | None)}


def _text(path: Path) -> str:
    with open(path, "rb") as stream:
        head = stream.read(8)
    if path.stat().st_size > SIZE_MAX:
        raise BadFile(f"文件过大，最大{SIZE_MAX // 1_000_000} MB。", hint="请分成几个文件。")
    if not head.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _decoded(path.read_bytes())
    with TemporaryDirectory(prefix="catalogue-") as folder:
        target = Path(folder) / "sheet.csv"
        try:
            lakes.write_sheet(path, sheet="", target=target)
        except CannotOpen as wrong:
            raise BadFile(wrong.message, hint=wrong.hint) from wrong
        return target.read_text("utf-8")


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("读不懂文件的编码。", hint="请存成 UTF-8 的 CSV。")
