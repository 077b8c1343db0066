"""Effects that the flow of a spot check names: who may check, and what becomes of a decision that was found wrong."""

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext, SameHolder, register_effect
from yiwang.kernel.packs import queries as packs
from yiwang.services.verdicts.contracts import NoSuchDraw
from yiwang.services.verdicts.kinds import INSTANT, InstantDecision
from yiwang.services.verdicts.models import Draw, Verdict


def spot_right(context: EffectContext) -> None:
    """抽查无误."""
    _require_other(context)
    _tell(context, "无误")


def spot_doubted(context: EffectContext) -> None:
    """发现问题: the applicant is heard before anything is undone."""
    _require_other(context)


def spot_wrong(context: EffectContext) -> None:
    """抽查认定有误: the decision is corrected as its flow provides, which undoes what it brought about."""
    verdict = _require_other(context)
    _tell(context, "有误")
    policy = packs.by_hash(INSTANT, verdict.decision_id, verdict.decision_hash).as_type(InstantDecision).spot_check
    case = cases.peek(verdict.case_id)
    way = next((each for each in cases.correction_ways(case.id) if each.code == policy.correction), None)
    before = cases.corrections(case.id)
    if way is not None and not any(each.code == policy.correction for each in before):
        reason = f"办后抽查（{context.case.number}）认定：{context.grounds}"
        # Who may decide so was asked at the step of the check; the correction follows it.
        engine.correct_decision(case_id=case.id, correction=way.code, reason=reason, by=SYSTEM, at=context.at)


def register() -> None:
    for effect in (spot_right, spot_doubted, spot_wrong):
        register_effect(f"verdicts.{effect.__name__}", effect)


def _require_other(context: EffectContext) -> Verdict:
    """The verdict that is checked. Raises NoSuchDraw, SameHolder for whoever handled the case itself."""
    draw = Draw.objects.filter(check_case=context.case.id).select_related("act__verdict").first()
    if draw is None:
        raise NoSuchDraw("这个办件不是办后抽查。", hint="请从待办列表打开抽查。")
    verdict = draw.act.verdict
    handled = {task.closed_by_id for task in cases.tasks(verdict.case_id) if task.closed_by_id is not None}
    if context.by.account_id in handled:
        raise SameHolder("您办过这个办件，不能再由您抽查。", hint="请转给本单位其他人员。")
    return verdict


def _tell(context: EffectContext, word: str) -> None:
    verdict = _require_other(context)
    text = f"办后抽查（{context.case.number}）：系统自动审批{word}。"
    engine.note(case_id=verdict.case_id, text=text, is_visible=True, by=SYSTEM, at=context.at)
    detail = {"verdict": verdict.pk, "found": context.choice}
    audit.record("verdicts.checked", target=context.case.number, by=context.by, at=context.at, detail=detail)
