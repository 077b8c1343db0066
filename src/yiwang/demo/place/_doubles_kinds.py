"""Pack kind of made-up registers in which the same person or firm stands several times: how often, and with which errors."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from yiwang.kernel.packs.contracts import PackFault, PackModel, PackPart, register

DOUBLES = "Doubles"
Share = Annotated[float, Field(ge=0, le=1)]
Code = Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]


class SharePart(PackPart):
    """One kind of error (of a repeated record) or of lookalike (another person or firm), and how often."""

    code: Code
    title: str
    share: Share


class RegisterPart(PackPart):
    sources: Annotated[tuple[str, ...], Field(min_length=2, max_length=20)]
    errors: Annotated[tuple[SharePart, ...], Field(min_length=1, max_length=60)]
    lookalikes: tuple[SharePart, ...] = ()

    def shares(self) -> dict[str, float]:
        return {part.code: part.share for part in (*self.errors, *self.lookalikes)}


class Doubles(PackModel):
    """`copies` weighs one, two, three … records of the same; the first has no error, each later one each error by its share."""

    kind_title: ClassVar[str] = "演示重复记录"
    field_names: ClassVar = {
        "until": "最晚的出生日期", "copies": "各有几条的可能性", "people": "人口", "firms": "企业", "sources": "来源",
        "errors": "错误", "lookalikes": "相像的另一个", "code": "编号", "share": "比例", "given": "名字用字",
        "similar": "形近字", "accents": "口音", "roads": "路名用字", "road_forms": "路名后缀", "elsewhere": "外地",
        "brand": "字号用字", "trade_words": "行业用词", "firm_types": "组织形式的两种写法",
    }  # fmt: skip

    until: date
    copies: Annotated[tuple[int, ...], Field(min_length=1, max_length=10)]
    people: RegisterPart
    firms: RegisterPart
    given: Annotated[str, Field(min_length=10)]
    similar: tuple[Annotated[str, Field(min_length=2, max_length=6)], ...]
    accents: tuple[tuple[str, str], ...]
    roads: Annotated[str, Field(min_length=4)]
    road_forms: Annotated[tuple[str, ...], Field(min_length=1)]
    elsewhere: Annotated[dict[str, str], Field(min_length=1)]
    brand: Annotated[str, Field(min_length=4)]
    trade_words: Annotated[tuple[str, ...], Field(min_length=2)]
    firm_types: Annotated[tuple[tuple[str, str], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _some_copies(self) -> "Doubles":
        if not sum(self.copies):
            raise PackFault("copies 的各项都是零", "请至少写一个大于零的数")
        return self


def register_kinds() -> None:
    register(DOUBLES, Doubles)
