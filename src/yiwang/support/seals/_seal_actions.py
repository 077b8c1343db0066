"""What is done to seals and with them: make, stop, resume, destroy with a second person; put on OFD and PDF."""

import secrets
from datetime import datetime

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.seals import _authority, _keys, _ofd_seal, _pdf, _picture, _seal_rows, _ses, _x509, kinds
from yiwang.support.seals._ofd_seal import Stamp
from yiwang.support.seals.contracts import (
    Act,
    Algorithm,
    BadSeal,
    CannotChange,
    Format,
    GroundsNeeded,
    RevocationReason,
    Role,
    SealRefused,
    SealStatus,
    SealView,
    SecondPersonNeeded,
    Signed,
    StampPlace,
)
from yiwang.support.seals.models import Certificate, Seal

NAME_MAX, GROUNDS_MAX = 24, 500
# Which standing each act leads from.
BEFORE = {
    Act.STOP: (SealStatus.VALID,),
    Act.RESUME: (SealStatus.STOPPED,),
    Act.DESTROY: (SealStatus.VALID, SealStatus.STOPPED),
}
STRUCTURE_WHILE_PENDING = b""


@transaction.atomic
def make_seal(
    *, org_id: int, kind: str, name: str, grounds: str, by: Actor, at: datetime, picture: bytes | None = None
) -> SealView:
    """Ask for a seal; it is made when a second person confirms, at once where the system itself asks.

    Without a picture one is drawn. Raises NotPermitted, BadSeal, BadPicture, GroundsNeeded, NoAuthority, NoSm2.
    """
    access.require(by, "seals.make", at_org=org_id)
    org, sort = orgs.get(org_id), kinds.policy().seal_kind(kind)
    if sort is None or not 2 <= len(name.strip()) <= NAME_MAX:
        raise BadSeal(f"请选择印章种类，并写明印章名称（2至{NAME_MAX}字）。", hint="印章名称应当是单位全称。")
    png = _picture.taken(picture) if picture else None
    png = png or _picture.drawn(name.strip(), inscription=sort.inscription, width_mm=sort.width_mm)
    width, height = _picture.size_mm(png, width_mm=sort.width_mm)
    row = Seal.objects.create(
        es_id=f"{org.uscc}{at:%y%m%d}{secrets.token_hex(4).upper()}",
        org_id=org_id,
        kind=kind,
        name=name.strip(),
        status=SealStatus.PENDING.value,
        asked=Act.MAKE.value,
        asked_by=by.account_id,
        picture=png,
        width_mm=width,
        height_mm=height,
        structure=STRUCTURE_WHILE_PENDING,
        made_at=at,
    )
    _seal_rows.keep_event(row, "make-asked", grounds=_grounds(grounds), by=by, at=at)
    if by.kind is ActorKind.SYSTEM:
        _make(row, grounds=grounds, by=by, at=at)
    return _seal_rows.view(row, at=at)


@transaction.atomic
def stop_seal(*, seal_id: int, grounds: str, by: Actor, at: datetime) -> SealView:
    """Out of use at once, by one person: a seal that may be misused does not wait. Raises SealNotFound, NotPermitted, CannotChange, GroundsNeeded."""
    row = _seal_rows.locked(seal_id)
    access.require(by, "seals.make", at_org=row.org_id)
    said = _grounds(grounds)
    _require_standing(row, Act.STOP, at)
    row.status, row.asked, row.asked_by = SealStatus.STOPPED.value, "", None
    row.save(update_fields=["status", "asked", "asked_by"])
    _seal_rows.keep_event(row, "stopped", grounds=said, by=by, at=at)
    return _seal_rows.view(row, at=at)


@transaction.atomic
def ask(*, seal_id: int, act: Act, grounds: str, by: Actor, at: datetime) -> SealView:
    """Ask to resume or destroy a seal; a second person confirms. Raises SealNotFound, NotPermitted, CannotChange, GroundsNeeded."""
    row = _seal_rows.locked(seal_id)
    access.require(by, "seals.make", at_org=row.org_id)
    said = _grounds(grounds)
    if act not in (Act.RESUME, Act.DESTROY) or row.asked:
        raise CannotChange("这枚印章已有一项申请等待复核。", hint="请先由另一人复核。")
    _require_standing(row, act, at)
    row.asked, row.asked_by = act.value, by.account_id
    row.save(update_fields=["asked", "asked_by"])
    _seal_rows.keep_event(row, f"{act.value}-asked", grounds=said, by=by, at=at)
    return _seal_rows.view(row, at=at)


