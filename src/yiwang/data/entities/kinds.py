"""Pack kind EntityModel (实体归一模型): which registers, compared how, from which evidence on, and whose value survives."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from yiwang.data.entities._comparisons import WAYS
from yiwang.data.entities.contracts import ROLES
from yiwang.kernel.packs.contracts import PackFault, PackModel, PackPart, register

MODEL = "EntityModel"
ColumnName = Annotated[str, Field(pattern=r"^\w{1,80}$")]
Chance = Annotated[float, Field(gt=0, lt=1)]
BLOCKS = {
    "person": frozenset({"name", "sound", "blur", "born_on", "id_number", "phone", "place", "sex", "county"}),
    "firm": frozenset({"name", "core", "sound", "blur", "code", "leader", "phone", "place", "county"}),
}


class SourcePart(PackPart):
    """A register: where it stands in the lake, the column that names a record, which column holds what; the lowest rank is believed first."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")]
    title: str
    table: str
    key: ColumnName
    rank: Annotated[int, Field(ge=1, le=99)]
    seen_on: ColumnName | None = None
    columns: Annotated[Mapping[str, ColumnName], Field(min_length=1)]


class ComparePart(PackPart):
    """A way of comparing; for each level how often it holds for the same one, and for two different ones."""

    way: str
    levels: Mapping[str, tuple[Chance, Chance]]


class EntityModel(PackModel):
    """`accept` and `review` are bits of evidence (log2 of the odds): from `accept` on taken as the same, between the two a person is asked."""

    kind_title: ClassVar[str] = "实体归一模型"
    field_names: ClassVar = {
        "of": "什么实体", "sources": "来源", "compare": "比较", "blocks": "先按什么对上", "prior": "对上的两条是同一个的可能性",
        "accept": "从几比特起算同一个", "review": "从几比特起由人判断", "survive": "取哪个来源的值", "open_max": "最多留多少对可以打开",
        "table": "湖表", "key": "主键列", "rank": "可信的先后", "seen_on": "更新日期列", "columns": "各列", "way": "怎么比", "levels": "各级的可能性",
        "code": "编号",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"sources", "accept", "review", "survive"})

    of: Literal["person", "firm"]
    sources: tuple[SourcePart, ...] = ()
    compare: Annotated[tuple[ComparePart, ...], Field(min_length=1, max_length=12)]
    blocks: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1, max_length=12)]
    prior: Chance
    accept: float
    review: float
    survive: Mapping[str, tuple[Literal["rank", "fresh", "complete"], ...]] = Field(default_factory=dict)
    open_max: Annotated[int, Field(ge=0, le=20_000)] = 2000

    @model_validator(mode="after")
    def _holds_together(self) -> "EntityModel":
        if self.review > self.accept:
            raise PackFault("由人判断的起点高于算同一个的起点", "请写 review 不高于 accept")
        for part in self.compare:
            _check_way(part)
        for block in self.blocks:
            if wrong := set(block) - BLOCKS[self.of]:
                said = "、".join(sorted(BLOCKS[self.of]))
                raise PackFault(f"不能按“{sorted(wrong)[0]}”对上", f"可以写：{said}")
        named = [*self.survive, *(role for source in self.sources for role in source.columns)]
        if wrong_role := next((role for role in named if role not in ROLES[self.of]), None):
            raise PackFault(f"没有“{wrong_role}”这一项", f"可以写：{'、'.join(ROLES[self.of])}")
        return self


def _check_way(part: ComparePart) -> None:
    if part.way not in WAYS:
        raise PackFault(f"没有“{part.way}”这种比较", f"可以写：{'、'.join(WAYS)}")
    known = [level.code for level in WAYS[part.way][2]]
    if set(known) != set(part.levels):
        raise PackFault(f"“{part.way}”的各级没有写全或写多了", f"请写：{'、'.join(known)}")


def register_kinds() -> None:
    register(MODEL, EntityModel)
