"""The pack kind InstantDecision: which matters a rule may decide at which step, by which facts, and how that is checked afterwards."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.packs import queries as packs_queries
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, register
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import CompiledRule
from yiwang.kernel.workdays.contracts import Limit

INSTANT, MATTER, FLOW = "InstantDecision", "Matter", "Flow"
SOURCES = ("register", "answer", "licence", "material", "same-city", "same-county")
_YES_OR_NO = {"licence", "material", "same-city", "same-county"}
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]


def _source(value: Any) -> Any:
    kind, _, reference = str(value).partition(":")
    if kind not in SOURCES or not reference:
        raise PackFault(
            f"“{value}”不是事实的来源。",
            "请写 register:<数据元>、answer:<字段>、licence:<证照类型>、material:<材料>、"
            "same-city:<数据元> 或 same-county:<数据元>。",
        )
    return value


Source = Annotated[
    str, BeforeValidator(_source), WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(SOURCES)}):.+$"})
]


class SpotCheckPart(PackPart):
    """How decisions are checked afterwards: how many of a hundred, by which flow, within which time, and what undoes a wrong one.

    The flow's steps of the unit offer choices with the effects `verdicts.spot_right` and `verdicts.spot_wrong`.
    """

    share: Annotated[int, Field(ge=0, le=100)]
    flow: PackId
    within: Limit
    correction: Name


class InstantDecision(PackModel):
    """秒批: where the rule is met, the system takes the choice; else it leaves the case to the person at the step.

    `takes` names the choice of each step at which it may decide; the choice must come out well. A paper that somebody has to
    look at leaves the case to them whatever the rule says.
    """

    kind_title: ClassVar[str] = "秒批规则"
    field_names: ClassVar = {
        "matters": "适用事项", "rule": "规则", "takes": "在哪一步作何选择", "facts": "事实取自哪里",
        "spot_check": "办后抽查", "share": "每百件抽查几件", "flow": "抽查流程", "within": "抽查期限",
        "correction": "查出错误时的更正办法",
    }  # fmt: skip
    overridable: ClassVar[frozenset[str]] = frozenset({"spot_check.share", "spot_check.within", "takes"})

    matters: Annotated[tuple[PackId, ...], Field(min_length=1)]
    rule: PackId
    takes: Annotated[Mapping[Name, Name], Field(min_length=1)]
    facts: Mapping[str, Source]
    spot_check: SpotCheckPart

    def sources(self, *kinds: str) -> dict[str, str]:
        """The facts that come from these kinds of source, each with what it refers to."""
        split = {fact: source.partition(":") for fact, source in self.facts.items()}
        return {fact: reference for fact, (kind, _, reference) in split.items() if kind in kinds}


def check(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    """Every name leads somewhere, every fact has a source of its type, and what the machine takes comes out well."""
    body = pack.as_type(InstantDecision)
    if not body.legal_basis:
        yield pack.problem("legal_basis", "没有写系统可以自动审批的依据。", "请写 legal_basis。")
    if packs.find(FLOW, body.spot_check.flow) is None:
        yield pack.problem("spot_check.flow", f"没有流程“{body.spot_check.flow}”。", "请核对流程的编号。")
    for index, matter_id in enumerate(body.matters):
        matter = packs.find(MATTER, matter_id)
        if matter is None:
            yield pack.problem(("matters", index), f"没有事项“{matter_id}”。", "请核对事项的编号。")
            continue
        yield from _twice(pack, packs, matter_id)
        yield from _flow_fits(pack, packs, matter)
    with packs_queries.using(packs):
        yield from _facts_fit(pack, packs)


def _twice(pack: Pack, packs: PackSet, matter_id: str) -> Iterable[Problem]:
    for other in packs.all_of(INSTANT):
        if other.id < pack.id and matter_id in other.as_type(InstantDecision).matters:
            yield pack.problem("matters", f"“{matter_id}”已有秒批规则 {other.id}。", "一个事项只有一份，请合并。")


def _flow_fits(pack: Pack, packs: PackSet, matter: Pack) -> Iterable[Problem]:
    """A machine takes what comes out well and says itself why; it fills in no form."""
    body, named = pack.as_type(InstantDecision), str(getattr(matter.body, "flow", ""))
    flow: Any = getattr(packs.find(FLOW, named), "body", None)
    if flow is None:
        return
    for step, choice in body.takes.items():
        part = flow.steps.get(step)
        taken = getattr(part, "choices", {}).get(choice) if getattr(part, "type", "") == "post" else None
        if taken is None:
            yield pack.problem(
                ("takes", step), f"流程“{named}”的“{step}”没有“{choice}”。", "请写由岗位办理的步骤和它的选项。"
            )
            continue
        outcome = flow.outcomes.get(taken.outcome or "")
        if not taken.decides or outcome is None or not outcome.good:
            yield pack.problem(
                ("takes", step),
                f"“{choice}”不是办成的决定。",
                "系统只能准予，不能不予：请写 decides、outcome 为办成的选项。",
            )
        if taken.form:
            yield pack.problem(("takes", step), f"“{choice}”要填表。", "系统不会填表，请换一个选项。")
    correction = flow.corrections.get(body.spot_check.correction)
    if correction is None or not correction.outcome:
        yield pack.problem(
            "spot_check.correction", f"流程“{named}”没有这样的更正。", "请写 corrections 里有 outcome 的一项。"
        )


def _facts_fit(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    body = pack.as_type(InstantDecision)
    found = packs.find("Rule", body.rule) or packs.find("DecisionTable", body.rule)
    if found is None:
        yield pack.problem("rule", f"没有规则“{body.rule}”。", "请核对规则的编号。")
        return
    try:
        rule = rules.of_pack(found)
    except YiwangError:
        return  # the rule's own check says it
    names = {name for name in rule.fact_names if name != "as_of"}
    for name in sorted(names - set(body.facts)):
        yield pack.problem("facts", f"没有写“{name}”取自哪里。", "规则要的每个事实都要有来源。")
    for name in body.facts:
        if name not in names:
            yield pack.problem(("facts", name), "规则没有这个事实。", f"可用的有：{'、'.join(sorted(names))}。")
        elif problem := _misfit(body, name, rule, packs):
            yield pack.problem(("facts", name), problem, "请核对来源的编号和类型。")


def _misfit(body: InstantDecision, name: str, rule: CompiledRule, packs: PackSet) -> str:
    """What is wrong with the source of one fact; empty where nothing is."""
    kind, _, reference = body.facts[name].partition(":")
    wanted = rule.fact(name).type.type
    if kind in _YES_OR_NO and wanted != "bool":
        return f"“{kind}”答的是有没有，规则要的是 {wanted}。"
    if kind == "licence":
        return "" if packs.find("LicenceType", reference) else f"没有证照类型“{reference}”。"
    if kind in ("register", "same-city", "same-county"):
        element = packs.find("DataElement", reference)
        if element is None:
            return f"没有数据元“{reference}”。"
        held = elements.get(reference).rule_type
        return _differs(held, wanted) if kind == "register" else ""
    matters = [found for each in body.matters if (found := packs.find(MATTER, each))]
    return next(filter(None, (_misfit_here(kind, reference, wanted, matter) for matter in matters)), "")


def _misfit_here(kind: str, reference: str, wanted: str, matter: Pack) -> str:
    body: Any = matter.body
    if kind == "material":
        known = reference in {each.key for each in body.materials}
        return "" if known else f"事项“{matter.id}”没有材料“{reference}”。"
    types = forms.condition_types(forms.get(body.form))
    if reference not in types:
        return f"事项“{matter.id}”的表单没有字段“{reference}”。"
    return _differs(types[reference], wanted)


def _differs(held: str, wanted: str) -> str:
    alike = held == wanted or {held, wanted} <= {"code", "text"} or (held, wanted) == ("integer", "decimal")
    return "" if alike else f"来源是 {held}，规则要的是 {wanted}。"


def register_kinds() -> None:
    register(INSTANT, InstantDecision, check=check)
