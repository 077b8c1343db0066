"""The pack kind `LicenceType`: what a licence says, who holds and issues it, how it is numbered and how it looks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints

from yiwang.kernel.base.codes import is_uscc
from yiwang.kernel.packs.contracts import Pack, PackId, PackModel, PackPart, PackSet, Problem, Text
from yiwang.support.licences import _numbers, _proving
from yiwang.support.licences.contracts import Medium

LICENCE_TYPE, USE_POLICY, PROOF_LIST = "LicenceType", "LicenceUsePolicy", "ProofList"
BUILT_IN = frozenset({"holder", "holder_id", "number", "issuer", "issued_on", "validity"})
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class TypeCode(PackPart):
    """证照类型代码 (GB/T 36904): credit code of the agency that defined the type, and its serial of three signs."""

    definer: str
    uscc: str
    serial: Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{3}$")]

    def __str__(self) -> str:
        return self.uscc + self.serial


class NumberRule(PackPart):
    """How a number is made; `given` when another system or a printed form brings it (in `field`, if one holds it).

    `element` is what the number is called in forms.
    """

    pattern: str = ""
    given: bool = False
    field: Word | None = None
    element: PackId | None = None
    per: Literal["issuer", "everywhere"] = "issuer"
    public: Literal["shown", "masked"] = "shown"


Days = Annotated[int, Field(ge=0, le=1000)]


class Renewal(PackPart):
    """延续: from how many days before its end on, and how many days after it still (0: never late)."""

    opens_days: Annotated[int, Field(ge=1, le=1000)]
    late_days: Days = 0


class Validity(PackPart):
    """How long it holds: for good, for some years, or as the issuer says each time; whether it is renewed.

    `remind_days`: how many days before the end its holder is told.
    """

    kind: Literal["permanent", "years", "given"] = "permanent"
    years: Annotated[int, Field(ge=1, le=100)] | None = None
    renewal: Renewal | None = None
    remind_days: Annotated[tuple[Annotated[int, Field(ge=1, le=1000)], ...], Field(max_length=5)] = ()


class FieldRule(PackPart):
    """One value on the licence, typed by a data element."""

    name: Word
    element: PackId
    label: Text | None = None
    required: bool = True
    public: Literal["shown", "masked", "hidden"] = "hidden"
    mask: Literal["name", "id", "phone", "account", "address"] = "name"


class Face(PackPart):
    """How it is set: a certificate (a sheet) or a card; lines in order; a sentence under them."""

    shape: Literal["certificate", "card"] = "certificate"
    lines: tuple[Word, ...] = ()
    statement: Text | None = None


class Proof(PackPart):
    """电子证明: opened by the person whom it is about, its fields filled from registries; `purpose_field` is what the person writes.

    `lack` is said when a fact that must stand does not, `where` where to go then.
    """

    days: Annotated[int, Field(ge=1, le=366)]
    facts: Mapping[Word, str]
    purpose_field: Word = "purpose"
    lack: Text
    where: Text


class ProofEntry(PackPart):
    """A proof that people are asked for: who gives it, and the type that is opened here, if any."""

    title: Text
    unit: Annotated[str, StringConstraints(min_length=2, max_length=40)]
    type: PackId | Literal[""] = ""


class ProofListPack(PackModel):
    """常见证明清单: at most a hundred, each with whether it is opened here. No figures: counts are the place's own."""

    kind_title: ClassVar[str] = "常见证明清单"
    field_names: ClassVar = {"entries": "证明", "unit": "出具单位", "ProofEntry.type": "证照类型"}
    overridable = frozenset({"entries"})

    entries: Annotated[tuple[ProofEntry, ...], Field(min_length=1, max_length=100)]


class UseGround(PackPart):
    """A legal ground on which a unit gets a copy without asking the holder."""

    code: Word
    title: Text
    basis: Annotated[str, StringConstraints(min_length=4, max_length=200)]
    unit_kinds: tuple[str, ...] = ()


