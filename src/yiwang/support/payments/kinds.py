"""Pack kinds FeeItem (收费项目), PaymentChannel (支付渠道) and PaymentPolicy (收费管理规则)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints, model_validator

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
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import CannotCompile, Condition
from yiwang.support.payments._tariff import due
from yiwang.support.payments.contracts import FactsMissing, NoSuchFeeItem

FEE_ITEM, PAYMENT_CHANNEL, PAYMENT_POLICY, FLOW = "FeeItem", "PaymentChannel", "PaymentPolicy", "Flow"
AMOUNT_FEN_MAX = 10**12

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Fact = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]


class FactPart(PackPart):
    """A fact the tariff asks for."""

    title: Text
    type: Literal["bool", "integer", "decimal", "date", "code", "text"]


class TariffPart(PackPart):
    """The price of one unit from a day on, and the document that set it."""

    since: date = Field(alias="from")
    until: date | None = None
    fen: Annotated[int, Field(ge=0, le=AMOUNT_FEN_MAX, strict=True)]
    source: LegalBasis


class ReductionPart(PackPart):
    """减免: when it applies, why, and how much is taken off. The best one counts; they do not add up."""

    code: Name
    sentence: Text
    when: str
    basis: LegalBasis
    percent: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    fen: Annotated[int, Field(ge=1, le=AMOUNT_FEN_MAX, strict=True)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ReductionPart":
        if (self.percent is None) == (self.fen is None):
            raise PackFault("减免要写 percent 或 fen 之一。", "如 percent: 50，或 fen: 500。")
        return self

    @property
    def condition(self) -> Condition:
        return Condition(code=self.code, sentence=self.sentence, when=self.when, basis=self.basis)


class FeeExample(PackPart):
    name: str
    on: date
    given: dict[str, Any] = {}
    then: Annotated[int, Field(ge=0, strict=True)]
    reduced_by: tuple[Name, ...] = ()


class FeeItemPack(PackModel):
    """A fee: who may take it, on what basis, how much, and who pays less. `then` of an example is fen."""

    kind_title: ClassVar[str] = "收费项目"
    field_names: ClassVar = {
        "code": "非税项目编码", "unit": "计量单位", "quantity": "数量取自", "facts": "计费要素", "tariff": "收费标准",
        "reductions": "减免", "type": "类型", "from": "起始日", "until": "终止日", "fen": "分", "source": "出处",
        "sentence": "减免情形", "when": "条件", "basis": "依据", "percent": "减免百分比", "ReductionPart.code": "代号",
        "name": "名称", "on": "日期", "given": "计费要素的值", "then": "应收（分）", "reduced_by": "适用的减免",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"tariff", "reductions", "note"})
    named_lists: ClassVar = {"reductions": "code"}

    code: Annotated[str, StringConstraints(pattern=r"^\d{6,12}$")]
    unit: Text
    quantity: Fact | None = None
    facts: Mapping[Fact, FactPart] = Field(default_factory=dict)
    tariff: Annotated[tuple[TariffPart, ...], Field(min_length=1)]
    reductions: tuple[ReductionPart, ...] = ()
    examples: tuple[FeeExample, ...] = ()

    @property
    def types(self) -> dict[str, str]:
        return {"as_of": "date", **{name: fact.type for name, fact in self.facts.items()}}

    @model_validator(mode="after")
    def _in_order(self) -> "FeeItemPack":
        for n, (earlier, later) in enumerate(zip(self.tariff, self.tariff[1:], strict=False), 1):
            if later.since <= earlier.since or (earlier.until and earlier.until >= later.since):
                raise PackFault(
                    f"{later.since} 起的标准与前一个重叠。", "请按 from 的先后写，不要重叠。", ("tariff", n)
                )
        if self.quantity and getattr(self.facts.get(self.quantity), "type", "") != "integer":
            raise PackFault("quantity 指的不是整数的计费要素。", "请在 facts 里写它，type: integer。", ("quantity",))
        return self

    def price(self, on: date) -> TariffPart | None:
        found = [each for each in self.tariff if each.since <= on and (each.until is None or on <= each.until)]
        return found[-1] if found else None


class PaymentChannelPack(PackModel):
    """A way to pay. Its id stands in addresses; `adapter` is the program that speaks with it."""

    kind_title: ClassVar[str] = "支付渠道"
    field_names: ClassVar = {
        "adapter": "对接程序", "url": "地址", "url_setting": "地址设置项", "connect": "连接秒数", "answer": "应答秒数",
        "order": "次序",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "url", "connect", "answer", "order"})

    adapter: Name
    url: Annotated[str, StringConstraints(pattern=r"^standin:$|^https?://[^\s/?#@]+(/[^\s?#]*)?$", max_length=200)] = ""
    url_setting: Annotated[str, StringConstraints(pattern=r"^YIWANG_[A-Z0-9_]+$", max_length=80)]
    connect: Annotated[int, Field(ge=1, le=30)] = 3
    answer: Annotated[int, Field(ge=1, le=60)] = 10
    order: Annotated[int, Field(ge=0, le=99)] = 50


class ReceiptPart(PackPart):
    """电子票据: the eight digits of its code, {year} being two of them, and its title."""

    code: Annotated[str, StringConstraints(pattern=r"^(\d{8}|\d{0,6}\{year\}\d{0,6})$", max_length=14)]
    title: Text


class PaymentPolicyPack(PackModel):
    """Who takes up differences and how, what the receipts are called."""

    kind_title: ClassVar[str] = "收费管理规则"
    field_names: ClassVar = {
        "receipt": "电子票据", "difference_flow": "差异的办理流程", "difference_unit": "差异由哪类单位办",
        "difference_region": "哪个区划的", "code": "票据代码",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {"title", "receipt", "difference_flow", "difference_unit", "difference_region"}
    )

    receipt: ReceiptPart
    difference_flow: PackId
    difference_unit: Name
    difference_region: Annotated[str, StringConstraints(pattern=r"^\d{12}$")]


def fee_item(item_id: str, content_hash: str = "") -> FeeItemPack:
    """A fee item in force, or the very content that an order was made by. Raises NoSuchFeeItem."""
    found = packs_in_force.by_hash(FEE_ITEM, item_id, content_hash) if content_hash else fee_pack(item_id)
    return found.as_type(FeeItemPack)


def fee_pack(item_id: str) -> Pack:
    """Raises NoSuchFeeItem."""
    found = packs_in_force.find(FEE_ITEM, item_id)
    if found is None:
        raise NoSuchFeeItem("没有这个收费项目。", hint="请核对收费目录。")
    return found


def policy() -> PaymentPolicyPack:
    """The policy in force. Raises PackNotFound when there is none."""
    found = packs_in_force.all_of(PAYMENT_POLICY)
    pack = found[0] if found else packs_in_force.get(PAYMENT_POLICY, "national.payments.policy")
    return pack.as_type(PaymentPolicyPack)


def check_item(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """A fee has a basis, its reductions compile, nobody else uses its code."""
    body = pack.as_type(FeeItemPack)
    if not body.legal_basis:
        yield pack.problem("legal_basis", "收费没有写依据。", "没有依据不得收费；请写准许收费的法律或文件。")
    for index, each in enumerate(body.reductions):
        try:
            rules.compile(each.when, body.types)
        except CannotCompile as wrong:
            yield rules.problem(pack, ("reductions", index, "when"), wrong)
    for other in packs.all_of(FEE_ITEM):
        if other.id < pack.id and other.raw.get("code") == body.code:
            yield pack.problem("code", f"非税项目编码与 {other.id} 相同。", "请核对编码。")


def examples_hold(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Each example comes to what it says."""
    body = pack.as_type(FeeItemPack)
    for index, example in enumerate(body.examples):
        where = ("examples", index)
        try:
            found = due(body, example.given, on=example.on)
        except (FactsMissing, CannotCompile) as wrong:
            yield pack.problem(where, f"例子“{example.name}”算不出：{wrong.message}", "请核对例子。")
            continue
        applied = tuple(each.code for each in found.reductions)
        if (found.amount_fen, applied) != (example.then, example.reduced_by):
            said = f"{found.amount_fen}分，减免{'、'.join(applied) or '无'}"
            yield pack.problem(where, f"例子“{example.name}”不成立：算得{said}。", "请核对标准、减免或例子。")


def check_channel(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The adapter is a program that is there; the id is a plain name."""
    from yiwang.support.payments._channels import ADAPTERS

    body = pack.as_type(PaymentChannelPack)
    if "." in pack.id:
        yield pack.problem("id", "支付渠道的编号不能带点。", "请用 sandbox 这样的名字。")
    if body.adapter not in ADAPTERS:
        yield pack.problem("adapter", f"没有对接程序“{body.adapter}”。", f"可写：{'、'.join(sorted(ADAPTERS))}。")


def check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """The flow is there."""
    body = pack.as_type(PaymentPolicyPack)
    if packs.find(FLOW, body.difference_flow) is None:
        yield pack.problem("difference_flow", *packs.missing(FLOW, body.difference_flow))
