"""Seals, certificates and verifications as other apps see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable


class Algorithm(StrEnum):
    SM2 = "sm2"  # SM2 with SM3: seals on OFD
    P256 = "p256"  # ECDSA with SHA-256: PAdES


class Role(StrEnum):
    """What a certificate is for."""

    ROOT = "root"
    ISSUING = "issuing"
    MAKER = "maker"  # 制章人
    ORGANISATION = "organisation"
    PERSON = "person"

    @property
    def word(self) -> str:
        return _ROLE_WORDS[self]


class CertificateStatus(StrEnum):
    GOOD = "good"
    REVOKED = "revoked"
    EXPIRED = "expired"  # derived from the dates, never stored

    @property
    def word(self) -> str:
        return {"good": "有效", "revoked": "已吊销", "expired": "已过期"}[self.value]


class RevocationReason(StrEnum):
    """Of RFC 5280; the values are its names."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "key_compromise"
    AFFILIATION_CHANGED = "affiliation_changed"
    SUPERSEDED = "superseded"
    CESSATION = "cessation_of_operation"

    @property
    def word(self) -> str:
        return _REASON_WORDS[self]


@dataclass(frozen=True, slots=True)
class KeyRef:
    """A key in the key store, which never hands out the private half."""

    id: int
    algorithm: Algorithm
    public_key: bytes


class KeyStore(Protocol):
    """What holds private keys (docs/how-to/seals.md says how another store is connected); they never leave it."""

    def generate(self, algorithm: Algorithm) -> tuple[bytes, str | None]:
        """The public point (64 bytes) of a new key, and the text of its private half where our row is to keep it."""

    def sign(self, key: KeyRef, private: str | None, message: bytes) -> bytes:
        """DER of the two integers; `private` is what `generate` gave our row to keep. Raises KeyGone, NoSm2."""


def register_key_store(name: str, store: KeyStore) -> None:
    """Make a key store known; new keys are made in the one that YIWANG_KEY_STORE names."""
    KEY_STORES[name] = store


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate; `status` is as of the moment it was asked for."""

    id: int
    serial: str
    role: Role
    algorithm: Algorithm
    subject: str
    issuer: str
    org_id: int | None
    not_before: datetime
    not_after: datetime
    status: CertificateStatus
    revoked_at: datetime | None
    pem: str


class SealNotFound(NotFound):
    code = "seals.not-found"


class NoAuthority(Unavailable):
    """The place has no certification authority yet, or not this one."""

    code = "seals.no-authority"
    retry_after = 3600


class NoSm2(Unavailable):
    code = "seals.no-sm2"
    retry_after = 3600


class KeyGone(Unavailable):
    """The private key was destroyed, or this key store does not hold it."""

    code = "seals.key-gone"
    retry_after = 3600


class AlreadyFounded(Conflict):
    code = "seals.already-founded"


class BadCertificate(Invalid):
    code = "seals.bad-certificate"


class CannotRevoke(Conflict):
    code = "seals.cannot-revoke"


class SealRefused(Denied):
    """This seal may not be put on this, by whoever asks or by anyone."""

    code = "seals.refused"


class TooManyChecks(TooMany):
    code = "seals.too-many-checks"


class NotVerifiable(Invalid):
    """This cannot be read as a sealed file."""

    code = "seals.not-verifiable"


_ROLE_WORDS = {
    Role.ROOT: "根证书",
    Role.ISSUING: "签发证书",
    Role.MAKER: "制章者证书",
    Role.ORGANISATION: "机构证书",
    Role.PERSON: "个人证书",
}
_REASON_WORDS = {
    RevocationReason.UNSPECIFIED: "未说明",
    RevocationReason.KEY_COMPROMISE: "密钥泄露",
    RevocationReason.AFFILIATION_CHANGED: "隶属关系变更",
    RevocationReason.SUPERSEDED: "被新证书取代",
    RevocationReason.CESSATION: "停止使用",
}
KEY_STORES: dict[str, KeyStore] = {}
