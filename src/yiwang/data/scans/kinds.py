"""Pack kind ScanForm (扫描件版式): what a kind of old paper looks like and which column of a source each field feeds."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, field_validator, model_validator

from yiwang.data.ingest import queries as ingest
from yiwang.data.ingest.contracts import SOURCE
from yiwang.data.scans.contracts import SCAN_FORM as SCAN_FORM
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem

Label = Annotated[str, Field(min_length=1, max_length=40)]
Labels = tuple[Label, ...]
Column = Annotated[str, Field(min_length=1, max_length=100)]
Share = Annotated[int, Field(ge=0, le=100)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class ScanFieldPart(PackPart):
    """A field of the paper: `column` is the source's, and with it the data element; one way in which its value is found."""

    column: Column
    beside: Labels = ()
    below: Labels = ()
    heading: Labels = ()
    region: tuple[Fraction, Fraction, Fraction, Fraction] | None = None
    lines: Annotated[int, Field(ge=1, le=10)] = 1
    like: Annotated[str, Field(max_length=200)] = ""
    sure_from: Share | None = None

    @property
    def labels(self) -> Labels:
        return self.beside or self.below or self.heading

    @model_validator(mode="after")
    def _is_found_one_way(self) -> "ScanFieldPart":
        if sum(map(bool, (self.beside, self.below, self.heading, self.region))) != 1:
            raise PackFault(
                f"“{self.column}”要写且只写一种找法",
                "请写 beside、below（标签旁、标签下）、heading（表头）或 region（位置）之一",
            )
        if self.region and not (self.region[0] < self.region[2] and self.region[1] < self.region[3]):
            raise PackFault("region 应为 [左, 上, 右, 下]，用页面宽高的小数", "例如 [0.1, 0.2, 0.6, 0.3]")
        return self

    @field_validator("like")
    @classmethod
    def _compiles(cls, like: str) -> str:
        try:
            re.compile(like)
        except re.error as wrong:
            raise PackFault(f"“{like}”不是能用的正则表达式（{wrong.msg}）", "请核对括号和反斜线") from wrong
        return like


class AgreeBy(StrEnum):
    """What of a number tells what another field says."""

    BORN = "born"
    SEX = "sex"
    REGISTER = "register"


class AgreePart(PackPart):
    """A field that must agree with the number in another: with the day of birth or the sex in it, or with what registers hold under it."""

    column: Column
    number: Column
    by: AgreeBy


class ScanExample(PackPart):
    """A page as typed text, each line a line of the paper, and the rows that come of it."""

    page: Annotated[str, Field(min_length=1, max_length=4000)]
    gives: tuple[dict[str, str], ...]


class ScanFormPack(PackModel):
    """One kind of paper. `marks` are words of which one must stand on the page, or it is another paper; at `stops` no field's value goes on."""

    kind_title: ClassVar[str] = "扫描件版式"
    field_names: ClassVar = {
        "source": "数据源", "scan_column": "扫描件编号列", "marks": "版式标志", "stops": "其他标签", "fields": "栏目", "column": "列",
        "beside": "标签旁", "below": "标签下", "heading": "表头", "region": "位置", "lines": "最多几行", "like": "形如",
        "sure_from": "把握几成以上不用看", "check_share": "抽检百分比", "part_pages": "每几页入库一次", "keep_days": "图片保存天数",
        "agree": "栏目之间的核对", "number": "号码列", "by": "按什么核对", "purpose": "查看目的",
        "subject": "主体号码列", "asides": "搁置原因", "page": "页面文字", "gives": "得到的行",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"sure_from", "check_share", "keep_days", "marks"})

    source: PackId
    scan_column: Column = "扫描件"
    marks: Labels = ()
    stops: Labels = ()
    fields: Annotated[tuple[ScanFieldPart, ...], Field(min_length=1, max_length=60)]
    agree: Annotated[tuple[AgreePart, ...], Field(max_length=20)] = ()
    sure_from: Share = 97
    check_share: Share = 5
    part_pages: Annotated[int, Field(ge=1, le=10_000)] | None = None
    keep_days: Annotated[int, Field(ge=1, le=36_500)]
    purpose: Annotated[str, Field(min_length=2, max_length=60)] = "存量档案数字化"
    subject: Column | None = None
    asides: Annotated[Labels, Field(min_length=1)] = ("不是这种版式", "几页粘连或折角", "空白页", "行数不符")
    examples: tuple[ScanExample, ...] = ()

    @property
    def is_table(self) -> bool:
        return any(each.heading for each in self.fields)

    def field_of(self, column: str) -> ScanFieldPart | None:
        return next((each for each in self.fields if each.column == column), None)

    @model_validator(mode="after")
    def _columns_once(self) -> "ScanFormPack":
        columns = [each.column for each in self.fields]
        if twice := next((each for each in columns if columns.count(each) > 1), None):
            raise PackFault(f"“{twice}”写了两次", "请删去一处")
        if self.subject and self.subject not in columns:
            raise PackFault(f"没有栏目“{self.subject}”", "subject 请写 fields 里的一列")
        named = [name for each in self.agree for name in (each.column, each.number)]
        if strange := next((each for each in named if each not in columns), None):
            raise PackFault(f"没有栏目“{strange}”", "agree 里的 column 和 number 请写 fields 里的列")
        return self


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The source is there, adds to what it has, and has every column that the paper fills and one for the number of the scan."""
    body = pack.as_type(ScanFormPack)
    found = packs.find(SOURCE, body.source)
    if found is None:
        yield pack.problem("source", *packs.missing(SOURCE, body.source))
        return
    taken = ingest.declared(found)
    if not taken.adds:
        yield pack.problem("source", "这个数据源每次整体替换。", "扫描件分批入库，请在数据源写 load: changes。")
    names = {each.name for each in taken.columns}
    bare = {each.name for each in taken.columns if not each.element}
    if body.scan_column not in names:
        yield pack.problem(
            "scan_column", f"数据源没有列“{body.scan_column}”。", "请在数据源加这一列，记下每行来自哪张图。"
        )
    yield from _strange(pack, body, names)
    for index, each in enumerate(body.agree):
        if unnamed := next((name for name in (each.column, each.number) if name in bare), None):
            yield pack.problem(
                ("agree", index), f"列“{unnamed}”没有数据元。", "栏目之间按数据元核对，请在数据源写 element。"
            )
    if left := sorted(
        each.name
        for each in taken.columns
        if each.is_demanded and each.name != body.scan_column and body.field_of(each.name) is None
    ):
        yield pack.problem("fields", f"数据源必填的“{left[0]}”没有栏目。", "请加上这个栏目，或在数据源去掉 required。")


def _strange(pack: Pack, body: ScanFormPack, names: set[str]) -> Iterator[Problem]:
    for index, each in enumerate(body.fields):
        if each.column not in names:
            yield pack.problem(
                ("fields", index, "column"), f"数据源没有列“{each.column}”。", f"可写的有：{'、'.join(sorted(names))}。"
            )


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example's page gives the rows that it says."""
    from yiwang.data.scans import _find
    from yiwang.data.scans._typed import typed_page

    body = pack.as_type(ScanFormPack)
    for index, example in enumerate(body.examples):
        rows = _find.rows(body, typed_page(example.page))
        came = tuple({name: found.text for name, found in row.items() if found.text} for row in rows)
        if came != example.gives:
            yield pack.problem(("examples", index), f"得到的是 {list(came)}。", "请核对例子或找法。")