@transaction.atomic
def confirm(*, seal_id: int, grounds: str, by: Actor, at: datetime) -> SealView:
    """Carry out what another person asked for. Raises SealNotFound, NotPermitted, SecondPersonNeeded, CannotChange, NoAuthority."""
    row = _asked(seal_id, by)
    said, act = _grounds(grounds), Act(row.asked)
    row.asked, row.asked_by = "", None
    if act is Act.MAKE:
        _make(row, grounds=said, by=by, at=at)
    elif act is Act.RESUME:
        _require_standing(row, act, at)
        row.status = SealStatus.VALID.value
        row.save(update_fields=["status", "asked", "asked_by"])
        _seal_rows.keep_event(row, "resumed", grounds=said, by=by, at=at)
    else:
        _require_standing(row, act, at)
        _destroy(row, grounds=said, by=by, at=at)
    return _seal_rows.view(row, at=at)


@transaction.atomic
def decline(*, seal_id: int, grounds: str, by: Actor, at: datetime) -> SealView:
    """Turn down what another person asked for. Raises SealNotFound, NotPermitted, SecondPersonNeeded, GroundsNeeded."""
    row = _asked(seal_id, by)
    said = _grounds(grounds)
    if row.asked == Act.MAKE.value:
        row.status = SealStatus.DECLINED.value
    row.asked, row.asked_by = "", None
    row.save(update_fields=["status", "asked", "asked_by"])
    _seal_rows.keep_event(row, "declined", grounds=said, by=by, at=at)
    return _seal_rows.view(row, at=at)


@transaction.atomic
def seal_ofd(
    *,
    seal_id: int,
    data: bytes,
    place: StampPlace,
    thing: str,
    subject: str,
    purpose: str,
    by: Actor,
    at: datetime,
    case_number: str = "",
) -> Signed:
    """Put a seal on an OFD file (GB/T 38540). `thing` is what the packs' rules speak of (`licence:birth-certificate`).

    Raises SealNotFound, SealRefused, NotPermitted, NotVerifiable (no OFD), KeyGone, NoSm2.
    """
    row = _usable(seal_id, thing, by, at)
    signer = _certified(row.sm2)
    stamp = Stamp(
        structure=bytes(row.structure),
        signer=_authority.der(signer),
        sign=lambda message: _keys.sign(signer.key, message),
        width_mm=row.width_mm,
        height_mm=row.height_mm,
    )
    sealed = _ofd_seal.sealed(data, stamp, place=place, at=at)
    return _seal_rows.keep_use(
        row, Format.OFD, sealed, subject=subject, purpose=purpose, case_number=case_number, by=by, at=at
    )


@transaction.atomic
def seal_pdf(
    *,
    seal_id: int,
    data: bytes,
    place: StampPlace,
    thing: str,
    subject: str,
    purpose: str,
    by: Actor,
    at: datetime,
    case_number: str = "",
) -> Signed:
    """Put a seal on a PDF file (PAdES B-B, P-256, with a visible stamp). Raises as `seal_ofd`, and NoPdf."""
    row = _usable(seal_id, thing, by, at)
    signer = _certified(row.p256)
    assert signer.issuer is not None
    stamp = _pdf.Stamp(
        signer=_authority.der(signer),
        chain=[_authority.der(signer.issuer)],
        sign=lambda message: _keys.sign(signer.key, message),
        picture=bytes(row.picture),
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        name=row.name,
    )
    sealed = _pdf.sealed(data, stamp, place=place, reason=purpose, at=at)
    return _seal_rows.keep_use(
        row, Format.PDF, sealed, subject=subject, purpose=purpose, case_number=case_number, by=by, at=at
    )


