"""The structures of GB/T 38540-2020 (version 4): a seal signed by its maker, and the signature that it makes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import core

from yiwang.support.seals import _signing, _x509
from yiwang.support.seals._x509 import BROKEN, Parsed, Sign
from yiwang.support.seals.contracts import Algorithm, NotVerifiable

VERSION = 4
VENDOR = "YiWang"
_CERTIFICATES, _UNIT_SEAL = 1, 1
BYTES_MAX = 2 * 1024 * 1024


class _Header(core.Sequence):  # type: ignore[misc]
    _fields = [("id", core.IA5String), ("version", core.Integer), ("vid", core.IA5String)]


class _Certificates(core.SequenceOf):  # type: ignore[misc]
    _child_spec = core.OctetString


class _Property(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("type", core.Integer),
        ("name", core.UTF8String),
        ("cert_list_type", core.Integer),
        ("cert_list", _Certificates),
        ("create_date", core.GeneralizedTime),
        ("valid_start", core.GeneralizedTime),
        ("valid_end", core.GeneralizedTime),
    ]


class _Picture(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.IA5String), ("data", core.OctetString), ("width", core.Integer), ("height", core.Integer)]


class _Extension(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("id", core.ObjectIdentifier),
        ("critical", core.Boolean, {"default": False}),
        ("value", core.OctetString),
    ]


class _Extensions(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Extension


class _SealInfo(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("header", _Header),
        ("es_id", core.IA5String),
        ("property", _Property),
        ("picture", _Picture),
        ("extensions", _Extensions, {"explicit": 0, "optional": True}),
    ]


class _Seal(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("info", _SealInfo),
        ("cert", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("value", core.BitString),
    ]


class _ToSign(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("version", core.Integer),
        ("seal", _Seal),
        ("time", core.GeneralizedTime),
        ("data_hash", core.BitString),
        ("property_info", core.IA5String),
        ("extensions", _Extensions, {"explicit": 0, "optional": True}),
    ]


class _Signature(core.Sequence):  # type: ignore[misc]
    _fields = [
        ("to_sign", _ToSign),
        ("cert", core.OctetString),
        ("algorithm", core.ObjectIdentifier),
        ("value", core.BitString),
        ("time_stamp", core.BitString, {"explicit": 0, "optional": True}),
    ]


@dataclass(frozen=True, slots=True)
class NewSeal:
    """What a seal is to say."""

    es_id: str
    name: str
    signer: bytes
    picture: bytes
    width_mm: int
    height_mm: int
    made_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class SealRead:
    """A seal as it was read, with what its maker signed."""

    es_id: str
    name: str
    signers: tuple[bytes, ...]
    picture: bytes
    width_mm: int
    height_mm: int
    valid_from: datetime
    valid_until: datetime
    maker: Parsed
    signed: bytes
    signature: bytes
    algorithm: str


@dataclass(frozen=True, slots=True)
class SignatureRead:
    """A signature as it was read, with the seal in it and what the signer signed."""

    seal: SealRead
    at: datetime
    data_hash: bytes
    property_info: str
    signer: Parsed
    signed: bytes
    signature: bytes
    algorithm: str


def seal(plan: NewSeal, *, maker: bytes, sign: Sign) -> bytes:
    """DER of a seal, signed by its maker over the seal's own data."""
    info = _SealInfo(
        {
            "header": {"id": "ES", "version": VERSION, "vid": VENDOR},
            "es_id": plan.es_id,
            "property": {
                "type": _UNIT_SEAL,
                "name": plan.name,
                "cert_list_type": _CERTIFICATES,
                "cert_list": [plan.signer],
                "create_date": _x509.aware(plan.made_at),
                "valid_start": _x509.aware(plan.made_at),
                "valid_end": _x509.aware(plan.valid_until),
            },
            "picture": {"type": "png", "data": plan.picture, "width": plan.width_mm, "height": plan.height_mm},
        }
    )
    made = {"info": info, "cert": maker, "algorithm": _x509.SM2_WITH_SM3, "value": _bits(sign(info.dump()))}
    return bytes(_Seal(made).dump())


