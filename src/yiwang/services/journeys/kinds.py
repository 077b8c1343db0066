"""Pack kind Journey (一件事): which matters, in which order, on which form, and what other guides say of it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from yiwang.kernel.packs.contracts import PackFault, PackId, PackModel, PackPart, Text, register
from yiwang.kernel.workdays.contracts import Limit

JOURNEY = "Journey"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*$", max_length=60)]
Feed = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9\-]*\.[a-z][a-z0-9_]*$", max_length=120)]


class Need(PackPart):
    """A result of one part that another part's form takes in, so that nobody types it."""

    source: Annotated[Feed, Field(alias="from")]
    to: Name
    title: Text

    @property
    def part(self) -> str:
        return self.source.partition(".")[0]

    @property
    def key(self) -> str:
        return self.source.partition(".")[2]


class JourneyPart(PackPart):
    """One matter. With `per` it is done once for each entry of that repeated group of the form.

    `fields` maps a field of the matter's form to the field of the one-thing's form where the names differ;
    `supplied` names fields that the office enters, and from what. `applies` says in words to whom `when` applies,
    `otherwise` what those are told whom it does not.
    """

    slot: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
    matter: PackId
    per: Name | None = None
    after: tuple[str, ...] = ()
    when: str | None = None
    applies: Text | None = None
    otherwise: Text | None = None
    needs: tuple[Need, ...] = ()
    fields: Mapping[Name, Name] = Field(default_factory=dict)
    supplied: Mapping[Name, Text] = Field(default_factory=dict)
    visits: Annotated[int, Field(ge=0, le=9)] = 0
    visits_because: Text | None = None

    @model_validator(mode="after")
    def _in_words(self) -> Self:
        if (self.when is None) != (self.applies is None):
            raise PackFault("when 与 applies 要一起写。", "请用一句话写明对谁适用，如 applies: 要报销的。")
        return self


class Role(PackPart):
    """Whose registers fill a group of the form: the applicant or the spouse on record, whichever has this sex."""

    sex: Literal["1", "2"]


class Delivery(PackPart):
    """Which answers say whether and where results are to be sent."""

    wanted: Name
    recipient: Name
    phone: Name
    address: Name


class Quote(PackPart):
    """A figure before and after, as somebody's guide gives it."""

    before: int
    after: int


class Quoted(PackPart):
    """What a real guide says of the same one-thing: quoted, never taken over."""

    source: str
    days: Quote | None = None
    materials: Quote | None = None
    visits: Quote | None = None
    forms: Quote | None = None
    own_days: Mapping[str, int] = Field(default_factory=dict)
    material_rows: int | None = None
    material_rows_spared: int | None = None


class Then(PackPart):
    """What an example must come to; what is not named is not looked at."""

    parts: tuple[str, ...] | None = None
    left_out: tuple[str, ...] | None = None
    days: int | None = None
    asked: tuple[str, ...] | None = None
    may_promise: tuple[str, ...] | None = None
    fails: tuple[str, ...] | None = None


class JourneyExample(PackPart):
    """A family and what its form sets going: `given` are answers as typed, on the day `as_of`.

    With `like` the answers of another example, of which `given` changes some and `without` takes some away.
    """

    name: str
    as_of: date = date(2026, 11, 23)
    like: str | None = None
    given: Mapping[str, Any] = Field(default_factory=dict)
    without: tuple[str, ...] = ()
    then: Then


class JourneyPack(PackModel):
    """Several matters on one form.

    `applicant` names the answers one of which must be the applicant's own ID number; `subject` the one that tells
    copies of a part apart; `holders` the answers that hold the ID numbers behind a material's holder.
    """

    kind_title: ClassVar[str] = "一件事"
    field_names: ClassVar = {
        "intro": "简介", "lead": "牵头单位类别", "level": "办理层级", "audience": "服务对象", "themes": "主题",
        "keywords": "关键词", "form": "表单", "flow": "流程", "applicant": "申请人号码字段",
        "subject": "区分每一份的字段", "roles": "角色", "holders": "持证人", "delivery": "寄送", "parts": "包含事项",
        "promised": "承诺时限", "quoted": "引用的指南", "slot": "代号", "matter": "事项", "per": "按哪个重复组分办",
        "after": "等哪些事项办完", "applies": "适用对象", "otherwise": "不办时的说明", "needs": "要用的前项结果",
        "fields": "字段对应", "supplied": "由单位填写的字段", "visits": "到现场次数",
        "visits_because": "不用到现场的理由", "sex": "性别", "wanted": "是否寄送字段", "recipient": "收件人字段",
        "phone": "电话字段", "address": "地址字段", "may_promise": "可以承诺代替的材料",
        "before": "办理前", "source": "出处", "days": "工作日",
        "materials": "材料数", "forms": "表单数", "own_days": "各项时限", "material_rows": "材料行数",
        "material_rows_spared": "免交行数", "as_of": "填表日期", "like": "同哪个例子", "given": "填写的内容",
        "without": "不填的字段", "then": "应得的结果", "left_out": "不办的事项", "asked": "要交的材料",
        "fails": "应被拦下的字段", "from": "来自", "to": "填入字段", "Quote.after": "办理后",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "intro", "promised"})
    named_lists: ClassVar = {"examples": "name"}
    by_region: ClassVar[bool] = True

    intro: Text
    lead: Name
    level: Literal["province", "city", "county", "town", "village"] = "county"
    audience: Annotated[tuple[str, ...], Field(min_length=1)] = ("person",)
    themes: tuple[Name, ...] = ()
    keywords: tuple[str, ...] = ()
    form: PackId
    flow: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.\-]+(@\d{1,4})?$")]
    applicant: Annotated[tuple[Name, ...], Field(min_length=1)]
    subject: Name
    roles: Mapping[Name, Role] = Field(default_factory=dict)
    holders: Mapping[Name, tuple[Name, ...]] = Field(default_factory=dict)
    delivery: Delivery | None = None
    parts: Annotated[tuple[JourneyPart, ...], Field(min_length=1, max_length=60)]
    promised: Limit | None = None
    quoted: Quoted | None = None
    examples: tuple[JourneyExample, ...] = ()

    @property
    def by_slot(self) -> Mapping[str, JourneyPart]:
        return {part.slot: part for part in self.parts}


def register_kinds() -> None:
    from yiwang.kernel.forms.contracts import register_asking
    from yiwang.services.journeys._asking import saving
    from yiwang.services.journeys._check import check_journey
    from yiwang.services.journeys._examples import examples_hold
    from yiwang.services.journeys._manual import sheets

    register_asking(JOURNEY, saving=saving)
    register(JOURNEY, JourneyPack, check=check_journey, examples=examples_hold, manual=sheets)
