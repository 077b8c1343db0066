"""Pack kinds Matter (what an item is, wherever it is carried out) and Procedure (what a procedural law adds)."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from yiwang.kernel.packs.contracts import LegalBasis, PackFault, PackId, PackModel, PackPart, Text, register
from yiwang.kernel.workdays.contracts import Limit
from yiwang.services.matters._standard_codes import read_base
from yiwang.services.matters.contracts import CodeUnreadable, HandlingType, MatterType, SourceKind

MATTER, PROCEDURE = "Matter", "Procedure"
CHANNELS = ("window", "web", "mobile", "post")  # 窗口 电脑端 移动端 快递
AUDIENCES = ("person", "firm", "institution", "society", "agency", "other")
LEVELS = {"state": "1", "province": "2", "city": "3", "county": "4", "town": "5", "village": "6"}

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Reference = Annotated[str, StringConstraints(pattern=r"^(licence|paper|record):.+$", max_length=120)]


def _titled(kinds: type[MatterType] | type[HandlingType]) -> BeforeValidator:
    """Reads a code of the standard by the code itself or by its Chinese title."""
    known = {kind.label: kind for kind in kinds} | {kind.value: kind for kind in kinds}

    def read(value: Any) -> Any:
        if str(value) not in known:
            raise PackFault(f"没有“{value}”。", f"请写{'、'.join(kind.label for kind in kinds)}之一。")
        return known[str(value)]

    return BeforeValidator(read)


def _written(kinds: type[MatterType] | type[HandlingType]) -> WithJsonSchema:
    """For editors: the titles first, the codes too."""
    return WithJsonSchema({"enum": [*(kind.label for kind in kinds), *(kind.value for kind in kinds)]})


TypeTitle = Annotated[MatterType, _titled(MatterType), _written(MatterType)]
HandlingTitle = Annotated[HandlingType, _titled(HandlingType), _written(HandlingType)]


def _base_code(value: str) -> str:
    try:
        return str(read_base(value))
    except CodeUnreadable as wrong:
        raise PackFault(wrong.message, wrong.hint) from wrong


class CodePart(PackPart):
    """基本编码; the 31 signs of an implementation are derived per organisation."""

    base: Annotated[str, BeforeValidator(_base_code)]


class PromisePart(PackPart):
    """法定 and 承诺 limits; `statutory_basis` where a law allows more than the type's procedure does."""

    statutory: Limit
    promised: Limit
    statutory_note: str = ""
    promised_note: str = ""
    statutory_basis: LegalBasis | None = None


def _source(value: Any) -> Any:
    kind, _, reference = str(value).partition(":")
    known = {"licence": True, "share": True, "generated": False, "applicant": False}
    if kind not in known or bool(reference) is not known[kind]:
        raise PackFault(f"“{value}”不是材料来源。", "请写 licence:<证照类型>、share:<数据元>、generated 或 applicant。")
    return value


_SOURCES = WithJsonSchema({"type": "string", "pattern": "^(licence:.+|share:.+|generated|applicant)$"})


