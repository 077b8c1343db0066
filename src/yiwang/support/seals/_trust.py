"""Whether a certificate is one of ours, led to a root of ours, and held at a moment."""

from collections.abc import Callable
from datetime import datetime

from yiwang.support.seals import _authority
from yiwang.support.seals._x509 import Parsed
from yiwang.support.seals.contracts import Role
from yiwang.support.seals.models import Certificate

DEPTH_MAX = 4


def of_place() -> Callable[[Parsed, datetime], str]:
    """Empty where the certificate may be believed, else why not; revoked after the moment is no fault."""
    authorities = {row.serial: row for row in _authority.authorities()}

    def judge(found: Parsed, at: datetime) -> str:
        row = Certificate.objects.filter(serial=found.serial).first()
        if row is None or _authority.der(row) != found.der:
            return "证书不是本地证书机构签发的，不能确认是谁盖的章。"
        return _chain(row, found, authorities, at, DEPTH_MAX)

    return judge


def _chain(row: Certificate, found: Parsed, authorities: dict[str, Certificate], at: datetime, depth: int) -> str:
    if not found.not_before <= at <= found.not_after:
        return f"“{found.common_name}”的证书在用印时不在有效期内。"
    if row.revoked_at and row.revoked_at <= at:
        return f"“{found.common_name}”的证书在用印之前已经吊销。"
    above = next((each for each in authorities.values() if each.pk == (row.issuer_id or row.pk)), None)
    if above is None or depth == 0:
        return "证书的签发者不在本地证书机构里。"
    issuer = _authority.parsed(above)
    if not issuer.is_authority or not found.is_signed_by(issuer):
        return "证书上的签名不对，证书被改动或系伪造。"
    if above.pk == row.pk:
        return "" if Role(row.role) is Role.ROOT else "证书的签发者不在本地证书机构里。"
    return _chain(above, issuer, authorities, at, depth - 1)
