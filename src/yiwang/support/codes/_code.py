"""The text of a code: CWT claims in a COSE_Sign1 (ES256), written in Base32 for QR's alphanumeric mode and any keyboard. No Django, no database."""

import base64
import binascii
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from yiwang.kernel.base.contracts import Invalid

PREFIX = "YW1"
TEXT_MAX = 400
ALGORITHM, KEY_ID = 1, 4
ES256 = -7
EXPIRES, ISSUED, HANDLE = 4, 6, 7
KIND, LEVEL = -70001, -70002
LEVELS = range(1, 5)
HALF = 32
_ECDSA = ec.ECDSA(SHA256())


class CodeKind(IntEnum):
    """Whose code it is; the only thing about its holder that anybody can read."""

    PERSON = 1
    FIRM = 2
    DOOR = 3

    @property
    def word(self) -> str:
        return {1: "个人", 2: "企业", 3: "门牌"}[self.value]


class BadText(Invalid):
    """A text that is no code in force; each reason is a class of its own."""

    code = "codes.bad-text"


class NotACode(BadText):
    """Not ours, not complete, or in a wrong encoding."""

    code = "codes.not-a-code"


class TooLong(BadText):
    code = "codes.too-long"


class UnknownKey(BadText):
    code = "codes.unknown-key"


class Forged(BadText):
    code = "codes.forged"


class Expired(BadText):
    code = "codes.expired"


class NotYet(BadText):
    """From a clock that is ahead by more than the allowance."""

    code = "codes.not-yet"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key; codes that it signed are good from `since`, and no more after `until`."""

    kid: bytes
    point: ec.EllipticCurvePublicKey
    plates: bool
    since: datetime
    until: datetime | None = None

    @classmethod
    def of_jwk(cls, jwk: Mapping[str, object]) -> "PublicKey":
        """A key as `/.well-known/yiwang-codes.json` lists it."""
        x, y = (int.from_bytes(_unpadded(str(jwk[half])), "big") for half in ("x", "y"))
        point = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        until = jwk.get("exp")
        return cls(
            kid=bytes.fromhex(str(jwk["kid"])),
            point=point,
            plates=jwk.get("codes") == "plates",
            since=datetime.fromtimestamp(int(str(jwk["nbf"])), UTC),
            until=datetime.fromtimestamp(int(str(until)), UTC) if until else None,
        )


@dataclass(frozen=True, slots=True)
class Genuine:
    """A code that one of the keys signed and that holds at the moment asked about."""

    kind: CodeKind
    handle: bytes
    kid: bytes
    issued_at: datetime
    until: datetime | None
    level: int = 1
    """How sure it was who showed it: 1 password, 2 text message or time-based code, 3 passkey, 4 counter-checked."""


class Verifier:
    """Tells genuine codes from others with nothing but the published keys: what a gate without a network runs."""

    def __init__(self, keys: Iterable[PublicKey], *, skew: timedelta) -> None:
        self._keys = {key.kid: key for key in keys}
        self._skew = skew

    def read(self, text: str, *, at: datetime) -> Genuine:
        """Raises TooLong, NotACode, UnknownKey, Forged, Expired, NotYet."""
        protected, payload, signature = _parts(text)
        key = self._keys.get(_key_id(protected))
        if key is None:
            raise UnknownKey("这个码不是本地发的，或发码的密钥已停用。", hint="请对方刷新后再出示。")
        if not _is_signed(key.point, protected, payload, signature):
            raise Forged("这个码是伪造的，或被改动过。", hint="请不要采用，并请对方出示身份证件。")
        found = _claims(payload, key.kid)
        self._check_time(found, key, at)
        return found

    def _check_time(self, found: Genuine, key: PublicKey, at: datetime) -> None:
        if found.issued_at - self._skew > at or key.since - self._skew > at:
            raise NotYet("这个码的时间比现在还晚。", hint="请核对扫码设备的时间。")
        if key.until is not None and at >= key.until + self._skew:
            raise UnknownKey("发这个码的密钥已停用。", hint="请对方刷新后再出示。")
        if key.plates != (found.kind is CodeKind.DOOR):
            raise Forged("这个码的种类和签发它的密钥不符。", hint="请不要采用。")
        if found.until is None and not key.plates:
            raise Forged("这个码没有写有效期。", hint="请不要采用。")
        if found.until is not None and at > found.until + self._skew:
            raise Expired("这个码已过期。", hint="请对方刷新后再出示；截图不能用。")


def write(
    kind: CodeKind,
    handle: bytes,
    *,
    kid: bytes,
    key: ec.EllipticCurvePrivateKey,
    at: datetime,
    until: datetime | None,
    level: int = 1,
) -> str:
    """A signed code; nothing in it tells of its holder but the kind, and the level of the sitting beyond the first."""
    claims: dict[int, int | bytes] = {ISSUED: int(at.timestamp()), HANDLE: handle, KIND: kind.value}
    if level > 1:
        claims[LEVEL] = level
    if until is not None:
        claims[EXPIRES] = int(until.timestamp())
    protected = cbor2.dumps({ALGORITHM: ES256, KEY_ID: kid}, canonical=True)
    payload = cbor2.dumps(claims, canonical=True)
    r, s = decode_dss_signature(key.sign(_signed(protected, payload), _ECDSA))
    signature = r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")
    whole = cbor2.dumps([protected, {}, payload, signature], canonical=True)
    return PREFIX + base64.b32encode(whole).decode().rstrip("=")


def _parts(text: str) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload, signature. Raises TooLong, NotACode."""
    if len(text) > TEXT_MAX:
        raise TooLong("这段内容太长，不是一码通的码。", hint="请核对扫的是不是对方出示的码。")
    # A hand scanner types: with blanks around, in small letters, or in wide ones under a Chinese keyboard.
    cleaned = (text if text.isascii() else unicodedata.normalize("NFKC", text)).strip().upper()
    if not cleaned.startswith(PREFIX):
        raise NotACode("这不是一码通的码。", hint="请对方打开“我的码”再扫。")
    try:
        body = cleaned[len(PREFIX) :]
        whole = cbor2.loads(base64.b32decode(body + "=" * (-len(body) % 8)))
    except (binascii.Error, cbor2.CBORDecodeError, ValueError, TypeError, RecursionError, OverflowError) as wrong:
        raise _broken() from wrong
    if not isinstance(whole, list) or len(whole) != 4 or whole[1] != {}:
        raise _broken()
    protected, _, payload, signature = whole
    if not all(isinstance(each, bytes) for each in (protected, payload, signature)) or len(signature) != 2 * HALF:
        raise _broken()
    return protected, payload, signature


