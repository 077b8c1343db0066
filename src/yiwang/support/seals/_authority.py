"""The certification authority's own work: keys, chains, new certificates, status; no permission is asked here."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from asn1crypto import x509
from django.conf import settings

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.seals import _keys, _revocation, _x509
from yiwang.support.seals._revocation import Revoked
from yiwang.support.seals._x509 import Addresses, Parsed, Plan
from yiwang.support.seals.contracts import (
    Algorithm,
    CertificateStatus,
    CertificateView,
    KeyGone,
    NoAuthority,
    RevocationReason,
    Role,
)
from yiwang.support.seals.models import Certificate, Key, RevocationList

DAYS_A_YEAR = 365
ROLES_OF_AUTHORITY = (Role.ROOT, Role.ISSUING)


def standing(role: Role, algorithm: Algorithm) -> Certificate:
    """The certificate of the authority that is in use. Raises NoAuthority."""
    rows = Certificate.objects.filter(role=role.value, algorithm=algorithm.value, revoked_at=None)
    row = rows.select_related("key", "issuer__key").first()
    if row is None:
        raise NoAuthority("本地还没有建立证书机构。", hint="请管理员先运行 yiwang seals authority。")
    return row


def issue(
    *,
    role: Role,
    key: Key,
    subject: x509.Name,
    issuer: Certificate | None,
    years: int,
    by: Actor,
    at: datetime,
    org_id: int | None = None,
    account_id: int | None = None,
) -> Certificate:
    """A new certificate with its ledger leaf. It never outlives its issuer. Raises KeyGone, NoSm2."""
    until = at + timedelta(days=years * DAYS_A_YEAR)
    until = min(until, issuer.not_after) if issuer else until
    algorithm = Algorithm(key.algorithm)
    addresses = addresses_of(issuer) if issuer else Addresses()
    plan = Plan(role, algorithm, subject, bytes.fromhex(key.public), at, until, addresses)
    signing = issuer.key if issuer else key
    der = _x509.certificate(
        plan, issuer=parsed(issuer) if issuer else None, sign=lambda message: _keys.sign(signing, message)
    )
    made = Parsed(der)
    content = {
        "serial": made.serial,
        "role": role.value,
        "algorithm": algorithm.value,
        "sha256": hashlib.sha256(der).hexdigest(),
    }
    leaf = ledger.append(
        kind="seals.certificate.issued", subject=f"certificate:{made.serial}", content=content, by=by, at=at
    )
    return Certificate.objects.create(
        serial=made.serial,
        role=role.value,
        algorithm=algorithm.value,
        subject=made.common_name,
        org_id=org_id,
        account_id=account_id,
        key=key,
        issuer=issuer,
        not_before=made.not_before,
        not_after=made.not_after,
        der=base64.b64encode(der).decode(),
        leaf_id=leaf.id,
    )


def publish(issuer: Certificate, *, hours: int, at: datetime) -> RevocationList:
    """A new revocation list of an authority's certificate."""
    last = RevocationList.objects.filter(issuer=issuer).order_by("-number").values_list("number", flat=True).first()
    number, until = (last or 0) + 1, at + timedelta(hours=hours)
    gone = Certificate.objects.filter(issuer=issuer, revoked_at__isnull=False).order_by("id")
    der = _revocation.listing(
        parsed(issuer),
        [_revoked(row) for row in gone],
        number=number,
        now=at,
        until=until,
        sign=lambda message: _keys.sign(issuer.key, message),
    )
    return RevocationList.objects.create(issuer=issuer, number=number, der=der, this_update=at, next_update=until)


def answer(request: bytes, *, at: datetime) -> bytes:
    """The online status answer to a request; malformed and foreign ones get the refusal of RFC 6960."""
    rows = list(authorities())
    by_serial = {parsed(row).serial: row for row in rows}
    return _revocation.answer(
        request,
        issuers=[parsed(row) for row in rows],
        status=lambda issuer, serials: _status_of(by_serial[issuer.serial], serials),
        sign=lambda issuer, message: _keys.sign(by_serial[issuer.serial].key, message),
        now=at,
        until=at + timedelta(hours=1),
    )


def authorities() -> Iterable[Certificate]:
    """Every certificate that ever issued others, the newest first."""
    roles = [role.value for role in ROLES_OF_AUTHORITY]
    return Certificate.objects.filter(role__in=roles).select_related("key").order_by("-id")


def der(row: Certificate) -> bytes:
    return base64.b64decode(str(row.der))


def parsed(row: Certificate) -> Parsed:
    return Parsed(der(row))


def addresses_of(issuer: Certificate) -> Addresses:
    """Where the readers of what `issuer` issues find its list and its answers; empty without a public address."""
    base = settings.YIWANG_PUBLIC_URL.rstrip("/")
    if not base:
        return Addresses()
    return Addresses(f"{base}/pki/{issuer.serial}.crl", f"{base}/pki/ocsp", f"{base}/pki/{issuer.serial}.cer")


def view(row: Certificate, *, at: datetime) -> CertificateView:
    status = CertificateStatus.GOOD if at <= row.not_after else CertificateStatus.EXPIRED
    return CertificateView(
        id=row.pk,
        serial=row.serial,
        role=Role(row.role),
        algorithm=Algorithm(row.algorithm),
        subject=str(row.subject),
        issuer=str(row.issuer.subject if row.issuer else row.subject),
        org_id=row.org_id,
        not_before=row.not_before,
        not_after=row.not_after,
        status=CertificateStatus.REVOKED if row.revoked_at else status,
        revoked_at=row.revoked_at,
        pem=_x509.as_pem(der(row)),
    )


def new_key(algorithm: Algorithm, *, at: datetime) -> Key:
    """Raises KeyGone, NoSm2."""
    key = _keys.generate(algorithm, at=at)
    if len(key.public) != 128:
        raise KeyGone("密钥库给出的公钥不对。", hint="请检查密钥库的接入。")
    return key


def _status_of(issuer: Certificate, serials: Sequence[str]) -> dict[str, Revoked | None]:
    rows = Certificate.objects.filter(issuer=issuer, serial__in=set(serials))
    return {row.serial: _revoked(row) if row.revoked_at else None for row in rows}


def _revoked(row: Certificate) -> Revoked:
    assert row.revoked_at is not None
    return Revoked(row.serial, row.revoked_at, RevocationReason(row.reason or "unspecified").value)
