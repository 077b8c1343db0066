"""What the check of a promise found, and what follows: the material settled, or the results that rested on it undone."""

from django.utils.translation import override

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import CaseView, EffectContext
from yiwang.kernel.workdays import queries as workdays
from yiwang.services.applications import _promises
from yiwang.services.applications._documents import Notice, Said, day
from yiwang.services.applications.contracts import Found, MaterialStatus
from yiwang.services.applications.models import Promise
from yiwang.support.licences import actions as licences
from yiwang.support.licences import queries as register
from yiwang.support.licences.contracts import Change, LicenceView


def kept(context: EffectContext) -> None:
    """属实: the promise has become a verified material."""
    _tell(Found.KEPT, context)
    promise = _promises.of_check(context.case, lock=True)
    material = promise.material
    material.status, material.problem = MaterialStatus.VERIFIED.value, None
    material.evidence = f"承诺核查{context.case.number}"
    _settle(promise, Found.KEPT, context)


def broken(context: EffectContext) -> None:
    """不实: what is not finished ends, what was issued on it is revoked, and the applicant may not promise for a time."""
    cases = _promises.resting(_promises.of_check(context.case))
    # Families are locked before rows, as everywhere.
    _tell(Found.BROKEN, context)
    for case in _unfinished(cases):
        engine.terminate(case_id=case.id, reason="所依据的承诺经核查不实。", by=SYSTEM, at=context.at)
    promise = _promises.of_check(context.case, lock=True)
    for licence in _revocable(cases):
        grounds = f"所依据的承诺经核查不实（{context.case.number}）。"
        licences.revoke(licence_id=licence.id, grounds=grounds, by=context.by, at=context.at)
    promise.material.status = MaterialStatus.FAULTY.value
    promise.material.problem = f"承诺经核查不实：{context.grounds}"
    promise.barred_until = workdays.due(context.at, _promises.policy().barred_for).on
    _settle(promise, Found.BROKEN, context)


def notices(context: EffectContext) -> list[Notice]:
    """不实承诺处理决定书, with what becomes of the results. Reads only."""
    promise = _promises.of_check(context.case)
    cases = _promises.resting(promise)
    matter = next(iter(cases), context.case)
    more = {
        "matter": matter.title,
        "number": matter.number,
        "material": promise.material.name,
        "proves": promise.proves,
        "proof_basis": promise.proof_basis,
        "promised_on": day(promise.promised_at),
        "promise_no": promise.declaration.document_no if promise.declaration else "承诺书",
        "barred_until": day(workdays.due(context.at, _promises.policy().barred_for).on),
    }
    return [
        Notice(
            "promise-broken",
            Said(grounds=context.grounds.strip().rstrip("。；"), result=_consequence(cases), more=more),
        )
    ]


def _consequence(cases: list[CaseView]) -> str:
    """撤销… 、终止…, in the words of the decision: Chinese, whatever the clerk's page speaks."""
    with override("zh-hans"):
        revoked = [f"撤销{licence.title}（编号{licence.number}）" for licence in _revocable(cases)]
    ended = [f"终止办理“{case.title}”" for case in _unfinished(cases)]
    return "，".join([*revoked, *ended, "将不实承诺记入信用记录"])


def _unfinished(cases: list[CaseView]) -> list[CaseView]:
    return [case for case in cases if case.is_open]


def _revocable(cases: list[CaseView]) -> list[LicenceView]:
    issued = [licence for case in cases for licence in register.of_case(case.number)]
    return [licence for licence in issued if Change.REVOKE in register.changes_of(licence)]


def _settle(promise: Promise, found: Found, context: EffectContext) -> None:
    material = promise.material
    material.checked_by, material.checked_at = context.by.account_id, context.at
    material.save(update_fields=["status", "problem", "evidence", "checked_by", "checked_at"])
    promise.found, promise.found_at, promise.found_words = found.value, context.at, context.grounds
    promise.save(update_fields=["found", "found_at", "found_words", "barred_until"])
    detail = {"material": material.key, "found": found.value}
    audit.record(
        "applications.promise.checked", target=context.case.number, by=context.by, at=context.at, detail=detail
    )


def _tell(found: Found, context: EffectContext) -> None:
    """Into the history of the filing: what the check found of which material."""
    material = _promises.of_check(context.case).material
    word = {Found.KEPT: "属实", Found.BROKEN: "不实"}[found]
    text = f"承诺核查（{context.case.number}）：{material.name}的承诺{word}。"
    engine.note(case_id=material.case_id, text=text, is_visible=True, by=SYSTEM, at=context.at)
