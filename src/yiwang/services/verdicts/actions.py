"""Deciding by rule: give a verdict, act upon it, draw what is checked afterwards, undo what a check found wrong.

Each is a transaction of its own and may be done again: what was killed in between is taken up where it stood.
"""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM, Actor, NotFound, Unavailable, YiwangError
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CannotAdvance, CaseView, HandledByOther, TaskKind, TaskView
from yiwang.kernel.forms.contracts import source_title
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger import queries as leaves
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, Text
from yiwang.kernel.people import queries as people
from yiwang.kernel.rules import queries as rules
from yiwang.kernel.rules.contracts import Answer, CompiledRule, Decision
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import INSTANT_FORM, Basics, MaterialView
from yiwang.services.verdicts import _lot, _rows, _words
from yiwang.services.verdicts._gathering import SETTLED, gather
from yiwang.services.verdicts.contracts import SPOT_CHECK, DrawView, Gathered, Left, VerdictView
from yiwang.services.verdicts.kinds import INSTANT, InstantDecision
from yiwang.services.verdicts.models import Act, Draw, Verdict
from yiwang.services.verdicts.queries import decision_of

LOCK = 0x56455244
CLOCK = "check"
logger = logging.getLogger("yiwang.verdicts")


@transaction.atomic
def judge(*, case_id: int, by: Actor, at: datetime) -> list[VerdictView]:
    """Give a verdict at each open step of a case at which a rule may decide; one that was given before is given again.

    Raises NoSuchCase.
    """
    basics = Basics.from_data(cases.data(case_id))
    pack = decision_of(basics.matter_id)
    if pack is None:
        return []
    case = cases.peek(case_id, at=at)
    given = [_verdict(task, case, basics, pack, by=by, at=at) for task in _judged(case, pack)]
    return _rows.views([row for row in given if row is not None])


@transaction.atomic
def act(*, verdict_id: int, by: Actor, at: datetime) -> VerdictView:
    """Take the choice that a verdict allows, unless a person came first; done once, whoever else tries."""
    row = _rows.verdicts().get(pk=verdict_id)
    _one_at_a_time(row.task_id)
    if not row.left and not Act.objects.filter(verdict=row).exists():
        left = _took(row, by=by, at=at)
        leaf = None if left else _told_of_act(row, by=by, at=at)
        Act.objects.create(verdict=row, is_taken=left is None, left=left or "", leaf_id=leaf, at=at)
        detail = {"verdict": row.pk, "left": left or ""}
        audit.record("verdicts.acted", target=f"case:{row.case_id}", by=by, at=at, detail=detail)
    return _rows.views([row])[0]


@transaction.atomic
def draw(*, verdict_id: int, by: Actor, at: datetime) -> DrawView | None:
    """Draw whether a decision is checked, and open the check if it is; None while its leaf waits for a checkpoint."""
    row = _rows.verdicts().get(pk=verdict_id)
    _one_at_a_time(row.task_id)
    done = Act.objects.filter(verdict=row, is_taken=True).first()
    if done is None or done.leaf_id is None:
        return None
    before = _rows.draws().filter(act=done).first()
    if before is None:
        before = _drawn(row, done, by=by, at=at)
    return _rows.draw_view(before) if before else None


def _judged(case: CaseView, pack: Pack) -> list[TaskView]:
    """The open steps at which the rule may decide, where its choice is offered."""
    takes = pack.as_type(InstantDecision).takes
    return [
        task
        for task in case.steps_open
        if task.kind == TaskKind.POST
        and not task.instance
        and any(choice.code == takes.get(task.step) for choice in task.choices)
    ]


def _verdict(task: TaskView, case: CaseView, basics: Basics, pack: Pack, *, by: Actor, at: datetime) -> Verdict | None:
    _one_at_a_time(task.id)
    before = _rows.verdicts().filter(task=task.id).first()
    if before is not None:
        return before
    body = pack.as_type(InstantDecision)
    try:
        rule = rules.rule(body.rule, on=workdays.legal_day(at))
    except NotFound:
        # A parameter without a number for this day, a rule that was taken back: a person decides.
        logger.exception("the rule %s cannot be used, case %s is left to a person", body.rule, case.number)
        return None
    materials = applications.materials(case)
    gathered = gather(body, case, basics, materials, by=by, at=at)
    decision = rule.decide(gathered.facts)
    left = _left(task, decision, gathered, materials)
    row = _given(task, case, basics, pack, rule, decision, gathered, left, by=by, at=at)
    if left is not None:
        grounds = _words.grounds_of(rule, decision)
        words = _words.left(left, rule.title, rule.version, grounds, map(source_title, gathered.silent))
        engine.note(case_id=case.id, text=words, is_visible=False, by=by, at=at)
    return row


