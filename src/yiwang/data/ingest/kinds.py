"""Pack kind Source (数据源): what a department delivers, and which data element each column is."""

import re
from collections.abc import Iterable, Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from yiwang.data.ingest.contracts import SOURCE as SOURCE
from yiwang.data.ingest.contracts import Format, Reach
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem

ELEMENT = "DataElement"
Word = Literal["continue", "hold", "refuse"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Resource = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]*$", max_length=100)]


# What stands before the columns of a row that changed: how, when, its place in the source's order, and which values were not sent again.
CHANGE_COLUMNS = ("change", "change_at", "change_mark", "change_kept")
Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_\-]*$", max_length=60)]
Dotted = Annotated[
    str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_\-]*(\.[A-Za-z_][A-Za-z0-9_\-]*)*)?$", max_length=200)
]


class NotationPart(PackPart):
    """How this source writes a value: what is `like` this means that, groups as \\1."""

    like: Annotated[str, Field(min_length=1, max_length=300)]
    means: Annotated[str, Field(max_length=100)]

    @model_validator(mode="after")
    def _is_readable(self) -> "NotationPart":
        try:
            match = re.compile(self.like)
        except re.error as wrong:
            raise PackFault(f"“{self.like}”不是能用的正则表达式（{wrong.msg}）", "请核对括号和反斜线") from wrong
        if any(int(group) > match.groups for group in re.findall(r"\\(\d+)", self.means)):
            raise PackFault(f"“{self.means}”用到的组不在 like 里", "组用圆括号写，从1数起")
        return self


