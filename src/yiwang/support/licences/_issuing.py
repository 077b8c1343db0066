"""Issuing one licence: once for the same result, with its version, history, leaf and keepers."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.licences import _acts, _making, _rows
from yiwang.support.licences.contracts import Holder, LicenceView, Operation
from yiwang.support.licences.kinds import LICENCE_TYPE
from yiwang.support.licences.models import Licence, LicenceKeeper


@transaction.atomic
def issue(
    *,
    type_id: str,
    holder: Holder,
    issuer_org_id: int,
    fields: Mapping[str, Any],
    valid_from: date | None = None,
    valid_to: date | None = None,
    case_number: str = "",
    by: Actor,
    at: datetime,
    number: str = "",
    slot: str = "",
    keepers: Sequence[str] = (),
) -> LicenceView:
    """Issue a licence; for the same case, type, holder (and `slot`, for twins) the one that exists is returned.

    `keepers` are subject keys of others who keep it, such as the parents of a child. Raises StaysPaper, NoTypeCode,
    WrongFields, NotPermitted.
    """
    access.require(by, "licences.issue", at_org=issuer_org_id)
    pack = packs.get(LICENCE_TYPE, type_id)
    today = at.astimezone(LEGAL_TIME).date()
    _making.refuse_paper(pack)
    issue_key = _issue_key(case_number, type_id, holder, slot)
    before = Licence.objects.filter(issue_key=issue_key).first() if issue_key else None
    if before:
        return _rows.view(before, on=today)
    row = _making.new_row(pack, holder, orgs.get(issuer_org_id), fields, valid_from or today, valid_to, number, today)
    row.case_number, row.issue_key, row.changed_at = case_number, issue_key, at
    row.save(force_insert=True)
    LicenceKeeper.objects.bulk_create(
        [LicenceKeeper(licence=row, subject_key=key) for key in dict.fromkeys(keepers) if key != row.subject_key]
    )
    _acts.conclude(row, Operation.ISSUE, _rows.keep_version(row, at=at), "", today, by, at)
    return _rows.view(row, on=today)


def _issue_key(case_number: str, type_id: str, holder: Holder, slot: str) -> str:
    """Locks what it names: two deliveries of the same result must not both find nothing and both issue."""
    if not case_number:
        return ""
    named = "|".join((case_number, type_id, sealed_index(holder.id_number or holder.name), slot))
    digest = hashlib.sha256(named.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(digest[:15], 16)])
    return digest
