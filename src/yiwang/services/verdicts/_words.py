"""A verdict in words: for the decision's document, for the history, for the person it is left to."""

from collections.abc import Iterable

from yiwang.kernel.packs.contracts import LegalBasis, Text
from yiwang.kernel.rules.contracts import Answer, CompiledRule, Decision
from yiwang.services.verdicts.contracts import Ground, Left

ANSWERS = {Answer.MET: "符合", Answer.NOT_MET: "不符合", Answer.UNKNOWN: "不能确定"}
AUTOMATIC = "系统自动审批"


def grounds_of(rule: CompiledRule, decision: Decision) -> tuple[Ground, ...]:
    """What each condition came to, in the words of the rule as it stands on its day."""
    return tuple(
        Ground(
            reason.code,
            reason.sentence,
            reason.answer,
            tuple(rule.fact(name).title for name in reason.missing),
            basis(reason.basis),
        )
        for reason in decision.reasons
    )


def basis(law: LegalBasis | None) -> str:
    """《law》第n条."""
    if law is None:
        return ""
    return f"《{law.title}》{f'第{law.article}条' if law.article else law.document_no}"


def granted(title: str, version: int, grounds: Iterable[Ground]) -> str:
    """Why the system took the choice: the applicant reads it in the decision."""
    return f"{AUTOMATIC}：{said(grounds)}（规则“{title}”第{version}版）"


def left(why: Left, title: str, version: int, grounds: Iterable[Ground], silent: Iterable[Text | str]) -> str:
    """Why it is left to a person, for that person."""
    waited = "、".join(map(str, silent))
    more = f"（没有回应：{waited}）" if waited else ""
    return f"系统没有自动审批，请人工办理：{why.label}{more}。{said(grounds)}（规则“{title}”第{version}版）"


def said(grounds: Iterable[Ground]) -> str:
    """Each condition with what it came to and its basis."""
    return "；".join(_one(ground) for ground in grounds)


def _one(ground: Ground) -> str:
    law = f"，依据{ground.basis}" if ground.basis else ""
    missing = f"，缺{'、'.join(map(str, ground.missing))}" if ground.missing else ""
    return f"{str(ground.sentence).rstrip('。；')}（{ANSWERS[ground.answer]}{missing}{law}）"
