"""The pack kind DemoPlay: how people of a demo place behave on a working day, and what they say."""

import random
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from yiwang.kernel.packs.contracts import PackId, PackModel, PackPart, register

PLAY = "DemoPlay"
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[int, Field(ge=0)]


class FamilyPart(PackPart):
    """One kind of family that files, and what it answers otherwise than the usual one."""

    name: str
    weight: Weight
    children: Annotated[int, Field(ge=1, le=4)] = 1
    single: bool = False
    rare: bool = False
    born_days_ago: Annotated[int, Field(ge=0, le=700)] = 0
    changes: Mapping[str, Any] = Field(default_factory=dict, alias="with")


class SaidPart(PackPart):
    """What somebody calls about; `category` and `region` as the hotline knows them."""

    kind: str
    category: str
    region: str
    place: str
    words: str


class Calls(PackPart):
    """A day of the hotline: who calls about what, and how often each way is taken (`step.choice`)."""

    a_day: Annotated[float, Field(ge=0, le=5000)]
    callers: tuple[str, ...]
    said: Annotated[tuple[SaidPart, ...], Field(min_length=1)]
    ways: Mapping[str, Weight]
    grounds: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    forms: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)


class GridKind(PackPart):
    """One kind of incident that grid workers find, and what they say of it."""

    type: Annotated[str, Field(pattern=r"^(event|component):\d{4}$")]
    weight: Weight = 1
    words: tuple[str, ...] = ()


class GridDay(PackPart):
    """A day in the grids: how many reports, of what, and what is done at each step by weight."""

    a_day: Annotated[float, Field(gt=0, le=1000)]
    self_handled: Share = 0.5
    types: Annotated[tuple[GridKind, ...], Field(min_length=1)]
    choices: Mapping[str, Mapping[str, Weight]]
    grounds: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def pick(self, chance: random.Random, step: str) -> str | None:
        """A choice at a step by weight; None at a step where nothing is ever done."""
        weights = self.choices.get(step) or {}
        return chance.choices(list(weights), list(weights.values()))[0] if any(weights.values()) else None


class DemoPlay(PackModel):
    """Weights of choices by their code, and the words that go with them."""

    kind_title: ClassVar[str] = "演示剧本"
    field_names: ClassVar = {
        "journey": "一件事", "a_day": "一天件数", "rated": "评价比例", "urged": "催办比例", "withdrawn": "撤回比例",
        "choices": "办法比例", "never": "不取的办法", "levels": "评价等级比例", "grounds": "理由",
        "good_words": "好评的话", "bad_words": "差评的话", "urges": "催办的话", "withdrawals": "撤回的话",
        "forms": "表单内容", "outside": "外部系统", "families": "家庭", "weight": "权重", "children": "孩子数",
        "single": "单亲", "rare": "生僻字", "born_days_ago": "出生几天前", "with": "另填内容",
        "calls": "热线来电", "callers": "来电人", "said": "说了什么", "kind": "诉求类型",
        "category": "分类", "region": "属地", "place": "地点", "words": "原话", "ways": "走法比例",
        "grids": "网格的一天", "GridDay.choices": "各环节的办法", "self_handled": "当场处置比例", "types": "事件类型",
        "type": "类型", "GridKind.words": "说明",
    }  # fmt: skip

    journey: PackId
    a_day: Annotated[float, Field(gt=0, le=500)]
    rated: Share
    urged: Share
    withdrawn: Share
    choices: Mapping[str, Weight]
    never: tuple[str, ...] = ()
    levels: Mapping[str, Weight]
    grounds: Mapping[str, tuple[str, ...]]
    good_words: tuple[str, ...]
    bad_words: tuple[str, ...]
    urges: tuple[str, ...]
    withdrawals: tuple[str, ...]
    forms: Mapping[PackId, Mapping[str, str]]
    outside: Mapping[str, Mapping[str, str]]
    families: tuple[FamilyPart, ...]
    calls: Calls | None = None
    grids: GridDay | None = None

    def pick(self, chance: random.Random, step: str, offered: Sequence[str]) -> str | None:
        """One of the offered choices by weight; None when none of them is ever taken."""
        weights = {code: self.choices.get(code, 0) for code in offered if f"{code}@{step}" not in self.never}
        known = {code: weight for code, weight in weights.items() if weight}
        return chance.choices(list(known), list(known.values()))[0] if known else None

    def words_for(self, chance: random.Random, choice: str) -> str:
        return chance.choice(self.grounds.get(choice) or ("",))

    def family(self, chance: random.Random) -> FamilyPart:
        return chance.choices(self.families, [family.weight for family in self.families])[0]

    def level(self, chance: random.Random) -> int:
        return int(chance.choices(list(self.levels), list(self.levels.values()))[0])


def register_kinds() -> None:
    register(PLAY, DemoPlay)
