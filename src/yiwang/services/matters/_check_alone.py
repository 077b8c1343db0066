"""What `packs check` asks of a matter that can be applied for by itself: its form, conditions and certificate fit together."""

from collections.abc import Iterator

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import FormDef
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem
from yiwang.kernel.rules import queries as rules
from yiwang.services.matters.contracts import SourceKind
from yiwang.services.matters.kinds import MaterialPart, MatterPack

APPLICANT = "applicant"
ONLINE = frozenset({"web", "mobile"})


def alone(pack: Pack, packs: PackSet, body: MatterPack) -> Iterator[Problem]:
    if packs.find("Form", body.form) is None:
        return
    with packs_queries.using(packs):
        form = forms.get(body.form)
    yield from _about_the_applicant(pack, body, form)
    yield from _conditions(pack, body, form)
    yield from _certificate(pack, packs, body, form)
    if not ONLINE & set(body.channels):
        yield pack.problem("channels", "没有网上办理形式，却写了 stands_alone。", "请加上 web 或 mobile，或去掉。")


def _about_the_applicant(pack: Pack, body: MatterPack, form: FormDef) -> Iterator[Problem]:
    """There is nobody around a single matter who would say who the mother is."""
    others = sorted({each.subject for each in form.fields() if each.subject and each.subject != APPLICANT})
    if others:
        yield pack.problem(
            "form", f"表单里有申请人以外的角色“{'、'.join(others)}”。", "单独申请的表单只能用 subject: applicant。"
        )
    for n, material in enumerate(body.materials):
        if material.holder != APPLICANT:
            yield pack.problem(f"materials.{n}.holder", "单独申请的材料只能由申请人持有。", "请去掉 holder。")


def _conditions(pack: Pack, body: MatterPack, form: FormDef) -> Iterator[Problem]:
    types = {**forms.condition_types(form), "as_of": "date"}
    texts = [(f"conditions.{n}.when", each.when) for n, each in enumerate(body.conditions)]
    texts += [(f"materials.{n}.when", each.when) for n, each in enumerate(body.materials)]
    for where, text in texts:
        try:
            if text:
                rules.compile(text, types)
        except YiwangError as wrong:
            yield pack.problem(where, wrong.message, wrong.hint or "条件只能用表单里的字段和 as_of。")


def _certificate(pack: Pack, packs: PackSet, body: MatterPack, form: FormDef) -> Iterator[Problem]:
    names = {each.name for each in form.fields()}
    for field, source in body.result_fields.items():
        if not source.startswith("=") and source not in names:
            yield pack.problem(f"result_fields.{field}", f"表单里没有“{source}”。", "请写表单的字段名，或写 =常量。")
    kind, _, type_id = body.result.partition(":")
    licence = packs.find("LicenceType", type_id) if kind == "licence" else None
    if licence is None:
        return
    # The kind belongs to a ring above kernel.packs, not above us; its fields are read as any pack's.
    rules_of = {rule.name: rule.required for rule in licence.body.fields}  # type: ignore[attr-defined]
    for field in body.result_fields:
        if field not in rules_of:
            yield pack.problem(f"result_fields.{field}", f"证照{type_id}没有“{field}”这一项。", "请核对证照类型。")
    for field, is_required in rules_of.items():
        if is_required and field not in body.result_fields:
            yield pack.problem("result_fields", f"证照{type_id}要有“{field}”。", f"请写 {field}: <表单字段>。")


def examples_hold(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """Each example asks for the papers and misses the conditions that it says."""
    body = pack.as_type(MatterPack)
    if not body.examples or packs.find("Form", body.form) is None:
        return
    with packs_queries.using(packs):
        types = {**forms.condition_types(forms.get(body.form)), "as_of": "date"}
    for n, example in enumerate(body.examples):
        facts = {**example.given, "as_of": example.as_of}
        asked = {each.key for each in body.materials if _holds(each.when, types, facts) and _is_asked(each)}
        unmet = {c.code for c in body.conditions if c.when and rules.compile(c.when, types).evaluate(facts) is False}
        if asked != set(example.asks):
            said = "、".join(sorted(asked)) or "没有"
            yield pack.problem(f"examples.{n}.asks", f"要交的材料是：{said}。", "请核对例子，或材料的 when。")
        if unmet != set(example.unmet):
            said = "、".join(sorted(unmet)) or "没有"
            yield pack.problem(f"examples.{n}.unmet", f"不符合的条件是：{said}。", "请核对例子，或条件的 when。")


def _holds(text: str | None, types: dict[str, str], facts: dict[str, object]) -> bool:
    return text is None or rules.compile(text, types).evaluate(facts) is True


def _is_asked(material: MaterialPart) -> bool:
    return material.source_kind is SourceKind.APPLICANT