class LicenceUsePolicy(PackModel):
    """证照共享规则: how long a copy for one purpose may hold, how long its holder has to answer, which grounds need no leave."""

    kind_title: ClassVar[str] = "证照共享规则"
    field_names: ClassVar = {
        "days_max": "最长使用天数", "answer_days": "答复天数", "grounds": "法定依据", "code": "代码", "basis": "依据",
        "unit_kinds": "限于哪类单位",
    }  # fmt: skip
    overridable = frozenset({"days_max", "answer_days", "grounds"})

    days_max: Annotated[int, Field(ge=1, le=366)] = 90
    answer_days: Annotated[int, Field(ge=1, le=60)] = 7
    grounds: tuple[UseGround, ...] = ()

    def ground(self, code: str) -> UseGround | None:
        return next((each for each in self.grounds if each.code == code), None)


class LicenceTypePack(PackModel):
    """A type of licence (GB/T 36902 catalogue elements that matter for issuing)."""

    kind_title: ClassVar[str] = "证照类型"
    field_names: ClassVar = {
        "type_code": "类型代码", "holder": "持证主体", "medium": "形式", "paper_note": "纸质证说明",
        "register": "登记簿", "issuer_kind": "签发单位类别", "number": "编号规则", "validity": "有效期",
        "fields": "证照字段", "face": "版面", "shape": "版式", "lines": "行", "statement": "证明内容",
        "element": "数据元", "label": "名目", "required": "必有", "public": "公开", "mask": "遮盖方式",
        "pattern": "编号格式", "given": "编号由外部给定", "field": "编号字段", "per": "按什么连续编号",
        "definer": "定义机构", "uscc": "定义机构代码", "serial": "顺序号", "years": "年数",
        "Validity.kind": "有效期类别", "renewal": "延续", "opens_days": "提前几天可延续", "late_days": "逾期几天内仍可延续",
        "remind_days": "到期前几天提醒", "may_transfer": "可以转移", "proof": "电子证明", "days": "有效天数",
        "facts": "数据来源", "purpose_field": "用途字段", "lack": "缺什么", "where": "到哪里办",
    }  # fmt: skip

    overridable = frozenset({"type_code", "number", "validity", "face.statement", "issuer_kind", "paper_note"})

    type_code: TypeCode | None = None
    holder: Literal["person", "firm"] = "person"
    medium: Medium = Medium.ELECTRONIC
    paper_note: Text | None = None
    register_name: Annotated[str, Field(alias="register")] = ""
    issuer_kind: str = ""
    number: NumberRule = NumberRule()
    validity: Validity = Validity()
    # 行政许可法 article 9: nothing passes to another holder unless a law says so.
    may_transfer: bool = False
    fields: tuple[FieldRule, ...] = ()
    face: Face = Face()
    proof: Proof | None = None

    def field(self, name: str) -> FieldRule | None:
        return next((rule for rule in self.fields if rule.name == name), None)


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """What the schema alone cannot see."""
    body = pack.as_type(LicenceTypePack)
    if body.type_code and not is_uscc(body.type_code.uscc):
        yield pack.problem("type_code.uscc", "统一社会信用代码的校验位不对。", "请核对定义机构的18位代码。")
    yield from _number_problems(pack, body)
    yield from _face_problems(pack, body)
    yield from _proof_problems(pack, body)
    named = {f"fields.{i}.element": rule.element for i, rule in enumerate(body.fields)}
    named |= {"number.element": body.number.element} if body.number.element else {}
    for where, element in named.items():
        if packs.find("DataElement", element) is None:
            yield pack.problem(where, *packs.missing("DataElement", element))
    if body.medium is Medium.ELECTRONIC and body.type_code is None and _governs(packs):
        yield pack.problem(
            "type_code", "电子证照没有定义机构和类型代码。", "请在省级或市级配置中用 overlay 写 type_code。"
        )
    if body.validity.kind == "permanent" and (body.validity.renewal or body.validity.remind_days):
        yield pack.problem("validity", "长期有效的证照没有到期，不能写延续或提醒。", "请改 kind，或去掉。")
    if body.may_transfer and not body.legal_basis:
        yield pack.problem("may_transfer", "没有写依据哪部法可以转移。", "请写 legal_basis；法律没有规定的，不得转让。")
    if body.validity.kind == "years" and not body.validity.years:
        yield pack.problem("validity", "没有写有效几年。", "请写 years，或改用 permanent、given。")
    if body.medium is Medium.PAPER and body.paper_note is None:
        yield pack.problem(
            "medium", "纸质证照没有说明为什么仍是纸质。", "请写 paper_note：领取方式，以及哪个电子凭证可代替它。"
        )


