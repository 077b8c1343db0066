"""What each effect tells the applicant in writing: the same whether it is issued or only looked at. Writes nothing."""

from collections.abc import Callable, Mapping

from yiwang.kernel.base.contracts import ActorKind
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _findings, _materials, _promises, _results
from yiwang.services.applications._documents import Notice, Said, day
from yiwang.services.applications.contracts import INSTANT_FORM, Basics, MaterialStatus
from yiwang.services.applications.models import Document, FiledMaterial

Tells = Callable[[EffectContext], list[Notice]]
ACCEPTANCES = ("accept", "accept-with-gaps")


def accept(context: EffectContext, rows: list[FiledMaterial] | None = None) -> list[Notice]:
    """受理, or 容缺受理 with what may follow and until when; and the documents of promises. Raises MaterialsLacking.

    Accepted by silence (行政许可法 32) it counts whatever is missing: the time to ask is over.
    """
    rows = rows_of(context) if rows is None else rows
    gaps = [] if is_by_silence(context) else _materials.gaps(rows, at=context.at)
    promised = _promises.notices(rows)
    if not gaps:
        return promised if _is_told(context) else [Notice("accept"), *promised]
    names = "、".join(gap.row.name for gap in gaps)
    said = Said(gaps=names, deadline=day(max(gap.make_up_on for gap in gaps)))
    return [Notice("accept-with-gaps", said), *promised]


def _is_told(context: EffectContext) -> bool:
    """Whether the applicant has the notice already: whoever gets a case back and accepts it again tells nothing new."""
    accepted_at = context.case.accepted_at
    if accepted_at is None or accepted_at >= context.at:
        return False
    return Document.objects.filter(case=context.case.id, event__in=ACCEPTANCES).exists()


def ask_correction(context: EffectContext) -> list[Notice]:
    """一次性告知补正: everything that is wrong, once; `form.problems` maps material keys to words."""
    problems: Mapping[str, str] = context.form.get("problems") or {}
    rows = rows_of(context)
    wrong = [row for row in rows if row.key in problems or not MaterialStatus(row.status).is_settled]
    listed = "；".join(f"{row.name}（{problems.get(row.key) or row.problem or '未提供'}）" for row in wrong)
    limit = cases.limit_after(context.case, context.step, context.choice)
    deadline = day(workdays.due(context.at, limit).on) if limit else "收到本告知书之日起规定的期限"
    return [Notice("correct", Said(grounds=context.grounds, problems=listed or "见说明", deadline=deadline))]


def not_accept(context: EffectContext) -> list[Notice]:
    return [Notice("not-accept", Said(grounds=context.grounds))]


def grant(context: EffectContext) -> list[Notice]:
    """准予; where the system decided by rule, the document says so and why."""
    said = Said(result=_results.title_of(context), grounds=context.grounds)
    return [Notice("grant-instantly" if is_instant(context) else "grant", said)]


def refuse(context: EffectContext) -> list[Notice]:
    return [Notice("refuse", Said(grounds=context.grounds))]


def decided(context: EffectContext) -> list[Notice]:
    """准予 or 不予: the document follows how the choice came out."""
    return (refuse if context.case.outcome == "refused" else grant)(context)


def promise_broken(context: EffectContext) -> list[Notice]:
    return _findings.notices(context)


def reverse(context: EffectContext) -> list[Notice]:
    return [Notice("reverse", Said(grounds=context.grounds))]


_ALL = (accept, ask_correction, not_accept, grant, refuse, decided, promise_broken)
TELLS: Mapping[str, Tells] = {f"applications.{tells.__name__}": tells for tells in _ALL}


def is_instant(context: EffectContext) -> bool:
    """Whether the system takes the choice by rule (秒批): only it says so of itself."""
    return context.by.kind is ActorKind.SYSTEM and INSTANT_FORM in context.form


def is_by_silence(context: EffectContext) -> bool:
    return context.by.kind is ActorKind.SYSTEM and not is_instant(context)


def rows_of(context: EffectContext, *, lock: bool = False) -> list[FiledMaterial]:
    """The materials of the matter that the case is about."""
    cases.foresee_data(context.case.id)
    found = _materials.rows_of(context.case, lock=lock)
    return _materials.of_matter(found, Basics.from_data(cases.data(context.case.id)).matter_id)
