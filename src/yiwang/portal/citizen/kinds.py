"""Pack kinds HomePage (首页) and Notice (公告): what a place puts on its front page."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackPart, PackSet, Problem, Text

HOME_PAGE, NOTICE = "HomePage", "Notice"
THEMES: dict[Literal["person", "firm"], str] = {"person": "matter.theme-person", "firm": "matter.theme-firm"}
Icon = Annotated[str, Field(pattern=r"^[a-z]+$")]


class ThemePart(PackPart):
    """A tile of the grid: a theme of the code list, with its icon and its own words where these say more."""

    theme: PackId
    icon: Icon
    title: Text | None = None


class ElderPart(PackPart):
    """One of the four things of 长辈版; `to` is the name of a page, `search` words to look for, or `call` a telephone."""

    title: Text
    note: Text
    icon: Icon
    to: str | None = None
    theme: str | None = None
    call: str | None = None


class HomePagePack(PackModel):
    """Order and choice of what stands on the front page."""

    kind_title: ClassVar[str] = "首页"
    field_names: ClassVar = {
        "person": "个人服务主题", "firm": "法人服务主题", "hot": "热门搜索", "planned": "计划推出",
        "elder": "长者入口", "theme": "主题", "icon": "图标", "to": "去向", "call": "电话",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"person", "firm", "planned", "elder", "hot"})

    person: tuple[ThemePart, ...]
    firm: tuple[ThemePart, ...]
    hot: tuple[Text, ...] = ()
    planned: tuple[Text, ...] = ()
    elder: Annotated[tuple[ElderPart, ...], Field(min_length=4, max_length=4)]


class NoticePack(PackModel):
    """A notice to everybody, in paragraphs."""

    kind_title: ClassVar[str] = "公告"
    field_names: ClassVar = {
        "published_on": "发布日期", "until": "展示到", "issuer": "发布单位", "body": "正文",
    }  # fmt: skip

    published_on: date
    until: date | None = None
    issuer: Text | None = None
    body: Annotated[tuple[Text, ...], Field(min_length=1)]


def themes_exist(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every tile leads to a theme of its code list."""
    body = pack.as_type(HomePagePack)
    with packs_queries.using(packs):
        for side, list_id in THEMES.items():
            known = {item.code for item in elements.code_list(list_id).items}
            for i, tile in enumerate(body.person if side == "person" else body.firm):
                if tile.theme not in known:
                    yield pack.problem((side, i, "theme"), f"没有主题“{tile.theme}”。", f"请从代码集 {list_id} 中选。")