def signature(
    structure: bytes, *, signer: bytes, data_hash: bytes, property_info: str, at: datetime, sign: Sign
) -> bytes:
    """DER of the signature that a seal makes on a digest."""
    to_sign = _ToSign(
        {
            "version": VERSION,
            "seal": _Seal.load(structure),
            "time": _x509.aware(at),
            "data_hash": _bits(data_hash),
            "property_info": property_info,
        }
    )
    value = _bits(sign(to_sign.dump()))
    made = {"to_sign": to_sign, "cert": signer, "algorithm": _x509.SM2_WITH_SM3, "value": value}
    return bytes(_Signature(made).dump())


def read(der: bytes) -> SignatureRead:
    """A signature with everything in it. Raises NotVerifiable, BadCertificate."""
    if len(der) > BYTES_MAX:
        raise NotVerifiable("签章数据过大。", hint="请核对文件是否完整。")
    try:
        found = _Signature.load(der, strict=True)
        if found["to_sign"]["version"].native != VERSION:
            raise NotVerifiable("签章数据不是第4版。", hint="本平台只认 GB/T 38540-2020 的签章。")
        return _read(found)
    except BROKEN as wrong:
        raise NotVerifiable("签章数据读不出来。", hint="文件可能已损坏，请取得原件。") from wrong


def is_made_by(found: SealRead) -> bool:
    """Whether the maker's certificate in the seal made the seal's signature. Raises NoSm2."""
    return _is_sm2(found.algorithm, found.maker) and _signing.verify(
        Algorithm.SM2, found.maker.public, found.signed, found.signature
    )


def is_signed_by(found: SignatureRead) -> bool:
    """Whether the signer's certificate made the signature. Raises NoSm2."""
    return _is_sm2(found.algorithm, found.signer) and _signing.verify(
        Algorithm.SM2, found.signer.public, found.signed, found.signature
    )


def _read(found: _Signature) -> SignatureRead:
    body = found["to_sign"]
    return SignatureRead(
        seal=_read_seal(body["seal"]),
        at=body["time"].native.astimezone(UTC),
        data_hash=_content(body["data_hash"]),
        property_info=str(body["property_info"].native),
        signer=Parsed(bytes(found["cert"].native)),
        signed=body.dump(),
        signature=_content(found["value"]),
        algorithm=found["algorithm"].dotted,
    )


def _read_seal(found: _Seal) -> SealRead:
    info = found["info"]
    says, picture = info["property"], info["picture"]
    if info["header"]["id"].native != "ES" or info["header"]["version"].native != VERSION:
        raise ValueError("no seal of version 4")
    if says["cert_list_type"].native != _CERTIFICATES:
        raise ValueError("lists digests, not certificates")
    return SealRead(
        es_id=str(info["es_id"].native),
        name=str(says["name"].native),
        signers=tuple(bytes(each.native) for each in says["cert_list"]),
        picture=bytes(picture["data"].native),
        width_mm=int(picture["width"].native),
        height_mm=int(picture["height"].native),
        valid_from=says["valid_start"].native.astimezone(UTC),
        valid_until=says["valid_end"].native.astimezone(UTC),
        maker=Parsed(bytes(found["cert"].native)),
        signed=info.dump(),
        signature=_content(found["value"]),
        algorithm=found["algorithm"].dotted,
    )


def _is_sm2(algorithm: str, by: Parsed) -> bool:
    return algorithm == _x509.SM2_WITH_SM3 and by.algorithm is Algorithm.SM2


def _bits(content: bytes) -> core.BitString:
    # As content octets: asn1crypto would take bits from a number or a tuple only.
    return core.BitString.load(core.OctetBitString(content).dump())


def _content(bits: Any) -> bytes:
    """The octets of a bit string, which must be whole."""
    octets = bytes(bits.contents)
    if octets[:1] != b"\x00":
        raise ValueError("a bit string with odd bits")
    return octets[1:]
