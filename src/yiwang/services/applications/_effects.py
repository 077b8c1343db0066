"""Effects that flows name (`applications.accept` …): run by the engine inside the step's transaction."""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext, register_effect
from yiwang.services.applications import _documents, _materials, _results
from yiwang.services.applications._documents import Said
from yiwang.services.applications.contracts import (
    Basics,
    MaterialStatus,
    NothingCorrected,
)
from yiwang.services.applications.models import FiledMaterial


def accept(context: EffectContext) -> None:
    """受理: no main material may be open; what may follow gets its day, and the notice says so.

    Accepted by silence (行政许可法 32) it counts whatever is missing: the time to ask is over.
    """
    is_by_silence = context.by.kind is ActorKind.SYSTEM
    gaps = [] if is_by_silence else _materials.accept(_rows(context), at=context.at)
    if gaps:
        last = max(row.make_up_on for row in gaps if row.make_up_on)
        said = Said(gaps=_listed(gaps), deadline=f"{last.year}年{last.month}月{last.day}日")
        _issue(context, "accept-with-gaps", said)
    else:
        _issue(context, "accept", Said())


def ask_correction(context: EffectContext) -> None:
    """一次性告知补正: everything that is wrong, once; `form.problems` maps material keys to words."""
    rows = _rows(context)
    problems: Mapping[str, str] = context.form.get("problems") or {}
    _materials.fault(rows, problems, by=context.by, at=context.at)
    lacking = [row for row in rows if not MaterialStatus(row.status).is_settled]
    listed = "；".join(f"{row.name}（{row.problem or '未提供'}）" for row in lacking) or "见说明"
    deadline = next((t.due_at for t in context.case.steps_open if t.due_at), None)
    said = Said(
        grounds=context.grounds,
        problems=listed,
        deadline=_documents.day(deadline) if deadline else "收到本告知书之日起规定的期限",
    )
    _issue(context, "correct", said)


def corrected(context: EffectContext) -> None:
    """The applicant says that all is put right: every main material must be there again."""
    still = [row.name for row in _rows(context) if _blocks(row)]
    if still:
        raise NothingCorrected(f"还没有补齐：{'、'.join(still)}。", hint="请逐份上传更正后的材料再提交。")


def not_accept(context: EffectContext) -> None:
    _issue(context, "not-accept", Said(grounds=context.grounds))


def grant(context: EffectContext) -> None:
    _issue(context, "grant", Said(result=_results.title_of(context)))


def refuse(context: EffectContext) -> None:
    _issue(context, "refuse", Said(grounds=context.grounds))


def decided(context: EffectContext) -> None:
    """准予 or 不予: the document follows how the choice came out."""
    (refuse if context.case.outcome == "refused" else grant)(context)


def issue_result(context: EffectContext) -> dict[str, Any]:
    """Make what the matter ends with; what it returns is there for the matters that follow."""
    return _results.make(context)


def register() -> None:
    for effect in (accept, ask_correction, corrected, not_accept, grant, refuse, decided, issue_result):
        register_effect(f"applications.{effect.__name__}", effect)


def _rows(context: EffectContext) -> list[FiledMaterial]:
    basics = Basics.from_data(cases.data(context.case.id))
    return _materials.rows_of(context.case, basics.matter_id, lock=True)


def _issue(context: EffectContext, event: str, said: Said) -> None:
    _documents.issue(context.case, event, said, by=context.by, at=context.at)


def _listed(rows: list[FiledMaterial]) -> str:
    return "、".join(row.name for row in rows)


def _blocks(row: FiledMaterial) -> bool:
    return row.kind != "gap-allowed" and not MaterialStatus(row.status).is_settled