class MaterialPart(PackPart):
    """One material. `key` is the same in every matter that means the same paper; `from` says where it comes from.

    `ask` says why people bring it although an office holds what it says.
    `where_it_exists`: shared when there is one, and its absence is no gap and asks nobody for anything.
    `may_promise` (告知承诺): a promise may stand for it; `proves` is what is promised, `proof_basis` the law that asks for the proof,
    `check_within` the time for the check if not the policy's.
    """

    key: Key
    name: Text
    source: Annotated[str, BeforeValidator(_source), _SOURCES, Field(alias="from")]
    kind: Literal["main", "gap-allowed"] = "main"
    make_up: Limit | None = None
    holder: Key = "applicant"
    form: Literal["原件", "复印件", "原件和复印件", "电子件"] = "电子件"
    copies: Annotated[int, Field(ge=0, le=99)] = 1
    when: str | None = None
    where_it_exists: bool = False
    may_promise: bool = False
    proves: Text | None = None
    proof_basis: LegalBasis | None = None
    check_within: Limit | None = None
    issued_by: str = ""
    requirement: Text | None = None
    why: Text
    ask: Text | None = None

    @property
    def source_kind(self) -> SourceKind:
        return SourceKind(self.source.partition(":")[0])

    @property
    def reference(self) -> str:
        return self.source.partition(":")[2]

    @model_validator(mode="after")
    def _gap(self) -> Self:
        if (self.kind == "gap-allowed") != (self.make_up is not None):
            raise PackFault(
                "可容缺的材料要写补交期限，主件不写。", "请同时写 kind: gap-allowed 和 make_up: 5 workdays。"
            )
        if self.where_it_exists and self.source_kind not in (SourceKind.LICENCE, SourceKind.SHARE):
            raise PackFault("where_it_exists 只用于证照核验和数据共享的材料。", "请去掉 where_it_exists。")
        return self

    @model_validator(mode="after")
    def _promise(self) -> Self:
        said = self.proves is not None and self.proof_basis is not None
        if self.may_promise and not said:
            raise PackFault("告知承诺的材料要写证明内容和设定依据。", "请写 proves 和 proof_basis,告知书要用。")
        if self.may_promise and self.source_kind is not SourceKind.APPLICANT:
            raise PackFault(
                "只有要申请人提供的材料才谈得上承诺。", "能核验、共享的材料本来就不用交,请去掉 may_promise。"
            )
        if not self.may_promise and (self.proves or self.proof_basis or self.check_within):
            raise PackFault("没有写 may_promise: true,却写了承诺的内容。", "请写 may_promise: true,或删去这几项。")
        return self


class FeePart(PackPart):
    """A fee and the document that allows it; with `item` it is charged here: `facts` says which answer is which fact of its tariff."""

    name: Text
    amount: str
    basis: Annotated[str, StringConstraints(min_length=2)]
    item: PackId | None = None
    facts: Mapping[str, str] = Field(default_factory=dict)


class QuestionPart(PackPart):
    """A question people ask, and its answer."""

    question: Text
    answer: Text


class ConditionPart(PackPart):
    """受理条件: a sentence, and a rule over the form's fields where it can be decided."""

    code: Key
    sentence: Text
    when: str | None = None
    basis: str = ""


class MatterExample(PackPart):
    """Answers of one who applies: which materials they would have to hand in, which conditions they do not meet."""

    name: str
    as_of: date = date(2026, 11, 23)
    given: dict[str, Any]
    asks: tuple[Key, ...] = ()
    unmet: tuple[Key, ...] = ()


