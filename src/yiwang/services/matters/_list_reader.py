"""Reading an item list (CSV): each line becomes a checked line or is set aside with its reason. No database."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.services.matters._dashed_codes import DashedCode, OrgMark
from yiwang.services.matters._standard_codes import HandlingCode, ImplementationCode
from yiwang.services.matters.codes import ItemCode, parse
from yiwang.services.matters.contracts import CodeUnreadable, ImportProblem, ListUnreadable, MatterType

COLUMNS = ("department", "main_item", "name", "item_code", "task_type", "task_type_name", "area_code", "dept_code")
SIZE_MAX = 64 * 1024 * 1024
NAME_MAX = 200
_UNSORTED = "未分类"


@dataclass(slots=True)
class Line:
    """A line that can become a record, with what was doubtful about it."""

    number: int
    department: str
    main_item: str
    name: str
    code: ItemCode
    type: MatterType
    region: str
    problems: list[ImportProblem] = field(default_factory=list)

    def doubt(self, code: str, what: str, remedy: str) -> None:
        self.problems.append(ImportProblem(self.number, f"matters.list.{code}", what, remedy))

    @property
    def org_mark(self) -> OrgMark:
        """The organisation that the code itself names."""
        match self.code:
            case DashedCode():
                return self.code.org
            case HandlingCode():
                return OrgMark(str(self.code.implementation.body))
            case ImplementationCode():
                return OrgMark(str(self.code.body))
        raise TypeError("a base code names no organisation")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that cannot become a record."""

    problem: ImportProblem
    text: str


def read_list(path: Path) -> tuple[bytes, list[Line | Refusal]]:
    """The file's bytes and its lines in order. Raises ListUnreadable when this is no item list at all."""
    if not path.is_file():
        raise ListUnreadable(f"没有文件 {path}。", hint="请核对路径。")
    if path.stat().st_size > SIZE_MAX:
        raise ListUnreadable(f"{path.name} 超过64MB。", hint="请分成几个文件导入。")
    raw = path.read_bytes()
    rows = csv.reader(io.StringIO(_decoded(raw, path), newline=""), strict=True)
    try:
        header = next(rows, [])
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise ListUnreadable(
                f"{path.name}:1: 缺少列 {'、'.join(missing)}。", hint=f"表头应有 {','.join(COLUMNS)}。"
            )
        return raw, list(_lines(rows, header))
    except csv.Error as wrong:
        raise ListUnreadable(
            f"{path.name}:{rows.line_num}: 这一行的引号不成对，后面无法继续读。", hint="请补上引号后重新导入。"
        ) from wrong


def _decoded(raw: bytes, path: Path) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListUnreadable(f"{path.name} 既不是UTF-8也不是GB 18030编码。", hint="请另存为UTF-8编码的CSV。")


def _lines(rows: Iterator[list[str]], header: list[str]) -> Iterator[Line | Refusal]:
    number = 1
    # A quoted field may span lines: a line is known by where it starts.
    for cells in rows:
        number, start = rows.line_num, number + 1  # type: ignore[attr-defined]
        if cells:
            yield _line(start, cells, header)


def _line(number: int, cells: list[str], header: list[str]) -> Line | Refusal:
    text = ",".join(cells)
    if len(cells) != len(header):
        return _refused(number, "columns", f"有{len(cells)}列，应有{len(header)}列。", "请补齐或去掉多余的逗号。", text)
    cell = {name: value.strip() for name, value in zip(header, cells, strict=True)}
    if not cell["name"] or len(cell["name"]) > NAME_MAX:
        return _refused(number, "name", "事项名称为空或超过200字。", "请核对事项名称。", text)
    try:
        code = parse(cell["item_code"])
    except CodeUnreadable as wrong:
        return _refused(number, "code", wrong.message, wrong.hint, text)
    kind = _type(cell, code)
    if kind is None:
        what = f"事项类型“{cell['task_type']} {cell['task_type_name']}”不在GB/T 39046表A.1中。"
        return _refused(number, "type", what, "请核对事项类型。", text)
    if len(cell["area_code"]) != 12 or not cell["area_code"].isdigit():
        return _refused(number, "region", f"区划代码“{cell['area_code']}”不是12位数字。", "请核对区划代码。", text)
    if code.form == "base":
        return _refused(number, "code", "基本编码没有指明实施主体。", "请填实施编码。", text)
    main = "" if cell["main_item"] == _UNSORTED else cell["main_item"]
    line = Line(number, cell["department"], main, cell["name"], code, kind, cell["area_code"])
    _compare(line, cell)
    return line


def _type(cell: dict[str, str], code: ItemCode) -> MatterType | None:
    number, title = cell["task_type"].zfill(2), cell["task_type_name"]
    for kind in MatterType:
        if number == kind.value or (not cell["task_type"] and title == kind.label):
            return kind
    return MatterType(code.matter_type) if not cell["task_type"] and not title and code.matter_type else None


def _compare(line: Line, cell: dict[str, str]) -> None:
    """What the line says twice must agree; where it does not, the columns are followed and the doubt is kept."""
    if cell["task_type_name"] and cell["task_type_name"] != line.type.label:
        what = f"类型代码{line.type.value}应为“{line.type.label}”，表中写“{cell['task_type_name']}”。"
        line.doubt("type-title", what, f"已按代码记为{line.type.label}，请核对。")
    said = line.code.matter_type
    if said and said != line.type.value:
        what = f"编码中的类别是{MatterType(said).label}，类型列是{line.type.label}。"
        line.doubt("type-differs", what, f"已按类型列记为{line.type.label}，请核对。")
    region = line.code.region if isinstance(line.code, DashedCode) else ""
    if region and region != line.region:
        line.doubt("region-differs", f"编码中的区划是{region}，区划列是{line.region}。", "已按区划列记，请核对。")
    if isinstance(line.code, DashedCode) and not line.code.region:
        line.doubt("short-code", "编码没有区划、版本等后几段。", "已按原样记，请补全编码。")
    if not line.department:
        line.doubt("department", "没有写部门。", "已按编码中的机构归属，请补上部门。")


def _refused(number: int, code: str, what: str, remedy: str, text: str) -> Refusal:
    return Refusal(ImportProblem(number, f"matters.list.{code}", what, remedy, is_refusal=True), text)
