"""Seals, certificates and verifications as other apps see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, TooMany, Unavailable

FILE_BYTES_MAX = 20 * 1024 * 1024


class Algorithm(StrEnum):
    SM2 = "sm2"  # SM2 with SM3: seals on OFD
    P256 = "p256"  # ECDSA with SHA-256: PAdES
    ED25519 = "ed25519"  # credentials for wallets; no certificates


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
        """The public point (64 bytes; 32 of Ed25519) of a new key, and the text of its private half where our row is to keep it."""

    def sign(self, key: KeyRef, private: str | None, message: bytes) -> bytes:
        """DER of the two integers (64 bytes as they are of Ed25519); `private` is what `generate` gave our row to keep. Raises KeyGone, NoSm2."""


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


class SealStatus(StrEnum):
    PENDING = "pending"
    VALID = "valid"
    STOPPED = "stopped"
    DESTROYED = "destroyed"
    DECLINED = "declined"
    EXPIRED = "expired"  # derived from the dates, never stored

    @property
    def word(self) -> str:
        return _STATUS_WORDS[self]


class Act(StrEnum):
    """What is done to a seal; all but stopping waits for a second person."""

    MAKE = "make"
    STOP = "stop"
    RESUME = "resume"
    DESTROY = "destroy"

    @property
    def word(self) -> str:
        return {"make": "制作", "stop": "停用", "resume": "恢复使用", "destroy": "销毁"}[self.value]


class Format(StrEnum):
    OFD = "ofd"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class SealView:
    """A seal; `status` is as of the moment it was asked for. `asked` waits for a second person."""

    id: int
    es_id: str
    name: str
    org_id: int
    kind: str
    kind_title: str
    status: SealStatus
    asked: Act | None
    asked_by: int | None
    valid_from: datetime | None
    valid_until: datetime | None
    made_at: datetime

    @property
    def status_word(self) -> str:
        return self.status.word


@dataclass(frozen=True, slots=True)
class SealEventView:
    """One act in the life of a seal: asked for, done, or declined."""

    word: str
    grounds: str
    account_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class UseView:
    """One use of a seal."""

    id: int
    format: Format
    subject: str
    purpose: str
    case_number: str
    sha256: str
    account_id: int | None
    at: datetime
    leaf_id: int


@dataclass(frozen=True, slots=True)
class StampPlace:
    """Where the middle of the stamp goes: page from 1, millimetres from the upper left corner."""

    x_mm: float
    y_mm: float
    page: int = 1


@dataclass(frozen=True, slots=True)
class Signed:
    """A sealed file."""

    sha256: str
    size_bytes: int
    data: bytes
    use_id: int


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked, in words for the person who asked."""

    code: str
    title: str
    passed: bool
    said: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a sealed file proves; `subject` names what was sealed where the file is one of our register."""

    format: str
    is_valid: bool
    checks: tuple[Check, ...]
    seal_name: str = ""
    signer: str = ""
    signed_at: datetime | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class OfdLine:
    """A line of text from its upper left corner; `font` is song, kai or hei; `grey` 0 is black, 255 white."""

    text: str
    x_mm: float
    y_mm: float
    size_mm: float = 4.2
    font: str = "song"
    grey: int = 0


@dataclass(frozen=True, slots=True)
class OfdPicture:
    png: bytes
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class OfdPage:
    lines: tuple[OfdLine, ...] = ()
    pictures: tuple[OfdPicture, ...] = ()
    width_mm: float = 210
    height_mm: float = 297


class SealNotFound(NotFound):
    code = "seals.not-found"


class NoAuthority(Unavailable):
    """The place has no certification authority yet, or not this one."""

    code = "seals.no-authority"
    retry_after = 3600


class NoSm2(Unavailable):
    code = "seals.no-sm2"
    retry_after = 3600


class NoPdf(Unavailable):
    """pyHanko (the extra `pdf`) is not installed."""

    code = "seals.no-pdf"
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


class CannotChange(Conflict):
    """The seal's standing does not allow this."""

    code = "seals.cannot-change"


class GroundsNeeded(Invalid):
    code = "seals.grounds-needed"


class BadPicture(Invalid):
    code = "seals.bad-picture"


class BadSeal(Invalid):
    """There is no such kind of seal, or its name does not do."""

    code = "seals.bad-seal"


class SecondPersonNeeded(Denied):
    """Who asked for it may not confirm it."""

    code = "seals.second-person"


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
_STATUS_WORDS = {
    SealStatus.PENDING: "待复核",
    SealStatus.VALID: "有效",
    SealStatus.STOPPED: "停用",
    SealStatus.DESTROYED: "已销毁",
    SealStatus.DECLINED: "未通过",
    SealStatus.EXPIRED: "已到期",
}
_REASON_WORDS = {
    RevocationReason.UNSPECIFIED: "未说明",
    RevocationReason.KEY_COMPROMISE: "密钥泄露",
    RevocationReason.AFFILIATION_CHANGED: "隶属关系变更",
    RevocationReason.SUPERSEDED: "被新证书取代",
    RevocationReason.CESSATION: "停止使用",
}
KEY_STORES: dict[str, KeyStore] = {}
