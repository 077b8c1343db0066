"""Licences as credentials for wallets (W3C VC 2.0): the key that signs, and the document."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import translation

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.kernel.workdays.queries import day_begins
from yiwang.support.licences import _acts, _credential, _rows, queries
from yiwang.support.licences._credential_keys import issuer_id
from yiwang.support.licences.contracts import LicenceFace, NoCopy
from yiwang.support.licences.models import CredentialKey
from yiwang.support.seals import actions as seals
from yiwang.support.seals.contracts import Algorithm

# Verifiers may keep the published keys for a day: a new one waits until they have seen it.
SEEN_AFTER = timedelta(days=1)
_LOCK = 0x59575643


@transaction.atomic
def credential(*, licence_id: int, base: str, by: Actor, at: datetime) -> dict[str, Any]:
    """A valid licence as a signed credential; `base` is the site's address. The page has checked whose licence it is.

    Raises LicenceNotFound, NoCopy (out of force), KeyGone.
    """
    row = _acts.locked(licence_id)
    today = at.astimezone(LEGAL_TIME).date()
    if not _rows.view(row, on=today).is_valid:
        raise NoCopy("只有有效的证照可以下载。", hint="请先核对证照状态。")
    with translation.override("zh-hans"):
        face = queries.face(licence_id, on=today)
    key, issuer = _signing(by, at), issuer_id(base)
    made = _credential.secured(
        _document(face, base, issuer),
        method=f"{issuer}#{key.public}",
        created=_moment(at),
        sign=lambda message: seals.sign(key_id=key.key_id, message=message, purpose="电子证照可验证凭证", by=by, at=at),
    )
    audit.record("licences.credential.made", target=f"licence:{licence_id}", by=by, at=at, detail={"key": key.public})
    return made


@transaction.atomic
def roll_credential_key(*, by: Actor, at: datetime, at_once: bool = False) -> str:
    """Draw the next key: it is published now and signs after a day, or at once when the old one leaked, which is then no longer believed."""
    if at_once:
        CredentialKey.objects.filter(retired_at=None).update(retired_at=at)
    return _made(by, at, at if at_once else at + SEEN_AFTER).public


def _signing(by: Actor, at: datetime) -> CredentialKey:
    """The newest key whose time to sign has come; the first is made here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    rows = CredentialKey.objects.filter(signs_from__lte=at, retired_at=None)
    return rows.order_by("-signs_from", "-pk").first() or _made(by, at, at)


def _made(by: Actor, at: datetime, signs_from: datetime) -> CredentialKey:
    key = seals.make_key(algorithm=Algorithm.ED25519, by=by, at=at)
    public = _credential.multikey(key.public_key)
    return CredentialKey.objects.create(key_id=key.id, public=public, made_at=at, signs_from=signs_from)


def _document(face: LicenceFace, base: str, issuer: str) -> dict[str, Any]:
    licence = face.licence
    begins = day_begins(licence.valid_from)
    says = {f"field_{line.name}": line.value for line in face.lines}
    document = {
        "@context": [_credential.CREDENTIALS, {"@vocab": f"{base}/ns/licence#"}],
        "id": f"{base}/v/{licence.verify_code}",
        "type": ["VerifiableCredential", "LicenceCredential"],
        "issuer": {"id": issuer, "name": face.issuer_name},
        "name": licence.title,
        "validFrom": _moment(begins),
        "credentialSubject": {
            "holderName": face.holder_name,
            "holderNumber": face.holder_id_number,
            "licenceIdentifier": licence.identifier,
            "licenceNumber": licence.number,
            "licenceVersion": licence.version,
            **says,
        },
    }
    if licence.valid_to:
        document["validUntil"] = _moment(datetime.combine(licence.valid_to, time(23, 59, 59), LEGAL_TIME))
    return document


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
