"""Pack kinds CreditPolicy (公共信用管理规则) and CreditMeasure (联合奖惩措施)."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from yiwang.kernel.packs import queries as packs_in_force
from yiwang.kernel.packs.contracts import (
    LegalBasis,
    Pack,
    PackFault,
    PackId,
    PackModel,
    PackPart,
    PackSet,
    Problem,
    Text,
)
from yiwang.kernel.workdays.contracts import Limit, NotALimit
from yiwang.support.credit.contracts import Severity

CREDIT_POLICY, CREDIT_MEASURE = "CreditPolicy", "CreditMeasure"
TABLE, FLOW, FORM = "DecisionTable", "Flow", "Form"
GRADES = ("A", "B", "C", "D")

Months = Annotated[int, Field(ge=0, le=120, strict=True)]


class PeriodPart(PackPart):
    """How long a record of one grade is public, counted from the day of the document; 0 months: not at all."""

    publish_months: Months
    repair_months: Months

    @model_validator(mode="after")
    def _in_order(self) -> "PeriodPart":
        if self.publish_months and self.repair_months > self.publish_months:
            raise PackFault("最短公示期比最长公示期还长。", "请核对 repair_months 和 publish_months。")
        return self


class RegimePart(PackPart):
    """The rules for documents of a day and later."""

    since: date = Field(alias="from")
    source: LegalBasis
    minor: PeriodPart
    general: PeriodPart
    serious: PeriodPart

    def period(self, severity: Severity) -> PeriodPart:
        found: PeriodPart = getattr(self, severity.value)
        return found


class ListPart(PackPart):
    """A list that an authority keeps."""

    id: PackId
    title: Text
    colour: Literal["red", "black"]
    basis: LegalBasis


class RequestPart(PackPart):
    """How a firm's request is answered: by which flow, in what time; `own` where we hold the record's source ourselves."""

    flow: PackId
    form: PackId
    own: str
    other: str


class CreditPolicyPack(PackModel):
    """Periods of publication as dated rules, lists, the table that grades, and how objection and repair run."""

    kind_title: ClassVar[str] = "公共信用管理规则"
    field_names: ClassVar = {
        "regimes": "公示期规则", "from": "起始日", "source": "出处", "minor": "轻微失信", "general": "一般失信",
        "serious": "严重失信", "publish_months": "最长公示月数", "repair_months": "最短公示月数", "lists": "名单",
        "id": "代号", "title": "名称", "colour": "红黑", "basis": "依据", "grading": "评价规则",
        "window_months": "评价看几个月", "objection": "异议", "repair": "修复", "flow": "流程", "form": "表单",
        "own": "本单位信息的答复时限", "other": "其他单位信息的答复时限", "promises": "申请修复要承诺的事项",
        "unit": "受理单位类别", "seal": "报告用章",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"lists", "grading", "objection", "repair", "unit", "seal"})
    named_lists: ClassVar = {"lists": "id"}

    regimes: Annotated[tuple[RegimePart, ...], Field(min_length=1)]
    lists: tuple[ListPart, ...] = ()
    grading: PackId
    window_months: Annotated[int, Field(ge=1, le=60)]
    objection: RequestPart
    repair: RequestPart
    promises: Annotated[tuple[Text, ...], Field(min_length=1)]
    unit: PackId
    seal: PackId

    @model_validator(mode="after")
    def _dated(self) -> "CreditPolicyPack":
        days = [each.since for each in self.regimes]
        if days != sorted(set(days)):
            raise PackFault("规则没有按起始日先后写，或有两个同一天。", "请按 from 的先后写。", ("regimes",))
        return self

    def regime(self, on: date) -> RegimePart:
        """The rules for a document of this day; the earliest for what is older than all."""
        return next((each for each in reversed(self.regimes) if each.since <= on), self.regimes[0])

    def list_of(self, list_id: str) -> ListPart | None:
        return next((each for each in self.lists if each.id == list_id), None)


class CreditMeasurePack(PackModel):
    """One joint measure. A punishment names its entry in the national base list (失信惩戒措施基础清单)."""

    kind_title: ClassVar[str] = "联合奖惩措施"
    field_names: ClassVar = {
        "type": "奖惩", "does": "措施内容", "lists": "对哪些名单", "grades": "对哪些等级", "entry": "基础清单条目",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"does"})

    type: Literal["incentive", "punishment"]
    does: Text
    lists: tuple[PackId, ...] = ()
    grades: tuple[Literal["A", "B", "C", "D"], ...] = ()
    entry: str = ""


def policy() -> CreditPolicyPack:
    """Raises PackNotFound."""
    return policy_pack().as_type(CreditPolicyPack)


def policy_pack() -> Pack:
    found = packs_in_force.all_of(CREDIT_POLICY)
    return found[0] if found else packs_in_force.get(CREDIT_POLICY, "credit-policy")


def measures() -> list[Pack]:
    """Every measure in force, by id: there are no others."""
    return packs_in_force.all_of(CREDIT_MEASURE)


def check_policy(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    body = pack.as_type(CreditPolicyPack)
    if len(packs.ids(CREDIT_POLICY)) > 1:
        yield pack.problem((), "公共信用管理规则只能有一份。", "请只留一份。")
    named = [
        (("grading",), TABLE, body.grading),
        *((("objection", kind.lower()), kind, getattr(body.objection, kind.lower())) for kind in (FLOW, FORM)),
        *((("repair", kind.lower()), kind, getattr(body.repair, kind.lower())) for kind in (FLOW, FORM)),
    ]
    for where, kind, name in named:
        if packs.find(kind, name) is None:
            yield pack.problem(where, *packs.missing(kind, name))
    for request in ("objection", "repair"):
        for field in ("own", "other"):
            try:
                Limit.parse(getattr(getattr(body, request), field))
            except NotALimit:
                yield pack.problem((request, field), "不是期限。", "请写成 3 workdays。")


def check_measure(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """No measure without law; incentives for red lists, punishments for black ones."""
    body = pack.as_type(CreditMeasurePack)
    if not body.legal_basis:
        yield pack.problem("legal_basis", "奖惩措施没有写依据。", "请写出法律、法规或国家文件和条款。")
    if body.type == "punishment" and not body.entry:
        yield pack.problem("entry", "惩戒措施不在失信惩戒措施基础清单中。", "请写出清单条目，不在清单的不能设。")
    if not body.lists and not body.grades:
        yield pack.problem((), "没有写对谁适用。", "请写 lists 或 grades。")
    known = {
        each.id: each.colour for found in packs.all_of(CREDIT_POLICY) for each in found.as_type(CreditPolicyPack).lists
    }
    wanted = "red" if body.type == "incentive" else "black"
    for index, name in enumerate(body.lists):
        if name not in known:
            yield pack.problem(("lists", index), f"没有名单 {name}。", "请先在公共信用管理规则的 lists 里写它。")
        elif known[name] != wanted:
            yield pack.problem(("lists", index), "激励只对守信名单，惩戒只对失信名单。", "请核对名单。")