class ColumnPart(PackPart):
    """A column as the file names it; with `as` and `element` it goes on to the standard layer under that name and type."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    as_: Identifier | None = Field(default=None, alias="as")
    element: PackId | None = None
    required: bool = False
    bad: Literal["row", "empty", "keep"] = "row"
    notations: tuple[NotationPart, ...] = ()
    start: Annotated[int, Field(ge=1, le=100_000)] | None = None
    width: Annotated[int, Field(ge=1, le=10_000)] | None = None


class DriftPart(PackPart):
    """What to do when columns are new, missing, renamed or of another type than in the batch before."""

    new: Word = "continue"
    missing: Word = "hold"
    renamed: Word = "hold"
    retyped: Word = "continue"


class PagingPart(PackPart):
    """How an API is asked for its next page: by what it answered (`next`), by number, or by how many rows are there already."""

    by: Literal["cursor", "page", "offset"]
    parameter: Parameter = "cursor"
    next: Dotted = ""
    first: Annotated[int, Field(ge=0, le=1)] = 1
    size_parameter: Parameter | None = None
    size: Annotated[int, Field(ge=1, le=10_000)] = 500


class FetchPart(PackPart):
    """Where we ask ourselves. `connection` names address and key, which stand in no pack (`yiwang ingest connect`).

    With `watermark` only rows are asked for whose column is not below the greatest that was taken in. What changes in a table is
    followed by its `key`, through a publication that its owner made.
    """

    reach: Reach
    connection: Identifier
    every: Annotated[int, Field(ge=1, le=44_640)] = 60  # minutes
    watermark: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    table: (
        Annotated[
            str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$", max_length=127)
        ]
        | None
    ) = None
    key: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()
    publication: Identifier = "yiwang"
    path: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/_.\-]*$", max_length=200)] | None = None
    rows: Dotted = ""
    since: Parameter | None = None
    paging: PagingPart | None = None


class SourcePack(PackModel):
    """One kind of delivery. `resource` names the tables: raw.<resource>, standard.<resource>."""

    kind_title: ClassVar[str] = "数据源"
    field_names: ClassVar = {
        "resource": "资源代码", "format": "格式", "where": "文件位置", "load": "全量或增量", "encoding": "编码",
        "delimiter": "分隔符", "sheet": "工作表", "columns": "列", "drift": "列有变化时", "name": "列名", "as": "标准名",
        "element": "数据元", "required": "必填", "bad": "值不合格时", "start": "起始位", "width": "宽度",
        "new": "新增列", "missing": "缺列", "renamed": "改名", "retyped": "类型变化", "fetch": "自动获取", "reach": "途径",
        "connection": "连接", "every": "间隔分钟", "watermark": "水位列", "table": "表", "path": "路径", "rows": "行的位置",
        "since": "水位参数", "paging": "翻页", "by": "方式", "parameter": "参数", "next": "下一页的位置", "first": "首页号",
        "notations": "写法", "key": "主键", "publication": "发布", "like": "形如", "means": "意为", "size_parameter": "页大小参数", "size": "页大小",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"where", "encoding", "drift", "fetch"})

    resource: Resource
    format: Format
    where: Annotated[str, StringConstraints(pattern=r"^[^/\\.][^/\\]*$", max_length=120)] | None = None
    load: Literal["full", "changes"] = "full"
    encoding: Literal["auto", "utf-8", "gb18030", "utf-16"] = "auto"
    delimiter: Literal["auto", ",", "\t", ";", "|"] = "auto"
    sheet: str = ""
    columns: tuple[ColumnPart, ...] = ()
    drift: DriftPart = DriftPart()
    fetch: FetchPart | None = None

    @property
    def is_feed(self) -> bool:
        """Whether a delivery says what changed, instead of how rows are."""
        return self.fetch is not None and self.fetch.reach is Reach.POSTGRESQL_CHANGES

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
        if self.fetch:
            yield from _fetch_faults(self, self.fetch)


def _fetch_faults(source: SourcePack, fetch: FetchPart) -> Iterator[PackFault]:
    is_table, names = fetch.reach is not Reach.HTTP, {column.name for column in source.columns}
    if source.where:
        yield PackFault("where 和 fetch 只能写一个", "自动获取的数据源没有投递的文件")
    if source.format is not (Format.CSV if is_table else Format.JSON):
        yield PackFault("自动获取的格式写错了", "数据库的表写 format: csv，HTTP接口写 format: json")
    if not (fetch.table if is_table else fetch.path):
        yield PackFault("没有写从哪里获取", "数据库的表写 table，HTTP接口写 path")
    if fetch.watermark and source.load != "changes":
        yield PackFault("有水位的数据源每次只取新的行", "请写 load: changes")
    if fetch.watermark and names and fetch.watermark not in names:
        yield PackFault(f"没有水位列“{fetch.watermark}”", "请写 columns 里的一列")
    if not is_table and bool(fetch.watermark) != bool(fetch.since):
        yield PackFault("watermark 与 since 要一起写", "since 是接口按水位取数的参数")
    if fetch.paging and fetch.paging.by == "cursor" and not fetch.paging.next:
        yield PackFault("按游标翻页要写 next", "请写答复里下一页游标的位置，例如 meta.next")
    if fetch.reach is Reach.POSTGRESQL_CHANGES:
        yield from _change_faults(source, fetch, names)


def _change_faults(source: SourcePack, fetch: FetchPart, names: set[str]) -> Iterator[PackFault]:
    if source.load != "changes" or fetch.watermark:
        yield PackFault("跟随变化的数据源没有水位，只取变化", "请写 load: changes，删去 watermark")
    if not fetch.key or not set(fetch.key) <= names:
        yield PackFault("跟随变化要写主键，主键是 columns 里的列", "请写 key: [主键列]，并在 columns 里写出这些列")
    if taken := sorted(names & set(CHANGE_COLUMNS)):
        yield PackFault(f"列名“{taken[0]}”由系统使用", f"跟随变化时不能有列 {'、'.join(CHANGE_COLUMNS)}")


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The elements that columns name are there, and can be kept when bad only where they are text."""
    for index, column in enumerate(pack.as_type(SourcePack).columns):
        if column.element and not packs.find(ELEMENT, column.element):
            yield pack.problem(("columns", index, "element"), *packs.missing(ELEMENT, column.element))
