"""Opening a proof: at once when the registries say what it says, otherwise with why not and where to go."""

from datetime import datetime, timedelta

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import throttle
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _issuing, _proof_rows, _rows
from yiwang.support.licences.contracts import CannotProve, Holder, LicenceView, Status
from yiwang.support.licences.models import Licence

PURPOSE_MAX = 40
A_DAY = 30


@transaction.atomic
def open_proof(*, type_id: str, purpose: str, holder: PartyView, by: Actor, at: datetime) -> LicenceView:
    """Issue a proof to the person whom it is about; the same for the same purpose on the same day is the one that there is.

    The page has checked that `holder` is the reader. Raises CannotProve (no such proof, no purpose, the facts do not stand), TooOften.
    """
    wanted, today = purpose.strip(), at.astimezone(LEGAL_TIME).date()
    if not wanted or len(wanted) > PURPOSE_MAX:
        raise CannotProve(f"请写明给谁用、办什么事（{PURPOSE_MAX}字以内）。", hint="如：某某小学，入学。")
    sheet = _proof_rows.sheet(type_id, holder, wanted, on=today)
    if not sheet.stands:
        raise CannotProve(sheet.why, hint=sheet.where)
    throttle.count("licences.proof", holder.subject_key, at=at, most=A_DAY, window=timedelta(days=1))
    rows = Licence.objects.filter(
        type_id=type_id, subject_key=holder.subject_key, issued_on=today, status=Status.VALID.value
    )
    before = next((row for row in rows if row.fields == sheet.fields), None)
    if before:
        return _rows.view(before, on=today)
    # The rule of the pack decided over the registries; the register of licences is written by the system.
    made = _issuing.issue(
        type_id=type_id,
        holder=Holder(holder.name, holder.id_type, holder.id_number),
        issuer_org_id=sheet.issuer_org_id,
        fields=sheet.fields,
        valid_to=today + timedelta(days=sheet.days - 1),
        by=SYSTEM,
        at=at,
    )
    audit.record("licences.proof.opened", target=f"licence:{made.id}", by=by, at=at, detail={"type": type_id})
    return made
