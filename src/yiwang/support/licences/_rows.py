"""From rows to contracts, and the rows that go with every act."""

import hashlib
import secrets
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import get_language

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import masking
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.events import publish
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.ledger.queries import canonical
from yiwang.kernel.packs import queries as packs
from yiwang.support.licences._standing import status_on
from yiwang.support.licences.contracts import LicenceView, Operation, Status
from yiwang.support.licences.kinds import LICENCE_TYPE, LicenceTypePack
from yiwang.support.licences.models import Licence, LicenceEvent, LicenceKeeper, LicenceVersion

EVENT_NAMES = {
    Operation.ISSUE: "issued",
    Operation.SUSPEND: "suspended",
    Operation.RESUME: "resumed",
    Operation.CANCEL: "cancelled",
    Operation.OTHER: "revoked",
    Operation.CORRECT: "corrected",
    Operation.RENEW: "renewed",
    Operation.LAPSE: "lapsed",
    Operation.MOVE_IN: "transferred",
    Operation.STAY: "stayed",
}


def theirs(subject_key: str) -> Q:
    """What a subject holds or keeps."""
    kept = LicenceKeeper.objects.filter(licence=OuterRef("pk"), subject_key=subject_key)
    return Q(subject_key=subject_key) | Q(Exists(kept))


def in_force(on: date) -> Q:
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return Q(status=Status.VALID.value, valid_from__lte=on) & lasting


def type_of(row: Licence) -> LicenceTypePack:
    """The very content of the type that this licence was issued or last corrected under."""
    return packs.by_hash(LICENCE_TYPE, row.type_id, row.type_hash).as_type(LicenceTypePack)


def view(row: Licence, *, on: date) -> LicenceView:
    body = type_of(row)
    return LicenceView(
        id=row.pk,
        identifier=row.identifier,
        version=row.version,
        number=row.number,
        type_id=row.type_id,
        title=body.title.in_language(get_language()),
        status=status_on(row.status, row.valid_to, on),
        holder_masked=masked_holder(row, body),
        issuer_org_id=row.issuer_id,
        issued_on=row.issued_on,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        verify_code=row.verify_code,
        case_number=row.case_number,
    )


def masked_holder(row: Licence, body: LicenceTypePack) -> str:
    """A firm's name is public, a person's is not."""
    return str(row.holder_name) if body.holder == "firm" else masking.mask_name(row.holder_name)


def keep_version(row: Licence, *, at: datetime) -> LicenceVersion:
    """What the licence says from now on, written down."""
    version = version_of(row, at=at)
    version.save(force_insert=True)
    return version


def version_of(row: Licence, *, at: datetime) -> LicenceVersion:
    """What the licence says, with a salted digest that the ledger can hold in the open."""
    face = {
        "number": row.number,
        "holder": row.holder_name,
        "holder_id": row.holder_id_number,
        "fields": row.fields,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }
    salt = secrets.token_hex(16)
    return LicenceVersion(
        licence=row,
        version=row.version,
        identifier=row.identifier,
        type_hash=row.type_hash,
        face=face,
        face_salt=salt,
        face_digest=hashlib.sha256(salt.encode() + canonical(face).encode()).hexdigest(),
        made_at=at,
    )


def as_registered(licence_id: int, on: date) -> dict[str, str | None]:
    """A licence as the registry of licences keeps it; its face stays here."""
    row = Licence.objects.select_related("issuer__region").get(pk=licence_id)
    seen = view(row, on=on)
    return {
        "verify_code": row.verify_code, "identifier": row.identifier, "number": row.number, "type": seen.title,
        "holder_number": str(row.holder_id_number), "status": seen.status_word, "issuer": row.issuer.name,
        "region_code": row.issuer.region.code, "issued_on": row.issued_on.isoformat(), "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat() if row.valid_to else None,
    }  # fmt: skip


def keep_event(
    row: Licence,
    operation: Operation,
    *,
    digest: str,
    issuer: str,
    grounds: str,
    effective_on: date,
    by: Actor,
    at: datetime,
) -> LicenceEvent:
    """The act, its ledger leaf (which holds nothing personal, so that anyone may open it), audit and event."""
    content = leaf_content(row, operation, digest=digest, issuer=issuer, effective_on=effective_on)
    name = f"licences.licence.{EVENT_NAMES[operation]}"
    leaf = ledger.append(kind=name, subject=f"licence:{row.pk}", content=content, by=by, at=at)
    event = event_of(row, operation, leaf.id, grounds=grounds, effective_on=effective_on, by=by, at=at)
    event.save(force_insert=True)
    audit.record(name, target=f"licence:{row.pk}", by=by, at=at, detail={"status": row.status, "grounds": grounds})
    publish(name, _payload(row), at=at)
    return event


def leaf_content(row: Licence, operation: Operation, *, digest: str, issuer: str, effective_on: date) -> dict[str, Any]:
    """What anyone may read in the ledger of an act."""
    return {
        "licence": row.identifier,
        "type": row.type_id,
        "operation": operation.value,
        "status": row.status,
        "version": row.version,
        "face": digest,
        "issuer": issuer,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "effective_on": effective_on,
    }


def event_of(
    row: Licence, operation: Operation, leaf_id: int, *, grounds: str, effective_on: date, by: Actor, at: datetime
) -> LicenceEvent:
    """A line of a licence's history."""
    return LicenceEvent(
        licence=row,
        operation=operation.value,
        status=row.status,
        version=row.version,
        grounds=grounds,
        effective_on=effective_on,
        account_id=by.account_id,
        org_id=by.posts[0].org_id if by.posts else None,
        leaf_id=leaf_id,
        at=at,
    )


def _payload(row: Licence) -> dict[str, Any]:
    return {"licence_id": row.pk, "type_id": row.type_id, "status": row.status, "case_number": row.case_number}
