"""Checks a flow among all packs: what it names must be there, and its examples must come out as written."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from django.apps import apps

from yiwang.kernel.cases import contracts
from yiwang.kernel.cases._check import findings
from yiwang.kernel.cases._examples import outcome_of
from yiwang.kernel.cases._flow import flow_of
from yiwang.kernel.cases._graph import parts
from yiwang.kernel.cases.kinds import (
    FORM,
    HANDLING,
    OUTSIDE_SYSTEM,
    PLAN,
    POST_TYPE,
    EachStep,
    EffectCall,
    FlowPack,
    OutsideStep,
    PostStep,
    SubcasesStep,
    Waiting,
)
from yiwang.kernel.packs.contracts import Pack, PackSet, Problem, spec_of

ACT = "cases.act"


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Everything wrong with a flow, by itself and in what it names."""
    body = pack.as_type(FlowPack)
    for finding in findings(body):
        yield pack.problem(finding.where, finding.what, finding.remedy)
    for name, step in body.steps.items():
        where = f"steps.{name}"
        if isinstance(step, PostStep | OutsideStep) and step.post:
            yield from _post(pack, packs, f"{where}.post", step.post)
        if isinstance(step, OutsideStep) and step.system != HANDLING:
            yield from _system(pack, packs, f"{where}.system", step.system)
        if isinstance(step, SubcasesStep):
            yield from _function(pack, f"{where}.plan", step.plan, contracts.plans)
        if isinstance(step, EachStep) and step.for_each.startswith(PLAN):
            yield from _function(pack, f"{where}.for_each", step.for_each.removeprefix(PLAN), contracts.rolls)
        if isinstance(step, Waiting):
            yield from _forms(pack, packs, where, step)
    for where, call in _effects(body):
        yield from _function(pack, where, call.do, contracts.effects)


def examples(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Run the flow's own examples: what was done leads where they say."""
    body = pack.as_type(FlowPack)
    if findings(body):
        return
    flow = flow_of(body, pack.hash)
    for index, example in enumerate(body.examples):
        wrong = outcome_of(flow, example)
        if wrong:
            yield pack.problem(("examples", index), f"例子“{example.name}”不成立：{wrong}。", "请核对例子或流程。")


def _post(pack: Pack, packs: PackSet, where: str, post: str) -> Iterator[Problem]:
    if spec_of(POST_TYPE) is None:
        return
    found = packs.find(POST_TYPE, post)
    if found is None:
        known = "、".join(packs.ids(POST_TYPE))
        yield pack.problem(where, f"没有岗位类型“{post}”，这一环节没有人能办。", f"可写：{known}。")
    elif ACT not in found.raw.get("permissions", ()):
        yield pack.problem(where, f"岗位类型“{post}”不能办件。", f"请在它的 permissions 里写 {ACT}。")


def _system(pack: Pack, packs: PackSet, where: str, system: str) -> Iterator[Problem]:
    if spec_of(OUTSIDE_SYSTEM) is None or system in contracts.outsides or packs.find(OUTSIDE_SYSTEM, system):
        return
    known = "、".join(sorted({*contracts.outsides, *packs.ids(OUTSIDE_SYSTEM)} - {contracts.ANY_SYSTEM}))
    yield pack.problem(where, f"没有外部系统“{system}”。", f"可写：{known}。")


def _forms(pack: Pack, packs: PackSet, where: str, step: Waiting) -> Iterator[Problem]:
    if spec_of(FORM) is None:
        return
    for code, choice in step.choices.items():
        if choice.form and not packs.find(FORM, choice.form):
            yield pack.problem(f"{where}.choices.{code}.form", *packs.missing(FORM, choice.form))


def _function(pack: Pack, where: str, name: str, known: Collection[str]) -> Iterator[Problem]:
    if name in known:
        return
    labels = [config.label for config in apps.get_app_configs()]
    owner = name.partition(".")[0]
    if owner in labels:
        near = get_close_matches(name, list(known), n=1, cutoff=0.8)
        remedy = f"是不是想写“{near[0]}”？" if near else f"请核对名称，或在 {owner} 里登记它。"
        yield pack.problem(where, f"程序里没有“{name}”。", remedy)
    elif near := get_close_matches(owner, labels, n=1, cutoff=0.8):
        yield pack.problem(where, f"程序里没有“{name}”。", f"是不是想写“{near[0]}.{name.partition('.')[2]}”？")
    else:
        yield pack.problem(
            where, f"没有装“{owner}”这个应用，“{name}”办不了。", "请核对名称，或装上这个应用，或从本地的包里去掉。"
        )


def _effects(body: FlowPack) -> Iterator[tuple[str, EffectCall]]:
    for where, part in parts(body):
        for index, call in enumerate(getattr(part, "effects", ())):
            yield f"{where}.effects.{index}", call
