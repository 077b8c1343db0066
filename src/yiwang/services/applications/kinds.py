"""Pack kinds DocumentTemplate (文书: which event issues it, its number, its words) and PromisePolicy (告知承诺制)."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, StringConstraints, field_validator

from yiwang.kernel.packs.contracts import (
    Pack,
    PackFault,
    PackId,
    PackModel,
    PackSet,
    Problem,
    Text,
    register,
)
from yiwang.kernel.workdays.contracts import Limit

DOCUMENT, PROMISES = "DocumentTemplate", "PromisePolicy"
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


def register_kinds() -> None:
    register(DOCUMENT, DocumentTemplate, check=_check)
    register(PROMISES, PromisePolicy, check=_check_policy)
