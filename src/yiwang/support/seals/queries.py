"""Read the authority and the register of seals; verify sealed files."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.support.seals import _authority, _ofd, _ofd_verify, _pdf, _rates, _seal_rows, _trust
from yiwang.support.seals.contracts import (
    Algorithm,
    CertificateView,
    Check,
    Format,
    NoAuthority,
    NotVerifiable,
    OfdPage,
    Role,
    SealEventView,
    SealNotFound,
    SealStatus,
    SealView,
    UseView,
    VerifyReport,
)
from yiwang.support.seals.models import Certificate, RevocationList, Seal, SealEvent, SealUse

SHOWN_MAX = 200


def authority(*, at: datetime | None = None) -> list[CertificateView]:
    """Roots, issuing certificates and the maker's, oldest first; empty before there is an authority."""
    roles = [Role.ROOT.value, Role.ISSUING.value, Role.MAKER.value]
    rows = Certificate.objects.filter(role__in=roles).select_related("issuer").order_by("id")
    return [_authority.view(row, at=at or timezone.now()) for row in rows]


def certificate(serial: str, *, at: datetime | None = None) -> CertificateView:
    """A certificate of organisations and of the authority. Raises SealNotFound, for persons' too: they are nobody's to look up."""
    row = Certificate.objects.filter(serial=serial).exclude(role=Role.PERSON.value).select_related("issuer").first()
    if row is None:
        raise SealNotFound("没有这张证书。", hint="请核对证书序列号。")
    return _authority.view(row, at=at or timezone.now())


def certificates(
    by: Actor, *, cursor: str | None = None, size: int = 20, at: datetime | None = None
) -> Page[CertificateView]:
    """Certificates of the units where `by` may view seals, newest first."""
    rows = access.visible(by, Certificate.objects.exclude(org=None), "seals.view")
    page = keyset(rows.select_related("issuer"), order=("-id",), cursor=cursor, size=size)
    return page.map(lambda row: _authority.view(row, at=at or timezone.now()))


def revocation_list(serial: str) -> bytes:
    """DER of the newest list of an authority's certificate. Raises NoAuthority."""
    row = RevocationList.objects.filter(issuer__serial=serial).order_by("-number").first()
    if row is None:
        raise NoAuthority("没有这个证书机构的吊销列表。", hint="请核对地址。")
    return bytes(row.der)


def lists_due(*, at: datetime) -> bool:
    """Whether an authority's newest list is past half of its time."""
    newest = RevocationList.objects.order_by("issuer", "-number").distinct("issuer")
    return any(row.next_update - at < (row.next_update - row.this_update) / 2 for row in newest)


def status_answer(request: bytes, *, at: datetime) -> bytes:
    """DER of the online status answer (RFC 6960)."""
    return _authority.answer(request, at=at)


def seals_of(org_id: int, *, at: datetime | None = None) -> list[SealView]:
    """The seals of a unit, newest first; two queries at most."""
    rows = Seal.objects.filter(org_id=org_id).order_by("-id")[:SHOWN_MAX]
    return [_seal_rows.view(row, at=at or timezone.now()) for row in rows]


def usable(org_id: int, kind: str, *, at: datetime | None = None) -> SealView | None:
    """The newest seal of this kind that the unit may use now; None when it has none."""
    rows = Seal.objects.filter(org_id=org_id, kind=kind, status=SealStatus.VALID.value).order_by("-id")
    moment = at or timezone.now()
    found = (_seal_rows.view(row, at=moment) for row in rows[:SHOWN_MAX])
    return next((each for each in found if each.status is SealStatus.VALID), None)


def register(by: Actor, *, cursor: str | None = None, size: int = 20, at: datetime | None = None) -> Page[SealView]:
    """The seals of the units where `by` may view them, newest first."""
    page = keyset(access.visible(by, Seal.objects.all(), "seals.view"), order=("-id",), cursor=cursor, size=size)
    return page.map(lambda row: _seal_rows.view(row, at=at or timezone.now()))


def registered(seal_id: int, by: Actor, *, at: datetime | None = None) -> SealView:
    """One seal of the register. Raises SealNotFound when it is not there for `by`."""
    return _seal_rows.view(_visible(seal_id, by), at=at or timezone.now())


def picture(seal_id: int, by: Actor) -> bytes:
    """The seal's picture, PNG. Raises SealNotFound."""
    return bytes(_visible(seal_id, by).picture)


