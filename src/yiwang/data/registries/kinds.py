"""The pack kinds Registry (基础库): who answers for a registry and what it keeps of whom; RegistryFeed: which table of the lake feeds it here."""

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, Text, register

REGISTRY, FEED = "Registry", "RegistryFeed"
OrgKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
ColumnName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
LakeColumn = Annotated[str, StringConstraints(min_length=1, max_length=80)]
SourceCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]


class ColumnPart(PackPart):
    """One thing that is kept of each; the element says what it is called and how sensitive it is."""

    name: ColumnName
    element: PackId


class AnswerPart(PackPart):
    """What the registry says of somebody where a form or a rule asks.

    Of the one whom its column `of` names (the key, or one of `links`), or, with `through`, of the one whose entry in that registry
    names this one. Each of `columns` answers for its element, or for the one that `elements` gives it; `names` are elements
    that are the name of the person whom a column names. With `unless`, entries that have a value there say nothing.
    """

    of: ColumnName | None = None
    through: PackId | None = None
    columns: tuple[ColumnName, ...] = ()
    elements: Mapping[ColumnName, PackId] = Field(default_factory=dict)
    names: Mapping[ColumnName, PackId] = Field(default_factory=dict)
    unless: ColumnName | None = None

    @model_validator(mode="after")
    def _says_of_whom(self) -> "AnswerPart":
        if (self.of is None) == (self.through is None):
            raise PackFault(
                "of 和 through 要写一个，只写一个", "of 写指明是谁的那一列；经另一个库指到这里的，写 through"
            )
        if not (self.columns or self.elements or self.names):
            raise PackFault("没有写答复哪些列", "在 columns、elements 或 names 里写列名")
        return self


class SourcePart(PackPart):
    """Where values of the table are from; `resource` is its entry in the catalogue, by which its quality is known."""

    code: SourceCode
    title: str
    resource: str = ""


class FeedPart(PackPart):
    """The table of the lake that fills the registry.

    A column of the table is called as the registry's unless `columns` says otherwise. A value is from `source`, unless `of`
    names another for its column, or the table has `<column>__source` (and `__seen_on`) beside it, as entities have.
    """

    table: Annotated[
        str, StringConstraints(pattern=r"^(standard|registry|topic)\.[A-Za-z0-9][\w.\-]*$", max_length=120)
    ]
    key: LakeColumn | None = None
    since: LakeColumn | None = None
    columns: Mapping[ColumnName, LakeColumn] = Field(default_factory=dict)
    sources: Annotated[tuple[SourcePart, ...], Field(min_length=1, max_length=20)]
    source: SourceCode
    of: Mapping[ColumnName, SourceCode] = Field(default_factory=dict)
    gone_most: Annotated[int, Field(ge=0, le=100)] = 20


class RegistryPack(PackModel):
    """`id` is the name under which the registry is a fact source; `units` are tried in order at the region and above.

    With `columns` it keeps files: `key` is the column by which one is found, `name` and `narrow` those by which people search.
    `links` are columns that name persons, firms or other entries by their numbers: a relation is found from each of them.
    """

    kind_title: ClassVar[str] = "基础库"
    field_names: ClassVar = {
        "units": "负责单位", "flow": "异议的流程", "of": "谁的档案", "key": "主键", "name": "名称列", "narrow": "与名称一起查的列", "region": "所在区划的列",
        "links": "指向他人的列", "called": "档案的叫法",
        "columns": "各列", "element": "数据元", "purposes": "查看档案的用途", "ColumnPart.name": "列名", "answers": "答复",
        "answers_as": "答复时叫什么", "AnswerPart.of": "答复的是谁", "through": "经哪个库", "AnswerPart.columns": "答复的列",
        "elements": "另有数据元的列", "names": "答复姓名的列", "unless": "有值就不答复的列",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"units", "columns", "purposes", "answers"})
    named_lists: ClassVar = {"columns": "name"}

    units: Annotated[tuple[OrgKind, ...], Field(min_length=1, max_length=5)]
    flow: PackId
    of: Literal["person", "firm", "relation", "thing"] | None = None
    called: Text = Text("档案", "File")
    key: ColumnName | None = None
    name: ColumnName | None = None
    narrow: ColumnName | None = None
    region: ColumnName | None = None
    links: Annotated[tuple[ColumnName, ...], Field(max_length=6)] = ()
    columns: Annotated[tuple[ColumnPart, ...], Field(max_length=100)] = ()
    purposes: tuple[Annotated[str, StringConstraints(min_length=2, max_length=60)], ...] = ()
    answers: Annotated[tuple[AnswerPart, ...], Field(max_length=20)] = ()
    answers_as: Text | None = None

    @model_validator(mode="after")
    def _holds_together(self) -> "RegistryPack":
        names = [each.name for each in self.columns]
        for said in (self.key, self.name, self.narrow, self.region, *self.links):
            if said is not None and said not in names:
                raise PackFault(f"columns 里没有“{said}”", f"可以写：{'、'.join(names)}")
        for part in self.answers:
            for said in (*part.columns, *part.elements, *filter(None, (part.unless,))):
                if said not in names:
                    raise PackFault(f"columns 里没有“{said}”", f"可以写：{'、'.join(names)}")
            for said in (*part.names, *filter(None, (part.of,))):
                if said not in (*self.links, *filter(None, (self.key,))):
                    raise PackFault(f"“{said}”不指明是谁", f"可以写：{'、'.join((self.key or '', *self.links))}")
        if self.columns and (self.key is None or self.of is None):
            raise PackFault("有 columns 就要写 key 和 of", "key 写按哪一列找，of 写 person、firm、relation 或 thing")
        return self

    def answered(self, part: AnswerPart) -> dict[str, str]:
        """The elements that a part answers for, by columns."""
        own = {each.name: each.element for each in self.columns if each.name in part.columns}
        return own | dict(part.elements)