class MatterPack(PackModel):
    """The definition of a matter (事项).

    `stands_alone`: it can be applied for by itself, with its own form (单独申请); `result_fields` then says which answer
    becomes which field of the certificate (`{premises: shop_name}`, or `=` and a constant). `assurance` (1–4): how sure it must be who sits
    there before it is filed online, and `assurance_why` what people are told of it.
    """

    kind_title: ClassVar[str] = "事项"
    field_names: ClassVar = {
        "type": "事项类型", "level": "行使层级", "handled_by": "办理单位类别", "handling": "办件类型",
        "audience": "服务对象", "channels": "办理渠道", "promise": "时限", "main_item": "主项名称", "themes": "主题",
        "keywords": "关键词", "reach": "通办范围", "visits": "到现场次数", "conditions": "受理条件",
        "materials": "材料", "fees": "收费", "questions": "常见问题", "result": "办理结果", "form": "表单",
        "flow": "流程", "base": "基本编码", "statutory": "法定时限", "promised": "承诺时限",
        "statutory_note": "法定时限说明", "promised_note": "承诺时限说明", "statutory_basis": "法定时限依据",
        "key": "代号", "make_up": "补交期限", "holder": "持有人", "copies": "份数", "where_it_exists": "有则核验",
        "may_promise": "可以承诺",
        "issued_by": "出具单位", "requirement": "要求", "why": "为什么要",
        "amount": "标准", "item": "收费项目",
        "facts": "计费要素取自哪些填写", "question": "问", "answer": "答", "sentence": "条件内容", "from": "来源", "code": "编码",
        "stands_alone": "可以单独申请", "result_fields": "结果取自哪些填写", "as_of": "填表日期",
        "given": "填写的内容", "asks": "要交的材料", "unmet": "不符合的条件",
        "assurance": "网上提交的认证等级", "assurance_why": "为什么要再确认身份",
        "ask": "仍要提交的理由", "proves": "承诺什么", "proof_basis": "证明的依据", "check_within": "核查期限",
        "ConditionPart.code": "代号", "MaterialPart.kind": "要件类别", "MaterialPart.form": "形式",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {"promise.promised", "promise.promised_note", "materials", "visits", "handled_by", "questions", "keywords"}
        | {"reach", "flow"}
    )
    named_lists: ClassVar = {"materials": "key"}
    by_region: ClassVar[bool] = True

    code: CodePart
    type: TypeTitle
    level: Literal["state", "province", "city", "county", "town", "village"]
    handled_by: Key
    handling: HandlingTitle
    audience: Annotated[tuple[Literal[AUDIENCES], ...], Field(min_length=1)]  # type: ignore[valid-type]
    channels: Annotated[tuple[Literal[CHANNELS], ...], Field(min_length=1)]  # type: ignore[valid-type]
    promise: PromisePart
    main_item: str = ""
    themes: tuple[Key, ...] = ()
    keywords: tuple[str, ...] = ()
    reach: str = ""
    visits: Annotated[int, Field(ge=0, le=9)]
    conditions: tuple[ConditionPart, ...] = ()
    materials: tuple[MaterialPart, ...]
    fees: tuple[FeePart, ...] = ()
    questions: tuple[QuestionPart, ...] = ()
    result: Reference
    result_fields: Mapping[str, str] = Field(default_factory=dict)
    stands_alone: bool = False
    assurance: Annotated[int, Field(ge=1, le=4)] = 1
    assurance_why: Text | None = None
    form: PackId
    flow: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(@\d{1,4})?$")]
    examples: tuple[MatterExample, ...] = ()

    @model_validator(mode="after")
    def _one_key_each(self) -> Self:
        keys = [material.key for material in self.materials]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise PackFault(f"材料“{'、'.join(twice)}”写了两次。", "同一事项中每份材料的 key 只写一次。")
        return self


class PeriodPart(PackPart):
    """A period of a procedural law."""

    title: str
    limit: Limit
    article: str
    silence: str = ""


class NamedArticle(PackPart):
    """A document or a ground, and the article that knows it."""

    title: str
    article: str = ""


class ProcedurePack(PackModel):
    """A procedural law: to which types of matter it applies, its periods, its documents, the days it does not count."""

    kind_title: ClassVar[str] = "办理程序"
    field_names: ClassVar = {
        "applies_to": "适用的事项类型", "periods": "期间", "documents": "文书", "uncounted": "不计入的时间",
        "limit": "期限", "article": "条款", "silence": "逾期后果",
    }  # fmt: skip

    applies_to: Annotated[tuple[TypeTitle, ...], Field(min_length=1)]
    periods: Mapping[Key, PeriodPart]
    documents: Mapping[Key, NamedArticle]
    uncounted: Mapping[Key, NamedArticle] = Field(default_factory=dict)


def register_kinds() -> None:
    from yiwang.kernel.forms.contracts import register_asking
    from yiwang.services.matters._asking import asked, saving
    from yiwang.services.matters._check import check_matter, check_procedure
    from yiwang.services.matters._check_alone import examples_hold
    from yiwang.services.matters._manual import sheets

    register_asking(MATTER, asked=asked, saving=saving)
    register(MATTER, MatterPack, check=check_matter, examples=examples_hold, manual=sheets)
    register(PROCEDURE, ProcedurePack, check=check_procedure)
