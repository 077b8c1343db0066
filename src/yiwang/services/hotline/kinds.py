"""Pack kinds of the hotline: the tree of categories, who does what where, limits and reasons, answers to common questions."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from yiwang.kernel.packs.contracts import (
    LegalBasis,
    Pack,
    PackId,
    PackModel,
    PackPart,
    PackSet,
    Problem,
    Text,
    register,
)
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.hotline.contracts import TicketKind, Urgency

CATEGORIES, CATALOGUE, POLICY, ANSWER = "TicketCategory", "DispatchCatalogue", "TicketPolicy", "HotlineAnswer"
FLOW = "Flow"
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}([0-9]{2}([0-9]{2})?)?$")]
Reason = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
OrgKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=40)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=20)]


class Topic(PackPart):
    """A category; `words` are what people say when they mean it, on a branch what other lists call it. Two digits a level."""

    code: Code
    name: Text
    words: tuple[Word, ...] = ()


class Group(Topic):
    """A second level with its third."""

    parts: tuple[Topic, ...] = ()


class CategoryTree(PackModel):
    """One branch of the tree: a first level with everything below it."""

    kind_title: ClassVar[str] = "诉求分类"
    field_names: ClassVar = {"code": "代码", "words": "常用说法", "parts": "下级"}
    overridable: ClassVar[frozenset[str]] = frozenset({"title", "words", "parts"})
    named_lists: ClassVar = {"parts": "code"}

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$")]
    words: tuple[Word, ...] = ()
    parts: Annotated[tuple[Group, ...], Field(min_length=1)]


class Entry(PackPart):
    """`topic` is a category or all below it; `unit` the kind of office, looked for at the place or nearest above it."""

    topic: Code
    unit: OrgKind
    place: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] | None = None
    helpers: tuple[OrgKind, ...] = ()
    basis: LegalBasis | None = None


class DispatchCatalogue(PackModel):
    """派单目录: topic and place to unit. The longest topic decides, then the nearest place."""

    kind_title: ClassVar[str] = "派单目录"
    field_names: ClassVar = {
        "entries": "条目", "topic": "诉求分类", "unit": "承办单位类别", "place": "地方", "helpers": "协办单位类别",
        "basis": "依据", "otherwise": "没有条目时",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"entries", "otherwise"})
    named_lists: ClassVar = {"entries": "topic"}

    entries: tuple[Entry, ...]
    otherwise: OrgKind


class Limits(PackPart):
    """How long: to sign for it, to reach the caller, to see to it."""

    sign: Limit
    respond: Limit
    handle: Limit


class NotAccepted(PackPart):
    """A reason why the hotline does not take something, and where to go with it."""

    code: Reason
    name: Text
    where: Text
    basis: LegalBasis | None = None


class Named(PackPart):
    code: Reason
    name: Text
    basis: LegalBasis | None = None


class TicketPolicy(PackModel):
    """Everything about tickets that places decide for themselves."""

    kind_title: ClassVar[str] = "热线规则"
    field_names: ClassVar = {
        "flow": "流程", "help_flow": "协办流程", "office": "热线机构类别", "limits": "时限", "by_kind": "按诉求类型的时限",
        "by_urgency": "按紧急程度的时限", "sign": "签收", "respond": "首次联系", "handle": "办理",
        "return_within": "退单期限", "not_accepted": "不予受理情形", "where": "该找谁", "exclusions": "剔除情形",
        "assessed": "计入考核的诉求类型", "confidential": "保密的诉求类型", "calls_max": "回访次数",
        "alike_percent": "疑似重复的相似度", "alike_days": "疑似重复看几天", "a_phone_a_day": "一个号码一天最多件数",
        "return_grounds": "退单理由", "park_days_max": "挂账最长天数", "code": "代码", "basis": "依据",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset(
        {
            "flow", "help_flow", "by_kind", "by_urgency", "limits", "return_within", "not_accepted", "exclusions",
            "assessed", "confidential", "calls_max", "alike_percent", "alike_days", "a_phone_a_day", "return_grounds",
            "park_days_max",
        }
    )  # fmt: skip
    named_lists: ClassVar = {"not_accepted": "code", "exclusions": "code", "return_grounds": "code"}

    flow: PackId
    help_flow: PackId
    office: OrgKind = "hotline"
    limits: Limits
    by_kind: Mapping[TicketKind, Limits] = Field(default_factory=dict)
    by_urgency: Mapping[Urgency, Limits] = Field(default_factory=dict)
    return_within: Limit
    return_grounds: Annotated[tuple[Named, ...], Field(min_length=1)]
    not_accepted: Annotated[tuple[NotAccepted, ...], Field(min_length=1)]
    exclusions: Annotated[tuple[Named, ...], Field(min_length=1)]
    assessed: tuple[TicketKind, ...]
    confidential: tuple[TicketKind, ...] = (TicketKind.REPORT,)
    calls_max: Annotated[int, Field(ge=1, le=9)] = 3
    alike_percent: Annotated[int, Field(ge=1, le=100)] = 40
    alike_days: Annotated[int, Field(ge=1, le=366)] = 30
    a_phone_a_day: Annotated[int, Field(ge=1, le=1000)] = 30
    park_days_max: Annotated[int, Field(ge=1, le=366)] = 180

    def limits_for(self, kind: TicketKind, urgency: Urgency) -> Limits:
        """Urgency before kind before the rest."""
        if urgency in self.by_urgency:
            return self.by_urgency[urgency]
        return self.by_kind.get(kind, self.limits)


class HotlineAnswer(PackModel):
    """知识库: a common question, how people ask it, and the answer. Past `valid_until` it is not offered any more."""

    kind_title: ClassVar[str] = "热线知识"
    field_names: ClassVar = {
        "asks": "常见问法", "answer": "答复", "category": "诉求分类", "valid_until": "有效期", "source": "来源",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"title", "asks", "answer", "valid_until", "source"})

    asks: tuple[str, ...] = ()
    answer: Text
    category: Code
    valid_until: date | None = None
    source: str = ""


def every(tree: CategoryTree) -> Iterable[tuple[str, Text, tuple[str, ...], str]]:
    """Code, name, words and the code above of every category of a branch, parents first."""
    yield tree.code, tree.title, tree.words, ""
    for group in tree.parts:
        yield group.code, group.name, group.words, tree.code
        for topic in group.parts:
            yield topic.code, topic.name, topic.words, group.code


def check_tree(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every code once in all branches, and each below the one it begins with."""
    mine = list(every(pack.as_type(CategoryTree)))
    others = {
        code
        for other in packs.all_of(CATEGORIES)
        if other.id != pack.id
        for code, *_ in every(other.as_type(CategoryTree))
    }
    seen: set[str] = set()
    for code, name, _words, above in mine:
        if code in seen or code in others:
            yield pack.problem("parts", f"分类代码 {code} 出现了两次。", "请给每个分类一个自己的代码。")
        if above and not (code.startswith(above) and len(code) == len(above) + 2):
            yield pack.problem("parts", f"“{name}”的代码 {code} 不在 {above} 之下。", "每一级加两位数字。")
        seen.add(code)


