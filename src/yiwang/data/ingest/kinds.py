"""Pack kind Source (数据源): what a department delivers, and which data element each column is."""

from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from yiwang.data.ingest.contracts import SOURCE as SOURCE
from yiwang.data.ingest.contracts import Format
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem

ELEMENT = "DataElement"
Word = Literal["continue", "hold", "refuse"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Resource = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]*$", max_length=100)]


class ColumnPart(PackPart):
    """A column as the file names it; with `as` and `element` it goes on to the standard layer under that name and type."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    as_: Identifier | None = Field(default=None, alias="as")
    element: PackId | None = None
    required: bool = False
    bad: Literal["row", "empty", "keep"] = "row"
    start: Annotated[int, Field(ge=1, le=100_000)] | None = None
    width: Annotated[int, Field(ge=1, le=10_000)] | None = None


class DriftPart(PackPart):
    """What to do when columns are new, missing, renamed or of another type than in the batch before."""

    new: Word = "continue"
    missing: Word = "hold"
    renamed: Word = "hold"
    retyped: Word = "continue"


class SourcePack(PackModel):
    """One kind of delivery. `resource` names the tables: raw.<resource>, standard.<resource>."""

    kind_title: ClassVar[str] = "数据源"
    field_names: ClassVar = {
        "resource": "资源代码", "format": "格式", "where": "文件位置", "load": "全量或增量", "encoding": "编码",
        "delimiter": "分隔符", "sheet": "工作表", "columns": "列", "drift": "列有变化时", "name": "列名", "as": "标准名",
        "element": "数据元", "required": "必填", "bad": "值不合格时", "start": "起始位", "width": "宽度",
        "new": "新增列", "missing": "缺列", "renamed": "改名", "retyped": "类型变化",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"where", "encoding", "drift"})

    resource: Resource
    format: Format
    where: Annotated[str, StringConstraints(pattern=r"^[^/\\.][^/\\]*$", max_length=120)] | None = None
    load: Literal["full", "changes"] = "full"
    encoding: Literal["auto", "utf-8", "gb18030", "utf-16"] = "auto"
    delimiter: Literal["auto", ",", "\t", ";", "|"] = "auto"
    sheet: str = ""
    columns: tuple[ColumnPart, ...] = ()
    drift: DriftPart = DriftPart()

    @property
    def typed(self) -> tuple[ColumnPart, ...]:
        """Columns that the standard layer holds."""
        return tuple(column for column in self.columns if column.element)

    @model_validator(mode="after")
    def _fits_together(self) -> "SourcePack":
        for fault in self._faults():
            raise fault
        return self

    def _faults(self) -> Iterator[PackFault]:
        for names, what in (
            ([column.name for column in self.columns], "列名"),
            ([column.as_ for column in self.columns if column.as_], "标准名"),
        ):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice:
                yield PackFault(f"{what}“{twice}”写了两次", "请删去一处")
        for column in self.columns:
            if (column.element is None) != (column.as_ is None):
                yield PackFault(f"列“{column.name}”的 as 与 element 要一起写", "请都写，或都不写")
        if self.format is Format.FIXED and not (self.columns and all(c.start and c.width for c in self.columns)):
            yield PackFault("定长文件的每一列都要写 start 和 width", "请写起始位（从1起）和宽度（字数）")


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The elements that columns name are there, and can be kept when bad only where they are text."""
    for index, column in enumerate(pack.as_type(SourcePack).columns):
        if column.element and not packs.find(ELEMENT, column.element):
            yield pack.problem(("columns", index, "element"), *packs.missing(ELEMENT, column.element))
