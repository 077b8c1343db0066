"""What every act on a licence shares: the lock, the grounds, and what is written down at its end."""

from datetime import date, datetime

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import _rows, _telling
from yiwang.support.licences.contracts import GroundsNeeded, LicenceNotFound, Operation
from yiwang.support.licences.models import Licence, LicenceVersion

GROUNDS_MAX = 500


def locked(licence_id: int) -> Licence:
    row = Licence.objects.select_for_update().filter(pk=licence_id).first()
    if row is None:
        raise LicenceNotFound("没有这份证照。", hint="请核对后再试。")
    return row


def version(row: Licence) -> LicenceVersion:
    """What the licence says now."""
    return LicenceVersion.objects.get(licence=row, version=row.version)


def grounds(text: str) -> str:
    said = text.strip()
    if not said or len(said) > GROUNDS_MAX:
        raise GroundsNeeded("请写明理由（500字以内）。", hint="理由会随证照状态一并留存。")
    return said


def conclude(
    row: Licence, operation: Operation, said: LicenceVersion, grounds: str, on: date, by: Actor, at: datetime
) -> None:
    """History, ledger, audit and event; and the holder is told of what was not asked for in a case."""
    issuer = orgs.get(row.issuer_id)
    _rows.keep_event(
        row, operation, digest=said.face_digest, issuer=issuer.uscc, grounds=grounds, effective_on=on, by=by, at=at
    )
    if operation is not Operation.ISSUE:
        occasion = "licence-ended" if operation is Operation.LAPSE else "licence-changed"
        facts = {"result": operation.word, "why": grounds}
        _telling.tell(
            row, issuer, occasion, facts, key=f"{row.version}:{operation.value}:{at.isoformat()}", by=by, at=at
        )