def _usable(seal_id: int, thing: str, by: Actor, at: datetime) -> Seal:
    """The seal, if it is in force and the packs let this actor put it on this. Raises SealRefused, NotPermitted."""
    row = _seal_rows.locked(seal_id)
    access.require(by, "seals.use", at_org=row.org_id)
    standing = _seal_rows.status(row, at=at)
    if standing is not SealStatus.VALID:
        raise SealRefused(f"这枚印章现在是“{standing.word}”，不能使用。", hint="请联系印章管理员。")
    held = {post.post_type for post in by.posts if row.org_id == post.org_id}
    for rule in kinds.policy().uses:
        is_allowed = rule.automatic if by.kind is ActorKind.SYSTEM else bool(held & set(rule.posts))
        if rule.seal == row.kind and rule.covers(thing) and is_allowed:
            return row
    raise SealRefused("按用印规则，您的岗位不能把这枚印章用在这里。", hint="用印规则见配置包 SealPolicy。")


def _make(row: Seal, *, grounds: str, by: Actor, at: datetime) -> None:
    org, lives = orgs.get(row.org_id), kinds.policy().lives
    made: dict[Algorithm, Certificate] = {}
    for algorithm in (Algorithm.SM2, Algorithm.P256):
        made[algorithm] = _authority.issue(
            role=Role.ORGANISATION,
            key=_authority.new_key(algorithm, at=at),
            subject=_x509.name(row.name, organisation=org.name, identifier=org.uscc),
            issuer=_authority.standing(Role.ISSUING, algorithm),
            years=lives.organisation,
            by=by,
            at=at,
            org_id=org.id,
        )
    maker = _authority.standing(Role.MAKER, Algorithm.SM2)
    plan = _ses.NewSeal(
        es_id=row.es_id,
        name=row.name,
        signer=_authority.der(made[Algorithm.SM2]),
        picture=bytes(row.picture),
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        made_at=at,
        valid_until=min(each.not_after for each in made.values()),
    )
    row.structure = _ses.seal(plan, maker=_authority.der(maker), sign=lambda message: _keys.sign(maker.key, message))
    row.sm2, row.p256 = made[Algorithm.SM2], made[Algorithm.P256]
    row.valid_from, row.valid_until = _x509.aware(at), plan.valid_until
    row.status, row.asked, row.asked_by, row.made_at = SealStatus.VALID.value, "", None, at
    row.save()
    _seal_rows.keep_event(row, "made", grounds=grounds, by=by, at=at)


def _destroy(row: Seal, *, grounds: str, by: Actor, at: datetime) -> None:
    """The keys are erased, so that nobody can bring it back; certificates go onto the lists."""
    row.status = SealStatus.DESTROYED.value
    row.save(update_fields=["status", "asked", "asked_by"])
    hours = kinds.policy().list_hours
    for certificate in filter(None, (row.sm2, row.p256)):
        _keys.destroy(certificate.key)
        if certificate.revoked_at is None and certificate.issuer is not None:
            certificate.revoked_at, certificate.reason = at, RevocationReason.CESSATION.value
            certificate.save(update_fields=["revoked_at", "reason"])
            _authority.publish(certificate.issuer, hours=hours, at=at)
    _seal_rows.keep_event(row, "destroyed", grounds=grounds, by=by, at=at)


def _asked(seal_id: int, by: Actor) -> Seal:
    row = _seal_rows.locked(seal_id)
    access.require(by, "seals.confirm", at_org=row.org_id)
    if not row.asked:
        raise CannotChange("这枚印章没有等待复核的申请。", hint="请刷新后再试。")
    if by.account_id is None or by.account_id == row.asked_by:
        raise SecondPersonNeeded("申请人自己不能复核。", hint="请由另一人复核。")
    return row


def _certified(certificate: Certificate | None) -> Certificate:
    if certificate is None or certificate.revoked_at:
        raise SealRefused("这枚印章的证书已经吊销。", hint="请联系印章管理员换发。")
    return certificate


def _require_standing(row: Seal, act: Act, at: datetime) -> None:
    found = _seal_rows.status(row, at=at)
    if found not in BEFORE[act] and not (found is SealStatus.EXPIRED and act is Act.DESTROY):
        raise CannotChange(f"这枚印章现在是“{found.word}”，不能{act.word}。", hint="请刷新后核对印章状态。")


def _grounds(text: str) -> str:
    said = text.strip()
    if not said or len(said) > GROUNDS_MAX:
        raise GroundsNeeded(f"请写明理由（{GROUNDS_MAX}字以内）。", hint="理由会随印章一并留存。")
    return said
