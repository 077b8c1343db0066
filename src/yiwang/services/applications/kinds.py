"""Pack kinds DocumentTemplate (文书: which event issues it, its number, its words), PromisePolicy (告知承诺制), MaterialCheck (材料预审)."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, field_validator

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import (
    Pack,
    PackFault,
    PackId,
    PackModel,
    PackPart,
    PackSet,
    Problem,
    Text,
    register,
)
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.workdays.contracts import Limit

DOCUMENT, PROMISES, PAPERS = "DocumentTemplate", "PromisePolicy", "MaterialCheck"
# What may be known of a paper, for the rule that judges it; what the applicant reads off it, and how it is asked.
PAPER_FACTS: Mapping[str, str] = {
    "media_type": "text", "size_kb": "integer", "issued_on": "date", "valid_until": "date", "holder_name": "text",
    "holder_is_applicant": "bool", "as_of": "date",
}  # fmt: skip
SAID: Mapping[str, str] = {"issued_on": "date", "valid_until": "date", "holder_name": "text"}
# What a template may speak of; values come from the case, never from free input alone.
PLACEHOLDERS = frozenset(
    {"applicant", "matter", "number", "org", "filed_on", "accepted_on", "due_on", "day", "materials"}
    | {"gaps", "problems", "grounds", "basis", "result", "promised", "statutory", "phone"}
    | {"supervision_phone", "deadline", "material", "proves", "proof_basis", "check_within"}
    | {"promised_on", "promise_no", "barred_for", "barred_until"}
)
_SLOT = re.compile(r"\{([a-z_]*)\}")


def _known_slots(text: str) -> str:
    unknown = sorted(set(_SLOT.findall(text)) - PLACEHOLDERS)
    if unknown or text.count("{") != len(_SLOT.findall(text)):
        raise PackFault(
            f"文书里有不认识的占位符“{'、'.join(unknown) or '{'}”。",
            f"可用的是 {'、'.join(sorted(PLACEHOLDERS))}。",
        )
    return text


class DocumentTemplate(PackModel):
    """`event` is accept, accept-with-gaps, correct, not-accept, grant, grant-instantly, refuse, reverse, promise-notice, promise or promise-broken.

    `word` is the sign in 〔文号〕: 安卫受〔2026〕第12号. The template whose `types` (事项类型) name the
    matter's type wins over one without.
    """

    kind_title: ClassVar[str] = "文书"
    field_names: ClassVar = {
        "event": "用于何事", "word": "文种", "types": "适用的事项类型", "paragraphs": "正文段落",
        "remedies": "救济途径", "signed_by": "由谁落款",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"paragraphs", "remedies", "word"})

    event: Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
    word: Annotated[str, StringConstraints(min_length=1, max_length=4)]
    types: tuple[str, ...] = ()
    signed_by: Literal["body", "applicant"] = "body"
    paragraphs: Annotated[tuple[str, ...], Field(min_length=1)]
    remedies: Text | None = None

    @field_validator("paragraphs")
    @classmethod
    def _slots(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known_slots(paragraph) for paragraph in value)


class PromisePolicy(PackModel):
    """告知承诺制: how long a check may take, how long a broken promise bars from another, which flow the check follows.

    The flow's steps of the unit offer the choices `kept` and `broken`.
    """

    kind_title: ClassVar[str] = "告知承诺规则"
    field_names: ClassVar = {"check_within": "核查期限", "barred_for": "不再适用的时间", "flow": "核查流程"}
    overridable: ClassVar[frozenset[str]] = frozenset({"check_within", "barred_for", "flow"})

    check_within: Limit
    barred_for: Limit
    flow: PackId


class PaperPart(PackPart):
    """How one paper is judged: by which rule, over what is known of the file and what the applicant reads off it (`says`)."""

    says: tuple[Literal["issued_on", "valid_until", "holder_name"], ...] = ()
    rule: PackId


class MaterialCheck(PackModel):
    """材料预审: which papers of which matters are judged by a rule before they are filed. It refuses nothing.

    Facts that a rule may use: media_type, size_kb, issued_on, valid_until, holder_name, holder_is_applicant, as_of.
    """

    kind_title: ClassVar[str] = "材料预审"
    field_names: ClassVar = {
        "matters": "适用事项", "materials": "材料", "says": "请申请人照着填的", "rule": "规则",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"materials"})

    matters: Annotated[tuple[PackId, ...], Field(min_length=1)]
    materials: Annotated[Mapping[str, PaperPart], Field(min_length=1)]


def fill(text: str, facts: Mapping[str, str]) -> str:
    """Put facts into a template's sentence; an empty fact leaves the sentence without it."""
    return _SLOT.sub(lambda slot: facts.get(slot[1], ""), text)


def _check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    mine = pack.as_type(DocumentTemplate)
    for other in packs.all_of(DOCUMENT):
        theirs = other.as_type(DocumentTemplate)
        clash = set(mine.types) & set(theirs.types) or (not mine.types and not theirs.types)
        if other.id < pack.id and theirs.event == mine.event and clash:
            yield pack.problem("event", f"“{mine.event}”已有文书模板 {other.id}。", "请删去一个,或写明不同的 types。")


def _check_policy(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    others = [each for each in packs.all_of(PROMISES) if each.id != pack.id]
    if others:
        yield pack.problem("id", f"已有告知承诺规则 {others[0].id}。", "一个地方只有一份,请合并。")
    if packs.find("Flow", pack.as_type(PromisePolicy).flow) is None:
        yield pack.problem("flow", "没有这个流程。", "请核对编号,或先写核查流程。")


def _check_papers(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every paper is one of its matters, and its rule asks for nothing that nobody knows of a paper."""
    body = pack.as_type(MaterialCheck)
    matters = {each: packs.find("Matter", each) for each in body.matters}
    for index, (matter_id, matter) in enumerate(matters.items()):
        if matter is None:
            yield pack.problem(("matters", index), f"没有事项“{matter_id}”。", "请核对事项的编号。")
    asked = {each.key for matter in matters.values() if matter for each in getattr(matter.body, "materials", ())}
    for key, part in body.materials.items():
        if key not in asked:
            yield pack.problem(("materials", key), f"这些事项没有材料“{key}”。", "请核对材料的 key。")
        yield from _check_paper(pack, packs, key, part)


def _check_paper(pack: Pack, packs: PackSet, key: str, part: PaperPart) -> Iterable[Problem]:
    found = packs.find("Rule", part.rule)
    if found is None:
        yield pack.problem(("materials", key, "rule"), f"没有规则“{part.rule}”。", "请核对规则的编号。")
        return
    try:
        with packs_queries.using(packs):
            rule = rules.of_pack(found)
    except YiwangError:
        return  # the rule's own check says it
    for fact in rule.facts:
        if PAPER_FACTS.get(fact.name) != fact.type.type:
            known = "、".join(f"{name}（{kind}）" for name, kind in PAPER_FACTS.items())
            yield pack.problem(
                ("materials", key, "rule"), f"一份材料没有“{fact.name}”可以知道。", f"可用的有：{known}。"
            )
        source = "holder_name" if fact.name == "holder_is_applicant" else fact.name
        if source in SAID and source not in part.says:
            yield pack.problem(("materials", key, "says"), f"规则要“{source}”，却没有请申请人填。", "请写进 says。")


def register_kinds() -> None:
    register(DOCUMENT, DocumentTemplate, check=_check)
    register(PROMISES, PromisePolicy, check=_check_policy)
    register(PAPERS, MaterialCheck, check=_check_papers)
