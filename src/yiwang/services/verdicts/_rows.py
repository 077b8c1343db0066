"""Verdicts as views: with what followed of each and its draw, in a constant number of queries."""

from collections.abc import Sequence

from django.db.models import QuerySet

from yiwang.kernel.packs.contracts import Text
from yiwang.kernel.rules.contracts import Answer
from yiwang.services.verdicts.contracts import DrawView, Ground, Left, VerdictView
from yiwang.services.verdicts.models import Act, Draw, Verdict


def verdicts() -> QuerySet[Verdict]:
    """Verdicts with the number of their case, their sealed parts left where they are."""
    heavy = ("facts", "outputs", "case__data", "case__result", "case__subject")
    return Verdict.objects.select_related("case").defer(*heavy)


def draws() -> QuerySet[Draw]:
    return Draw.objects.select_related("act__verdict__case", "check_case").defer(
        *(f"act__verdict__{name}" for name in ("facts", "outputs", "case__data", "case__result", "case__subject")),
        *(f"check_case__{name}" for name in ("data", "result", "subject")),
    )


def views(rows: Sequence[Verdict]) -> list[VerdictView]:
    """The views of some verdicts; two queries more."""
    if not rows:
        return []
    ids = [row.pk for row in rows]
    acts = {act.verdict_id: act for act in Act.objects.filter(verdict__in=ids)}
    drawn = {draw.act.verdict_id: draw_view(draw) for draw in draws().filter(act__verdict__in=ids)}
    return [_view(row, acts.get(row.pk), drawn.get(row.pk)) for row in rows]


def draw_view(row: Draw) -> DrawView:
    check = row.check_case
    return DrawView(
        verdict_id=row.act.verdict_id,
        case_number=row.act.verdict.case.number,
        tree_size=row.tree_size,
        root=row.root,
        share=row.share,
        lot=row.lot,
        is_drawn=row.is_drawn,
        drawn_at=row.drawn_at,
        check_number=check.number if check else "",
        check_outcome=check.outcome if check else "",
        check_is_open=check is not None and check.closed_at is None,
    )


def _view(row: Verdict, act: Act | None, draw: DrawView | None) -> VerdictView:
    left = row.left or (act.left if act else "")
    return VerdictView(
        id=row.pk,
        case_id=row.case_id,
        task_id=row.task_id,
        step=row.step,
        choice=row.choice,
        decision_id=row.decision_id,
        rule_id=row.rule_id,
        rule_title=Text(*row.rule_title),
        rule_version=row.rule_version,
        on=row.on,
        answer=Answer(row.answer),
        grounds=tuple(Ground.restored(each) for each in row.grounds),
        left=Left(left) if left else None,
        given_at=row.given_at,
        leaf_id=row.leaf_id,
        is_taken=act.is_taken if act else None,
        acted_at=act.at if act else None,
        draw=draw,
    )
