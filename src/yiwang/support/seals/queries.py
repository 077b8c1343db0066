"""Read the authority: certificates, revocation lists, status answers."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.support.seals import _authority
from yiwang.support.seals.contracts import Algorithm, CertificateView, NoAuthority, Role, SealNotFound
from yiwang.support.seals.models import Certificate, RevocationList


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


def roots(algorithm: Algorithm) -> Iterable[bytes]:
    """DER of every root this place ever had, for those who verify."""
    rows = Certificate.objects.filter(role=Role.ROOT.value, algorithm=algorithm.value).order_by("id")
    return [_authority.der(row) for row in rows]
