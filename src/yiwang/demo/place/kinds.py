"""Pack kinds of a demo place: its bodies, its accounts and the name parts of its people."""

import random
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yiwang.kernel.packs.contracts import PackId, PackModel, PackPart, register

PLACE, NAMES = "DemoPlace", "Names"


class RegionPart(PackPart):
    """One division and, below a county, its towns with their villages."""

    code: str
    name: str
    towns: dict[str, list[str]] = Field(default_factory=dict)


class StaffPart(PackPart):
    """One account per organisation of a kind: its user name is `<region alias>.<suffix>`.

    The list of sign-ins shows one for each post; `shown` adds one whose post another already stands for.
    """

    suffix: str
    post: str
    title: str
    backup: bool = False
    shown: bool = False


class OrganisationPart(PackPart):
    """A body, made once for each region listed; `{region}` in texts is the region's name, `offset` degrees from its centre."""

    kind: str
    name: str
    short: str
    mark: str = ""
    regions: list[str]
    parent: str = ""
    phone: str = ""
    address: str = ""
    offset: tuple[float, float] | None = None
    staff: list[StaffPart] = Field(default_factory=list)


class ResidentPart(PackPart):
    """A named resident with an account, placed in a village."""

    username: str
    name: str
    sex: str
    born_on: date
    village: str
    phone: str
    spouse: str = ""
    scheme: str = "medical-resident"
    note: str = ""


class MandatePart(PackPart):
    principal: str
    agent: str
    scope: str
    document_no: str


class CreditPart(PackPart):
    """A made-up credit record; of a list for all firms, `per_mille` of them have it, up to `spread_days` older."""

    kind: Literal["licence", "penalty", "red", "black", "commitment", "broken"]
    authority: str
    title: str
    word: str
    days_ago: Annotated[int, Field(ge=0, le=3000)]
    severity: Literal["", "minor", "general", "serious"] = ""
    list: str = ""
    content: str = ""
    per_mille: Annotated[int, Field(ge=0, le=1000)] = 0
    spread_days: Annotated[int, Field(ge=0, le=3000)] = 0


class FirmPart(PackPart):
    """A named firm: led by one named resident, and acted for by another."""

    name: str
    village: str
    representative: str
    agent: str
    industry: str
    established_on: date
    document_no: str
    credit: tuple[CreditPart, ...] = ()


class CensusPart(PackPart):
    """A census of data that runs when the place is made: who asks, and what units are told."""

    by: str
    title: str
    words: str


class ObjectionPart(PackPart):
    """What somebody who uses a resource says of a named resident's record; `field` is where we hold that value."""

    by: str
    resource: PackId
    item: str
    resident: str
    field: Literal["name", "address"]
    claimed: str
    words: str


class DemoPlace(PackModel):
    """A whole made-up place; `centres` are where the middle of each region would be, on no real coast."""

    kind_title: ClassVar[str] = "演示地"
    field_names: ClassVar = {
        "password": "口令", "aliases": "账号前缀", "regions": "区划", "organisations": "单位", "residents": "居民",
        "mandates": "委托", "towns": "乡镇街道", "short": "简称", "mark": "机关代字", "parent": "上级单位",
        "phone": "电话", "address": "地址", "staff": "人员", "username": "账号", "sex": "性别",
        "born_on": "出生日期", "village": "村居", "spouse": "配偶", "scheme": "参保险种", "principal": "委托人",
        "agent": "代办人", "scope": "范围", "document_no": "授权书号", "suffix": "账号后缀", "post": "岗位",
        "shown": "列入演示账号", "backup": "AB岗", "OrganisationPart.kind": "单位类别", "offset": "离中心多远", "centres": "各区划的中心坐标",
        "firms": "企业", "representative": "法定代表人", "industry": "行业", "established_on": "成立日期",
        "credit": "信用记录", "CreditPart.kind": "记录类别", "authority": "作出单位类别", "title": "名称", "word": "文号用字",
        "days_ago": "几天前作出", "severity": "失信程度", "list": "名单", "content": "内容", "per_mille": "千家中几家有",
        "spread_days": "再早多少天以内", "grids_a_village": "每村网格数", "doors_a_road": "每路门牌数", "roads": "道路", "sites": "场所",
        "censuses": "正在开展的普查", "objections": "等待答复的异议", "by": "谁", "words": "说明", "resource": "数据资源", "item": "信息项",
        "resident": "哪位居民", "field": "登记的哪一项", "claimed": "应为",
    }  # fmt: skip

    password: str
    aliases: dict[str, str]
    centres: dict[str, tuple[float, float]] = Field(default_factory=dict)
    regions: list[RegionPart]
    organisations: list[OrganisationPart]
    residents: list[ResidentPart]
    mandates: list[MandatePart] = Field(default_factory=list)
    grids_a_village: Annotated[int, Field(ge=0, le=50)] = 0
    doors_a_road: Annotated[int, Field(ge=1, le=400)] = 40
    roads: list[str] = Field(default_factory=list)
    sites: list[str] = Field(default_factory=list)
    firms: list[FirmPart] = Field(default_factory=list)
    credit: tuple[CreditPart, ...] = ()
    censuses: tuple[CensusPart, ...] = ()
    objections: tuple[ObjectionPart, ...] = ()


class Names(PackModel):
    """Name parts, the frequent ones first; weights fall with rank."""

    kind_title: ClassVar[str] = "演示姓名"
    field_names: ClassVar = {
        "city": "市名", "surnames": "姓", "compound_surnames": "复姓", "male": "男名用字", "female": "女名用字",
        "rare": "生僻字", "minorities": "少数民族", "brands": "字号", "trades": "行业",
    }  # fmt: skip

    city: str
    surnames: str
    compound_surnames: list[str]
    male: str
    female: str
    rare: str
    minorities: list[str]
    brands: str
    trades: dict[str, str]

    def surname(self, chance: random.Random) -> str:
        if chance.random() < 0.004:
            return chance.choice(self.compound_surnames)
        return _ranked(chance, self.surnames)

    def given(self, chance: random.Random, *, male: bool) -> str:
        signs = self.male if male else self.female
        if chance.random() < 0.002:
            return chance.choice(self.rare)
        length = 1 if chance.random() < 0.18 else 2
        return "".join(_ranked(chance, signs) for _ in range(length))

    def somebody(self, chance: random.Random) -> str:
        """A whole name, of a man or a woman."""
        return self.surname(chance) + self.given(chance, male=chance.random() < 0.5)

    def minority(self, chance: random.Random) -> str:
        return chance.choice(self.minorities)

    def brand(self, chance: random.Random) -> str:
        return chance.choice(self.brands) + chance.choice(self.brands)

    def trade(self, chance: random.Random) -> tuple[str, str]:
        """A trade word of a firm's name and its industry."""
        word = chance.choice(list(self.trades))
        return word, self.trades[word]


def _ranked(chance: random.Random, signs: str) -> str:
    return signs[int(len(signs) * chance.random() ** 2)]


def register_kinds() -> None:
    register(PLACE, DemoPlace)
    register(NAMES, Names)