def certificates_of(seal_id: int, by: Actor, *, at: datetime | None = None) -> list[CertificateView]:
    """The certificates that a seal signs with; none while it is pending. Raises SealNotFound."""
    row = _visible(seal_id, by)
    rows = Certificate.objects.filter(pk__in=[row.sm2_id, row.p256_id]).select_related("issuer").order_by("id")
    return [_authority.view(each, at=at or timezone.now()) for each in rows]


def history(seal_id: int, by: Actor) -> list[SealEventView]:
    """Every act in the life of a seal, newest first. Raises SealNotFound."""
    rows = SealEvent.objects.filter(seal=_visible(seal_id, by)).order_by("-id")[:SHOWN_MAX]
    return [_seal_rows.event_view(row) for row in rows]


def uses(seal_id: int, by: Actor, *, cursor: str | None = None, size: int = 20) -> Page[UseView]:
    """Every use of a seal, newest first. Raises SealNotFound."""
    rows = SealUse.objects.filter(seal=_visible(seal_id, by))
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(_seal_rows.use_view)


def verify_ofd(data: bytes) -> VerifyReport:
    """What a sealed OFD file proves, check by check. Raises NotVerifiable, BadCertificate, NoSm2."""
    found = _ofd_verify.opened(data)
    checks = _ofd_verify.checks(found, trust=_trust.of_place())
    said = found.signature
    return _report(Format.OFD, data, checks, said.seal.name, said.signer.common_name, said.at)


def verify_pdf(data: bytes) -> VerifyReport:
    """What a sealed PDF file proves, check by check. Raises NotVerifiable, BadCertificate, NoPdf."""
    found = _pdf.opened(data)
    checks = _pdf.checks(found, data, trust=_trust.of_place(), roots=list(roots(Algorithm.P256)))
    return _report(Format.PDF, data, checks, found.name, found.signer.common_name, found.at)


def verify(data: bytes) -> VerifyReport:
    """What a sealed file proves, OFD or PDF. Raises NotVerifiable for anything else."""
    if data.startswith(b"%PDF-"):
        return verify_pdf(data)
    if data.startswith(b"PK"):
        return verify_ofd(data)
    raise NotVerifiable("这不是OFD或PDF文件。", hint="请选择盖过章的OFD或PDF原件。")


def can_seal_pdf() -> bool:
    """Whether the extra `pdf` is installed."""
    return _pdf.is_there()


def rates(*, each: int, rounds: int) -> dict[str, float | None]:
    """How many seals and verifications this machine makes in a CPU second, beside the bare calls and gmssl. Raises NoSm2."""
    return _rates.measured(each=each, rounds=rounds)


def ofd(pages: Sequence[OfdPage], *, doc_id: str, title: str, at: datetime) -> bytes:
    """An OFD file of these pages, without a seal; same pages, same bytes."""
    return _ofd.document(pages, doc_id=doc_id, title=title, at=at)


def _report(
    format_: Format, data: bytes, checks: list[Check], seal_name: str, signer: str, at: datetime
) -> VerifyReport:
    """With the last check: the register knows this very file. It catches what no signature covers, such as a zip's own bytes."""
    use = SealUse.objects.filter(sha256=hashlib.sha256(data).hexdigest(), format=format_.value).first()
    good = "用印登记里有这份文件，一字不差。"
    bad = "用印登记里没有这份文件：它不是盖章时交出的原件，或不是本平台盖的章。"
    checks = [*checks, Check("register", "用印登记", use is not None, good if use else bad)]
    return VerifyReport(
        format=format_,
        is_valid=all(check.passed for check in checks),
        checks=tuple(checks),
        seal_name=seal_name,
        signer=signer,
        signed_at=at,
        subject=use.subject if use else "",
    )


def _visible(seal_id: int, by: Actor) -> Seal:
    row = access.visible(by, Seal.objects.filter(pk=seal_id), "seals.view").first()
    if row is None:
        raise SealNotFound("没有这枚印章，或不属于您的单位。", hint="请核对后再试。")
    return row


def roots(algorithm: Algorithm) -> Iterable[bytes]:
    """DER of every root this place ever had, for those who verify."""
    rows = Certificate.objects.filter(role=Role.ROOT.value, algorithm=algorithm.value).order_by("id")
    return [_authority.der(row) for row in rows]