def check_list(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every type that is named is one that people open themselves."""
    for i, entry in enumerate(pack.as_type(ProofListPack).entries):
        if not entry.type:
            continue
        found = packs.find(LICENCE_TYPE, entry.type)
        if found is None:
            yield pack.problem(f"entries.{i}.type", *packs.missing(LICENCE_TYPE, entry.type))
        elif found.as_type(LicenceTypePack).proof is None:
            yield pack.problem(f"entries.{i}.type", "这类证照不能由本人当场开具。", "请在类型里写 proof，或去掉。")


def _proof_problems(pack: Pack, body: LicenceTypePack) -> Iterator[Problem]:
    rule = body.proof
    if rule is None:
        return
    for name, source in rule.facts.items():
        if body.field(name) is None:
            yield pack.problem("proof.facts", f"没有“{name}”这一项。", "请写 fields 里的一个 name。")
        if source not in _proving.SOURCES:
            yield pack.problem("proof.facts", f"没有数据来源“{source}”。", f"可用：{'、'.join(_proving.SOURCES)}。")
    empty = [each.name for each in body.fields if each.required and each.name not in {*rule.facts, rule.purpose_field}]
    if empty or body.field(rule.purpose_field) is None:
        yield pack.problem(
            "proof", f"这些项没有来源：{'、'.join(empty) or rule.purpose_field}。", "请补 facts，或改为可空。"
        )
    if body.holder != "person" or body.validity.kind != "given" or not body.issuer_kind:
        yield pack.problem(
            "proof",
            "电子证明要开给个人、按天有效、有签发单位类别。",
            "请写 holder: person、validity: {kind: given}、issuer_kind。",
        )


def check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """A place has one policy, and no ground twice."""
    others = [each for each in packs.all_of(USE_POLICY) if each.id != pack.id]
    if others:
        yield pack.problem("id", f"已有证照共享规则 {others[0].id}。", "请合并为一个文件。")
    codes = [each.code for each in pack.as_type(LicenceUsePolicy).grounds]
    for code in sorted({each for each in codes if codes.count(each) > 1}):
        yield pack.problem("grounds", f"法定依据“{code}”写了两次。", "请合并。")


def examples(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """`{serial, on, region, mark, number}`: the number that the rule gives."""
    body = pack.as_type(LicenceTypePack)
    for i, example in enumerate(body.examples):
        try:
            made = _numbers.number(
                body.number.pattern,
                on=date.fromisoformat(str(example["on"])),
                region=str(example.get("region", "")),
                mark=str(example.get("mark", "")),
                serial=int(example["serial"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as wrong:
            yield pack.problem(
                f"examples.{i}", f"例子缺少或写错了 {wrong}。", "请写 serial、on、number，按需写 region、mark。"
            )
            continue
        if made != example.get("number"):
            yield pack.problem(f"examples.{i}", f"按规则得到 {made}。", "请核对 number.pattern 或例子里的 number。")


def _governs(packs: PackSet) -> bool:
    """A base that other places stand on (the national one) names no agency of theirs: whoever governs a division does."""
    place = packs.find("Place", packs.place)
    return bool(place and place.raw.get("region"))


def _number_problems(pack: Pack, body: LicenceTypePack) -> Iterator[Problem]:
    rule = body.number
    if rule.field and body.field(rule.field) is None:
        yield pack.problem("number.field", f"没有“{rule.field}”这一项。", "请写 fields 里的一个 name，或去掉。")
    for name in _numbers.unknown_places(rule.pattern):
        known = "、".join(sorted(_numbers.PLACES))
        yield pack.problem("number.pattern", f"编号规则里没有{{{name}}}这个位置。", f"可用：{known}。")
    is_electronic = body.medium is Medium.ELECTRONIC
    if is_electronic and not rule.given and not _numbers.has_serial(rule.pattern):
        yield pack.problem(
            "number", "编号规则里没有流水号，会重号。", "请在 pattern 中写 {serial:7}，或写 given: true。"
        )


def _face_problems(pack: Pack, body: LicenceTypePack) -> Iterator[Problem]:
    known = BUILT_IN | {rule.name for rule in body.fields}
    for i, name in enumerate(body.face.lines):
        if name not in known:
            yield pack.problem(f"face.lines.{i}", f"没有“{name}”这一项。", f"可用：{'、'.join(sorted(known))}。")
