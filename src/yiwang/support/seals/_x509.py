"""X.509 by asn1crypto, since `cryptography` knows no SM2: building, reading strictly, and the signature over what was read."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from asn1crypto import algos, core, keys, pem, x509

from yiwang.support.seals import _signing
from yiwang.support.seals.contracts import Algorithm, BadCertificate, Role

SM2_WITH_SM3 = "1.2.156.10197.1.501"
SM3_OID = "1.2.156.10197.1.401"
_SM2_CURVE = "1.2.156.10197.1.301"
_SIGNED_BY = {Algorithm.SM2: SM2_WITH_SM3, Algorithm.P256: "sha256_ecdsa"}
_CURVES = {Algorithm.SM2: _SM2_CURVE, Algorithm.P256: "secp256r1"}
_USAGES: dict[Role, set[str]] = {
    Role.ROOT: {"key_cert_sign", "crl_sign"},
    Role.ISSUING: {"digital_signature", "key_cert_sign", "crl_sign"},
}
_LEAF_USAGE = {"digital_signature", "non_repudiation"}
CERTIFICATE_BYTES_MAX = 16_384
# What asn1crypto raises on bytes that are no such structure.
BROKEN = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError, RecursionError)

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a certificate's readers find its issuer's list, answers and certificate; empty where the place has no address."""

    crl: str = ""
    ocsp: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new certificate is to say."""

    role: Role
    algorithm: Algorithm
    subject: x509.Name
    public: bytes
    not_before: datetime
    not_after: datetime
    addresses: Addresses = Addresses()


class Parsed:
    """A certificate that was read; attributes are read once, at once, so that nothing can fail later."""

    def __init__(self, der: bytes) -> None:
        if len(der) > CERTIFICATE_BYTES_MAX:
            raise BadCertificate("证书过大。", hint="请核对证书。")
        try:
            self.certificate = x509.Certificate.load(der, strict=True)
            self._read()
        except BROKEN as wrong:
            raise BadCertificate("证书读不出来。", hint="请核对证书是否完整。") from wrong
        self.der = der

    def _read(self) -> None:
        body = self.certificate["tbs_certificate"]
        self.serial = f"{body['serial_number'].native:x}"
        self.subject = x509.Name.load(body["subject"].dump()).dump()
        self.issuer = x509.Name.load(body["issuer"].dump()).dump()
        self.common_name = str(body["subject"].native.get("common_name", ""))
        self.not_before, self.not_after = self.certificate.not_valid_before, self.certificate.not_valid_after
        curve = body["subject_public_key_info"]["algorithm"]["parameters"].chosen.native
        self.algorithm = {name: algorithm for algorithm, name in _CURVES.items()}[curve]
        self.public = bytes(body["subject_public_key_info"]["public_key"].native)[1:]
        constraint, usage = self.certificate.basic_constraints_value, self.certificate.key_usage_value
        self.is_authority = bool(constraint and constraint["ca"].native) and "key_cert_sign" in (
            usage.native if usage else set()
        )
        self.signed_by = self.certificate["signature_algorithm"]["algorithm"].dotted
        self.signature = bytes(self.certificate["signature_value"].native)
        self.signed = body.dump()

    def is_signed_by(self, issuer: "Parsed") -> bool:
        """Whether the issuer's key made this certificate's signature. Raises NoSm2."""
        named = algos.SignedDigestAlgorithmId(_SIGNED_BY[issuer.algorithm]).dotted
        if self.signed_by != named or self.issuer != issuer.subject:
            return False
        return _signing.verify(issuer.algorithm, issuer.public, self.signed, self.signature)


def name(common_name: str, *, organisation: str = "", identifier: str = "") -> x509.Name:
    """A distinguished name of China; `identifier` is the unified social credit code."""
    parts = {"country_name": "CN"}
    parts |= {"organization_name": organisation} if organisation else {}
    parts |= {"organization_identifier": identifier} if identifier else {}
    return x509.Name.build(parts | {"common_name": common_name})


def certificate(plan: Plan, *, issuer: "Parsed | None", sign: Sign) -> bytes:
    """DER of a new certificate, signed by `issuer` or, for a root, by itself."""
    algorithm = issuer.algorithm if issuer else plan.algorithm
    key_of_issuer = issuer.public if issuer else plan.public
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(126) | 1 << 126,
            "signature": signature_algorithm(algorithm),
            "issuer": x509.Name.load(issuer.subject) if issuer else plan.subject,
            "validity": {"not_before": moment(plan.not_before), "not_after": moment(plan.not_after)},
            "subject": plan.subject,
            "subject_public_key_info": public_key(plan.algorithm, plan.public),
            "extensions": [*_extensions(plan), authority_key(key_of_issuer)],
        }
    )
    made = {
        "tbs_certificate": body,
        "signature_algorithm": signature_algorithm(algorithm),
        "signature_value": sign(body.dump()),
    }
    return bytes(x509.Certificate(made).dump())


def signature_algorithm(algorithm: Algorithm) -> algos.SignedDigestAlgorithm:
    return algos.SignedDigestAlgorithm({"algorithm": _SIGNED_BY[algorithm]})


def public_key(algorithm: Algorithm, public: bytes) -> keys.PublicKeyInfo:
    parameters = keys.ECDomainParameters(name="named", value=_CURVES[algorithm])
    return keys.PublicKeyInfo(
        {
            "algorithm": {"algorithm": "ec", "parameters": parameters},
            "public_key": keys.ECPointBitString(b"\x04" + public),
        }
    )


def as_pem(der: bytes, kind: str = "CERTIFICATE") -> str:
    return str(pem.armor(kind, der).decode("ascii"))


def aware(moment: datetime) -> datetime:
    """In UTC and whole seconds, as certificates and seals write it."""
    return moment.astimezone(UTC).replace(microsecond=0)


def _extensions(plan: Plan) -> list[dict[str, Any]]:
    is_authority = plan.role in (Role.ROOT, Role.ISSUING)
    depth = {"path_len_constraint": 0} if plan.role is Role.ISSUING else {}
    found: list[dict[str, Any]] = [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": is_authority, **depth}},
        {"extn_id": "key_usage", "critical": True, "extn_value": _USAGES.get(plan.role, _LEAF_USAGE)},
        {"extn_id": "key_identifier", "critical": False, "extn_value": _signing.key_id(plan.public)},
    ]
    addresses = plan.addresses
    if addresses.crl:
        point = {"distribution_point": x509.DistributionPointName("full_name", [_uri(addresses.crl)])}
        found.append({"extn_id": "crl_distribution_points", "critical": False, "extn_value": [point]})
    if addresses.ocsp:
        reach = [
            {"access_method": "ocsp", "access_location": _uri(addresses.ocsp)},
            {"access_method": "ca_issuers", "access_location": _uri(addresses.issuer)},
        ]
        found.append({"extn_id": "authority_information_access", "critical": False, "extn_value": reach})
    return found


def authority_key(public: bytes) -> dict[str, Any]:
    return {
        "extn_id": "authority_key_identifier",
        "critical": False,
        "extn_value": {"key_identifier": _signing.key_id(public)},
    }


def _uri(address: str) -> x509.GeneralName:
    return x509.GeneralName("uniform_resource_identifier", address)


def moment(value: datetime) -> x509.Time:
    moment = aware(value)
    # RFC 5280: two-digit years until 2049.
    if moment.year < 2050:
        return x509.Time("utc_time", core.UTCTime(moment))
    return x509.Time("general_time", core.GeneralizedTime(moment))
