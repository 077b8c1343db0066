"""Found the authority, issue and revoke certificates, publish lists; make, stop, destroy and use seals."""

from datetime import datetime

from django.db import connection, transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people
from yiwang.support.seals import _authority, _keys, _x509, kinds
from yiwang.support.seals._seal_actions import ask as ask
from yiwang.support.seals._seal_actions import confirm as confirm
from yiwang.support.seals._seal_actions import decline as decline
from yiwang.support.seals._seal_actions import make_seal as make_seal
from yiwang.support.seals._seal_actions import seal_ofd as seal_ofd
from yiwang.support.seals._seal_actions import seal_pdf as seal_pdf
from yiwang.support.seals._seal_actions import stop_seal as stop_seal
from yiwang.support.seals.contracts import (
    Algorithm,
    AlreadyFounded,
    CannotRevoke,
    CertificateView,
    KeyRef,
    RevocationReason,
    Role,
    SealNotFound,
    SealRefused,
)
from yiwang.support.seals.models import Certificate, Key


@transaction.atomic
def found_authority(*, by: Actor, at: datetime) -> list[CertificateView]:
    """The place's roots, issuing certificates (SM2 and P-256) and the maker of seals. Raises AlreadyFounded, NoSm2."""
    _only_operator(by)
    _one_at_a_time("authority")
    if Certificate.objects.filter(role=Role.ROOT.value, revoked_at=None).exists():
        raise AlreadyFounded("本地已经建立了证书机构。", hint="用 yiwang seals authority 查看。")
    policy, made = kinds.policy(), []
    for algorithm in (Algorithm.SM2, Algorithm.P256):
        title = f"{policy.authority} {algorithm.value.upper()}"
        root = _authority.issue(
            role=Role.ROOT,
            key=_authority.new_key(algorithm, at=at),
            subject=_x509.name(f"{title} 根证书", organisation=policy.authority),
            issuer=None,
            years=policy.lives.root,
            by=by,
            at=at,
        )
        issuing = _authority.issue(
            role=Role.ISSUING,
            key=_authority.new_key(algorithm, at=at),
            subject=_x509.name(f"{title} 签发证书", organisation=policy.authority),
            issuer=root,
            years=policy.lives.issuing,
            by=by,
            at=at,
        )
        made += [root, issuing]
        for row in (root, issuing):
            _authority.publish(row, hours=policy.list_hours, at=at)
    maker = _authority.issue(
        role=Role.MAKER,
        key=_authority.new_key(Algorithm.SM2, at=at),
        subject=_x509.name(f"{policy.authority} 制章者", organisation=policy.authority),
        issuer=next(row for row in made if row.role == Role.ISSUING and row.algorithm == Algorithm.SM2),
        years=policy.lives.maker,
        by=by,
        at=at,
    )
    made.append(maker)
    audit.record("seals.authority.founded", target=f"certificate:{made[0].serial}", by=by, at=at)
    return [_authority.view(row, at=at) for row in made]


@transaction.atomic
def issue_certificate(
    *, org_id: int, algorithm: Algorithm, by: Actor, at: datetime, account_id: int | None = None
) -> CertificateView:
    """A certificate with a new key, for an organisation or, with `account_id`, for a person who works there.

    Raises NoAuthority, NoSuchOrganisation, NoSuchAccount, NotPermitted, NoSm2.
    """
    access.require(by, "seals.certify", at_org=org_id)
    org, lives = orgs.get(org_id), kinds.policy().lives
    person = people.account(account_id) if account_id is not None else None
    row = _authority.issue(
        role=Role.PERSON if person else Role.ORGANISATION,
        key=_authority.new_key(algorithm, at=at),
        subject=_x509.name(person.name if person else org.name, organisation=org.name, identifier=org.uscc),
        issuer=_authority.standing(Role.ISSUING, algorithm),
        years=lives.person if person else lives.organisation,
        by=by,
        at=at,
        org_id=org_id,
        account_id=account_id,
    )
    audit.record("seals.certificate.issued", target=f"certificate:{row.serial}", by=by, at=at)
    return _authority.view(row, at=at)


@transaction.atomic
def revoke_certificate(*, serial: str, reason: RevocationReason, by: Actor, at: datetime) -> CertificateView:
    """Revoke a certificate and publish its issuer's list anew. Raises SealNotFound, CannotRevoke, NotPermitted."""
    row = Certificate.objects.select_for_update(of=("self",)).filter(serial=serial).first()
    if row is None:
        raise SealNotFound("没有这张证书。", hint="请核对证书序列号。")
    if row.org_id is None:
        _only_operator(by)
    else:
        access.require(by, "seals.certify", at_org=row.org_id)
    if row.revoked_at or row.issuer is None:
        raise CannotRevoke("这张证书已经吊销，或是根证书。", hint="根证书的更换见操作手册。")
    row.revoked_at, row.reason = at, reason.value
    row.save(update_fields=["revoked_at", "reason"])
    content = {"serial": serial, "reason": reason.value}
    ledger.append(kind="seals.certificate.revoked", subject=f"certificate:{serial}", content=content, by=by, at=at)
    audit.record("seals.certificate.revoked", target=f"certificate:{serial}", by=by, at=at, detail=content)
    _authority.publish(row.issuer, hours=kinds.policy().list_hours, at=at)
    return _authority.view(row, at=at)


@transaction.atomic
def publish_lists(*, by: Actor, at: datetime) -> int:
    """New revocation lists of every authority certificate that still holds; returns how many."""
    _one_at_a_time("lists")
    rows = [row for row in _authority.authorities() if row.not_after > at and not row.revoked_at]
    hours = kinds.policy().list_hours if rows else 0
    for row in rows:
        _authority.publish(row, hours=hours, at=at)
    audit.record("seals.lists.published", target="pki:lists", by=by, at=at, detail={"lists": len(rows)})
    return len(rows)


@transaction.atomic
def make_key(*, algorithm: Algorithm, by: Actor, at: datetime) -> KeyRef:
    """A key in the key store for another app's own use, without a certificate. Raises KeyGone, NoSm2."""
    key = _keys.generate(algorithm, at=at)
    audit.record("seals.key.made", target=f"key:{key.pk}", by=by, at=at, detail={"algorithm": algorithm.value})
    return _keys.as_ref(key)


def sign(*, key_id: int, message: bytes, purpose: str, by: Actor, at: datetime) -> bytes:
    """A signature by a key that `make_key` made; `purpose` is written down. Raises SealNotFound, KeyGone, NoSm2."""
    key = Key.objects.filter(pk=key_id).first()
    if key is None:
        raise SealNotFound("没有这把密钥。", hint="请联系系统管理员。")
    audit.record("seals.key.used", target=f"key:{key_id}", by=by, at=at, detail={"purpose": purpose})
    return _keys.sign(key, message)


def _only_operator(by: Actor) -> None:
    if by.kind is not ActorKind.SYSTEM:
        raise SealRefused("证书机构由系统管理员在命令行上管理。", hint="请联系系统管理员。")


def _one_at_a_time(what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('seals'), hashtext(%s))", [what])
