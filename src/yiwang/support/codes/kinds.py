"""Pack kinds Scene (扫码场景) and CodePolicy (一码通管理规则)."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from yiwang.kernel.packs import queries as packs_in_force
from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackSet, Problem, Text
from yiwang.support.codes import _values
from yiwang.support.codes._code import CodeKind
from yiwang.support.codes.contracts import SCAN, Mode

SCENE, CODE_POLICY = "Scene", "CodePolicy"
ELEMENT, POST_TYPE, LICENCE_TYPE = "DataElement", "PostType", "LicenceType"
HOLDERS = {"person": CodeKind.PERSON, "firm": CodeKind.FIRM}
LEARNED_MAX = 12

ValueName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z.-]*(:[a-z0-9-]+)?$", max_length=80)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class ScenePack(PackModel):
    """One scene: who may scan, whose codes, what they learn and on which ground.

    `learns` is the declaration that people are shown; `screen` is what stands on the scanner's screen (all of it when
    left out) and `fills` what goes into the fields of a form. Neither may hold what is not declared. `level` (1–4) is how sure
    it must have been who showed the code.
    """

    kind_title: ClassVar[str] = "扫码场景"
    field_names: ClassVar = {
        "purpose": "用途", "holders": "谁的码", "posts": "谁可以扫", "mode": "联网方式", "learns": "扫码人得知的信息",
        "screen": "屏幕上显示", "fills": "填入表单", "level": "出示人的认证等级",
        "once": "同一个码只能扫一次", "keep_days": "扫码记录保存天数",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "purpose", "posts", "keep_days"})

    purpose: Text
    holders: Annotated[tuple[Literal["person", "firm"], ...], Field(min_length=1)]
    posts: Annotated[tuple[PackId, ...], Field(min_length=1)]
    mode: Mode
    learns: Annotated[tuple[ValueName, ...], Field(max_length=LEARNED_MAX)] = ()
    screen: tuple[ValueName, ...] | None = None
    fills: Mapping[FieldName, tuple[ValueName, ...]] = Field(default_factory=dict)
    level: Annotated[int, Field(ge=1, le=4)] = 1
    once: bool = True
    keep_days: Annotated[int, Field(ge=1, le=1100)]

    @property
    def kinds(self) -> frozenset[CodeKind]:
        return frozenset(HOLDERS[each] for each in self.holders)

    @property
    def shown(self) -> tuple[str, ...]:
        return self.learns if self.screen is None else self.screen

    @property
    def authority(self) -> str:
        return "；".join(f"《{each.title}》{each.document_no}{_article(each.article)}" for each in self.legal_basis)[
            :300
        ]


class CodePolicyPack(PackModel):
    """How long a code on a screen holds, how far clocks may differ, how late a gate may report."""

    kind_title: ClassVar[str] = "一码通管理规则"
    field_names: ClassVar = {
        "lives_seconds": "码的有效秒数", "skew_seconds": "允许的时钟误差秒数", "offline_days": "离线记录最迟几天上传",
        "door_units": "门牌页列出的服务单位类别",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"lives_seconds", "skew_seconds", "offline_days", "door_units"})

    lives_seconds: Annotated[int, Field(ge=15, le=300)]
    skew_seconds: Annotated[int, Field(ge=0, le=120)]
    offline_days: Annotated[int, Field(ge=1, le=30)]
    door_units: Annotated[tuple[PackId, ...], Field(max_length=8)] = ()


def scenes() -> list[Pack]:
    """Every scene in force, by id."""
    return packs_in_force.all_of(SCENE)


def check_scene(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """Nothing is shown that is not declared, nothing is declared without a ground, and somebody may scan."""
    body = pack.as_type(ScenePack)
    if not body.legal_basis:
        yield pack.problem("legal_basis", "扫码得知他人信息没有写依据。", "请写出法律或文件的名称和条款。")
    for name, text in (("title", body.title), ("purpose", body.purpose)):
        if not text.en:
            yield pack.problem(name, "没有英文。", "请写成 {zh: …, en: …}。")
    yield from _values_known(pack, body, packs)
    yield from _nothing_more(pack, body)
    yield from _somebody_scans(pack, body, packs)
    if body.mode is Mode.OFFLINE and (body.learns or body.holders != ("person",)):
        yield pack.problem(
            "mode", "离线验码的设备只能知道码是真的，得不到任何信息，也查不到企业授权。",
            "请去掉 learns，holders 只写 person；或改为 mode: online。",
        )  # fmt: skip


def check_policy(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """One for the place."""
    if len(packs.ids(CODE_POLICY)) > 1:
        yield pack.problem((), "一码通管理规则只能有一份。", "请只留一份。")


def _values_known(pack: Pack, body: ScenePack, packs: PackSet) -> Iterator[Problem]:
    elements = set(packs.ids(ELEMENT))
    for index, name in enumerate(body.learns):
        where = ("learns", index)
        head, argument = _values.split(name)
        value = _values.VALUES.get(head)
        if value is None:
            yield pack.problem(where, f"没有可以提供的信息“{head}”。", f"可写：{'、'.join(sorted(_values.VALUES))}。")
            continue
        if bool(argument) != bool(value.argument):
            yield pack.problem(where, f"“{name}”的写法不对。", f"请写成 {_spelling(head, value.argument)}。")
        elif value.argument == "years" and not re.fullmatch(r"\d{1,3}", argument):
            yield pack.problem(where, f"“{argument}”不是周岁数。", "请写成 person.age-at-least:60。")
        elif value.argument == "licence" and argument not in packs.ids(LICENCE_TYPE):
            yield pack.problem(where, f"没有证照类型 {argument}。", "请核对证照类型。")
        if elements and value.element and value.element not in elements:
            yield pack.problem(where, f"没有数据元 {value.element}。", "请先在数据标准中登记。")
        if not value.holders & body.kinds:
            yield pack.problem(where, f"“{name}”不是这个场景的持码人的信息。", "请改 holders，或去掉它。")


def _nothing_more(pack: Pack, body: ScenePack) -> Iterator[Problem]:
    declared = set(body.learns)
    shown = [(("screen", index), name) for index, name in enumerate(body.screen or ())]
    filled = [(("fills", key, n), name) for key, names in body.fills.items() for n, name in enumerate(names)]
    for where, name in (*shown, *filled):
        if name not in declared:
            yield pack.problem(
                where, f"“{name}”没有在 learns 里声明，不能提供。", "请先在 learns 里声明，或在这里去掉。"
            )


def _somebody_scans(pack: Pack, body: ScenePack, packs: PackSet) -> Iterator[Problem]:
    permitted = {each.id: each.raw.get("permissions", ()) for each in packs.all_of(POST_TYPE)}
    for index, post in enumerate(body.posts):
        if post not in permitted:
            yield pack.problem(("posts", index), *packs.missing(POST_TYPE, post))
        elif SCAN not in permitted[post]:
            yield pack.problem(
                ("posts", index), f"岗位 {post} 没有扫码的权限。", f"请在岗位的 permissions 里加 {SCAN}。"
            )


def _spelling(head: str, argument: str) -> str:
    return f"{head}:60" if argument == "years" else f"{head}:证照类型" if argument else head


def _article(article: str) -> str:
    return f"第{article}条" if article else ""
