"""Effects that flows name (`applications.accept` …): run by the engine inside the step's transaction."""

from collections.abc import Mapping
from typing import Any

from yiwang.kernel.cases.contracts import EffectContext, register_effect
from yiwang.services.applications import _documents, _findings, _materials, _notices, _promises, _results
from yiwang.services.applications._documents import Notice
from yiwang.services.applications.contracts import MaterialStatus, NothingCorrected
from yiwang.services.applications.models import FiledMaterial


def accept(context: EffectContext) -> None:
    """受理: no main material may be open; what may follow gets its day, and the notice says so."""
    _documents.foresee(context.case)
    rows = _notices.rows_of(context, lock=True)
    notices = _notices.accept(context, rows)
    if not _notices.is_by_silence(context):
        _materials.accept(rows, at=context.at)
    _issue(context, notices)


def ask_correction(context: EffectContext) -> None:
    """一次性告知补正: what the clerk found wrong is marked, and the notice names everything at once."""
    problems: Mapping[str, str] = context.form.get("problems") or {}
    _materials.fault(_notices.rows_of(context, lock=True), problems, by=context.by, at=context.at)
    _issue(context, _notices.ask_correction(context))


def corrected(context: EffectContext) -> None:
    """The applicant says that all is put right: every main material must be there again."""
    still = [row.name for row in _notices.rows_of(context, lock=True) if _blocks(row)]
    if still:
        raise NothingCorrected(f"还没有补齐：{'、'.join(still)}。", hint="请逐份上传更正后的材料再提交。")


def not_accept(context: EffectContext) -> None:
    _issue(context, _notices.not_accept(context))


def grant(context: EffectContext) -> None:
    _documents.foresee(context.case)
    _issue(context, _notices.grant(context))


def refuse(context: EffectContext) -> None:
    _issue(context, _notices.refuse(context))


def decided(context: EffectContext) -> None:
    """准予 or 不予: the document follows how the choice came out."""
    _documents.foresee(context.case)
    _issue(context, _notices.decided(context))


def promise_kept(context: EffectContext) -> None:
    """承诺属实."""
    _findings.kept(context)


def promise_broken(context: EffectContext) -> None:
    """承诺不实: the decision names what is undone, as it stood before; then it is undone."""
    notices = _notices.promise_broken(context)
    _findings.broken(context)
    _issue(context, notices)


def issue_result(context: EffectContext) -> dict[str, Any]:
    """Make what the matter ends with; what it returns is there for the matters that follow."""
    return _results.make(context)


def reverse(context: EffectContext) -> None:
    """撤销 or 更正: what the decision brought about is taken back, and the applicant is told in writing."""
    _results.reverse(context)
    _issue(context, _notices.reverse(context))


def register() -> None:
    told = (accept, ask_correction, corrected, not_accept, grant, refuse, decided, promise_broken, reverse)
    for effect in (*told, promise_kept, issue_result):
        register_effect(f"applications.{effect.__name__}", effect)


def _issue(context: EffectContext, notices: list[Notice]) -> None:
    for notice in notices:
        issued = _documents.issue(context.case, notice, by=context.by, at=context.at)
        if notice.promise_id is not None and issued is not None:
            _promises.note_issued(notice, issued)


def _blocks(row: FiledMaterial) -> bool:
    return row.kind != "gap-allowed" and not MaterialStatus(row.status).is_settled