class RegistryFeedPack(PackModel):
    """Which table of this place feeds a registry, and the columns that it adds: a registry is the same everywhere, its table is not."""

    kind_title: ClassVar[str] = "基础库来源"
    field_names: ClassVar = {
        "registry": "基础库", "columns": "另加的列", "element": "数据元", "feed": "从哪张湖表来", "table": "湖表", "since": "生效日期列",
        "sources": "来源", "source": "来自", "resource": "目录资源", "gone_most": "最多少报百分之几", "code": "编号",
        "ColumnPart.name": "列名", "of": "各列的来源", "FeedPart.columns": "对应的湖表列", "key": "湖表的主键列",
    }  # fmt: skip

    registry: PackId
    columns: Annotated[tuple[ColumnPart, ...], Field(max_length=50)] = ()
    feed: FeedPart

    @model_validator(mode="after")
    def _names_its_sources(self) -> "RegistryFeedPack":
        codes = {each.code for each in self.feed.sources}
        if wrong := next((code for code in (self.feed.source, *self.feed.of.values()) if code not in codes), None):
            raise PackFault(f"sources 里没有“{wrong}”", "请把它写进 sources")
        return self


class KeptRegistry(RegistryPack):
    """A registry as it is kept here: with its feed, and the columns that the feed adds."""

    feed: FeedPart | None = None


def _check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(RegistryPack)
    if packs.find("Flow", body.flow) is None:
        yield pack.problem("flow", f"没有流程“{body.flow}”。", "请核对编号，或先写这个流程。")
    for each in body.columns:
        if packs.find("DataElement", each.element) is None:
            yield pack.problem("columns", f"没有数据元“{each.element}”。", "请核对编号，或在配置包中添加。")


def _check_feed(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(RegistryFeedPack)
    registry = packs.find(REGISTRY, body.registry)
    if registry is None:
        yield pack.problem("registry", *packs.missing(REGISTRY, body.registry))
        return
    others = [each for each in packs.all_of(FEED) if each.as_type(RegistryFeedPack).registry == body.registry]
    if others[0].id != pack.id:
        yield pack.problem(
            "registry", f"“{body.registry}”已有来源“{others[0].id}”。", "一个基础库在一个地方只从一张湖表来。"
        )
    names = {each.name for each in (*registry.as_type(RegistryPack).columns, *body.columns)}
    for name in (*body.feed.columns, *body.feed.of):
        if name not in names:
            yield pack.problem("feed", f"基础库没有列“{name}”。", "请核对列名，或写进 columns。")
    for each in body.columns:
        if packs.find("DataElement", each.element) is None:
            yield pack.problem("columns", *packs.missing("DataElement", each.element))


def register_kinds() -> None:
    register(REGISTRY, RegistryPack, check=_check)
    register(FEED, RegistryFeedPack, check=_check_feed)