def check_catalogue(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every topic is one of the tree; none stands twice for one place."""
    known = _codes(packs)
    seen: set[tuple[str, str | None]] = set()
    for index, entry in enumerate(pack.as_type(DispatchCatalogue).entries):
        if entry.topic not in known:
            yield pack.problem(("entries", index, "topic"), f"没有分类 {entry.topic}。", "请写分类树里的代码。")
        if (entry.topic, entry.place) in seen:
            yield pack.problem(("entries", index, "topic"), f"分类 {entry.topic} 写了两次。", "请合并为一条。")
        seen.add((entry.topic, entry.place))


def check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Both flows are there."""
    body = pack.as_type(TicketPolicy)
    for field in ("flow", "help_flow"):
        if packs.find(FLOW, getattr(body, field)) is None:
            yield pack.problem(field, f"没有流程“{getattr(body, field)}”。", "请核对流程的编号。")


def check_answer(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The category is one of the tree."""
    if pack.as_type(HotlineAnswer).category not in _codes(packs):
        yield pack.problem("category", "没有这个分类。", "请写分类树里的代码。")


def _codes(packs: PackSet) -> set[str]:
    return {code for pack in packs.all_of(CATEGORIES) for code, *_ in every(pack.as_type(CategoryTree))}


def register_kinds() -> None:
    register(CATEGORIES, CategoryTree, check=check_tree)
    register(CATALOGUE, DispatchCatalogue, check=check_catalogue)
    register(POLICY, TicketPolicy, check=check_policy)
    register(ANSWER, HotlineAnswer, check=check_answer)