def _key_id(protected: bytes) -> bytes:
    header = _map(protected)
    kid = header.get(KEY_ID)
    if header.keys() != {ALGORITHM, KEY_ID} or header[ALGORITHM] != ES256 or not isinstance(kid, bytes):
        raise _broken()
    return kid


def _is_signed(point: ec.EllipticCurvePublicKey, protected: bytes, payload: bytes, signature: bytes) -> bool:
    pair = encode_dss_signature(int.from_bytes(signature[:HALF], "big"), int.from_bytes(signature[HALF:], "big"))
    try:
        point.verify(pair, _signed(protected, payload), _ECDSA)
    except InvalidSignature:
        return False
    return True


def _signed(protected: bytes, payload: bytes) -> bytes:
    """The Sig_structure of RFC 9052."""
    return cbor2.dumps(["Signature1", protected, b"", payload])


def _claims(payload: bytes, kid: bytes) -> Genuine:
    told = _map(payload)
    issued, handle, until = told.get(ISSUED), told.get(HANDLE), told.get(EXPIRES)
    level = told.get(LEVEL, 1)
    if not isinstance(level, int) or level not in LEVELS:
        raise _broken()
    if not isinstance(issued, int) or not isinstance(handle, bytes) or not isinstance(until, int | None):
        raise _broken()
    try:
        return Genuine(
            kind=CodeKind(told.get(KIND)),  # type: ignore[arg-type]
            handle=handle,
            kid=kid,
            issued_at=datetime.fromtimestamp(issued, UTC),
            until=None if until is None else datetime.fromtimestamp(until, UTC),
            level=level,
        )
    except (ValueError, OverflowError, OSError) as wrong:
        raise _broken() from wrong


def _map(data: bytes) -> dict[object, object]:
    try:
        found = cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, TypeError, RecursionError, OverflowError) as wrong:
        raise _broken() from wrong
    if not isinstance(found, dict):
        raise _broken()
    return found


def _broken() -> NotACode:
    return NotACode("这个码不完整或读错了。", hint="请重扫一次，或请对方刷新。")


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