def _given(
    task: TaskView,
    case: CaseView,
    basics: Basics,
    pack: Pack,
    rule: CompiledRule,
    decision: Decision,
    gathered: Gathered,
    left: Left | None,
    *,
    by: Actor,
    at: datetime,
) -> Verdict:
    facts = _plain({name: value for name, value in rule.values(gathered.facts).items() if name != "as_of"})
    content = {
        "number": case.number,
        "step": task.step,
        "decision": pack.reference,
        "rule": {"id": rule.id, "version": rule.version, "hash": rule.hash, "on": rule.on.isoformat()},
        "facts": facts,
        "answer": decision.answer.value,
        "failed": list(decision.failed),
        "missing": list(decision.missing),
        "left": left.value if left else "",
    }
    leaf = ledger.append(kind="verdicts.given", subject=f"case:{case.number}", content=content, by=by, at=at)
    audit.record("verdicts.given", target=f"case:{case.id}", by=by, at=at, detail={"answer": decision.answer.value})
    return Verdict.objects.create(
        case_id=case.id,
        task_id=task.id,
        org_id=task.org_id,
        step=task.step,
        choice=pack.as_type(InstantDecision).takes[task.step],
        decision_id=pack.id,
        decision_hash=pack.hash,
        matter_id=basics.matter_id,
        rule_id=rule.id,
        rule_title=_pair(rule.title),
        rule_version=rule.version,
        rule_hash=rule.hash,
        on=rule.on,
        facts=facts,
        sources=dict(gathered.sources),
        answer=decision.answer.value,
        grounds=[ground.stored() for ground in _words.grounds_of(rule, decision)],
        outputs=_plain(decision.outputs),
        left=left or "",
        leaf_id=leaf.id,
        given_at=at,
    )


def _left(task: TaskView, decision: Decision, gathered: Gathered, materials: list[MaterialView]) -> Left | None:
    """Why the machine leaves a case alone; None where it may go on."""
    if decision.answer is Answer.NOT_MET:
        return Left.NOT_MET
    if decision.answer is Answer.UNKNOWN:
        return Left.SILENT if gathered.silent else Left.UNKNOWN
    if _came_back(task):
        return Left.RETURNED
    if any(each.status not in SETTLED for each in materials):
        return Left.MATERIALS
    return Left.SIGNED if task.assignee_id is not None else None


def _came_back(task: TaskView) -> bool:
    """Whether a person has brought the case back to this step: a machine does not overrule them."""
    if Act.objects.filter(verdict__case=task.case_id, is_taken=True).exists():
        return True
    earlier = [each for each in cases.tasks(task.case_id) if each.id < task.id]
    closed = [each for each in earlier if each.closed_by_id is not None]
    return any(each.step == task.step for each in earlier) and bool(closed) and closed[-1].kind == TaskKind.POST


def _took(row: Verdict, *, by: Actor, at: datetime) -> Left | None:
    """Take the choice; why it could not be, if so. Raises Unavailable, to be tried again."""
    case = cases.peek(row.case_id, at=at)
    task = next((each for each in case.steps_open if each.id == row.task_id), None)
    if task is None:
        return Left.MOVED_ON
    if task.assignee_id is not None:
        return Left.SIGNED
    view = _rows.views([row])[0]
    try:
        with transaction.atomic():
            engine.advance(
                case_id=case.id,
                step=row.step,
                choice=row.choice,
                form={INSTANT_FORM: row.pk},
                grounds=_words.granted(view.rule_title, view.rule_version, view.grounds),
                expected_version=case.version,
                by=by,
                at=at,
            )
    except Unavailable:
        raise
    except (CannotAdvance, HandledByOther):
        return Left.MOVED_ON
    except YiwangError as refused:
        text = f"系统没有办成，请人工办理：{refused.message}"
        engine.note(case_id=case.id, text=text, is_visible=False, by=by, at=at)
        return Left.HINDERED
    return None


def _told_of_act(row: Verdict, *, by: Actor, at: datetime) -> int:
    content = {"number": row.case.number, "verdict": row.pk, "leaf": row.leaf_id, "choice": row.choice}
    return ledger.append(kind="verdicts.acted", subject=f"case:{row.case.number}", content=content, by=by, at=at).id


def _drawn(row: Verdict, done: Act, *, by: Actor, at: datetime) -> Draw | None:
    head = leaves.first_checkpoint(done.leaf_id or 0)
    if head is None:
        return None
    policy = packs.by_hash(INSTANT, row.decision_id, row.decision_hash).as_type(InstantDecision).spot_check
    number = _lot.lot(head.root, row.case.number, row.pk)
    is_drawn = _lot.is_drawn(number, policy.share)
    check = _open_check(row, policy.flow, policy.within, at=at) if is_drawn else None
    content = {"number": row.case.number, "verdict": row.pk, "tree_size": head.tree_size, "root": head.root}
    content |= {"share": policy.share, "lot": number, "check": check.number if check else ""}
    leaf = ledger.append(kind="verdicts.drawn", subject=f"case:{row.case.number}", content=content, by=by, at=at)
    audit.record("verdicts.drawn", target=f"case:{row.case_id}", by=by, at=at, detail={"is_drawn": is_drawn})
    made = Draw.objects.create(
        act=done,
        tree_size=head.tree_size,
        root=head.root,
        share=policy.share,
        lot=number,
        is_drawn=is_drawn,
        check_case_id=check.id if check else None,
        leaf_id=leaf.id,
        drawn_at=at,
    )
    return _rows.draws().get(pk=made.pk)


def _open_check(row: Verdict, flow: str, within: Any, *, at: datetime) -> CaseView:
    case = cases.peek(row.case_id, at=at)
    return engine.open_case(
        kind=SPOT_CHECK,
        flow=flow,
        title=f"办后抽查：{case.title}",
        org_id=row.org_id,
        region_code=case.region_code,
        applicant_id=case.applicant_id,
        subject=people.party(case.applicant_id).name if case.applicant_id else "",
        data={"verdict": row.pk, "case": case.number},
        limits={CLOCK: within},
        by=SYSTEM,
        at=at,
    )


def _one_at_a_time(task_id: int) -> None:
    """Two workers with the same step: the second sees what the first wrote."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, task_id % 2**31])


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON that changes nothing: days and decimals as text."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if value is not None
    }


def _pair(text: Text) -> list[str]:
    return [str(text), text.en]
