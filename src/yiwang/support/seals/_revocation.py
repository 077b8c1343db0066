"""Revocation lists (RFC 5280) and online status answers (RFC 6960), built and read by asn1crypto."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import core, crl, ocsp

from yiwang.support.seals import _signing, _x509
from yiwang.support.seals._x509 import BROKEN, Parsed, Sign

REQUEST_BYTES_MAX = 4096
ASKED_MAX = 20
_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_MALFORMED = "malformed_request"


@dataclass(frozen=True, slots=True)
class Revoked:
    """One certificate that is not to be believed any more."""

    serial: str
    at: datetime
    reason: str


def listing(
    issuer: Parsed, revoked: Sequence[Revoked], *, number: int, now: datetime, until: datetime, sign: Sign
) -> bytes:
    """DER of a revocation list."""
    body = crl.TbsCertList(
        {
            "version": "v2",
            "signature": _x509.signature_algorithm(issuer.algorithm),
            "issuer": issuer.certificate.subject,
            "this_update": _x509.moment(now),
            "next_update": _x509.moment(until),
            "revoked_certificates": [_entry(each) for each in revoked] or None,
            "crl_extensions": [
                _x509.authority_key(issuer.public),
                {"extn_id": "crl_number", "critical": False, "extn_value": number},
            ],
        }
    )
    made = {
        "tbs_cert_list": body,
        "signature_algorithm": _x509.signature_algorithm(issuer.algorithm),
        "signature": sign(body.dump()),
    }
    return bytes(crl.CertificateList(made).dump())


def is_listed_by(der: bytes, issuer: Parsed) -> bool:
    """Whether this is a revocation list that the issuer signed. Raises NoSm2."""
    try:
        read = crl.CertificateList.load(der, strict=True)
        body, signature = read["tbs_cert_list"].dump(), bytes(read["signature"].native)
    except BROKEN:
        return False
    return _signing.verify(issuer.algorithm, issuer.public, body, signature)


def answer(
    request: bytes,
    *,
    issuers: Sequence[Parsed],
    status: Callable[[Parsed, Sequence[str]], dict[str, Revoked | None]],
    sign: Callable[[Parsed, bytes], bytes],
    now: datetime,
    until: datetime,
) -> bytes:
    """DER of the answer to a request about certificates of one of the issuers; `status` leaves out what it never issued."""
    try:
        asked, nonce = _asked(request)
        issuer = next(each for each in issuers if _is_about(asked[0], each))
        serials = [f"{one['serial_number'].native:x}" for one in asked]
    except BROKEN:
        return _refusal(_MALFORMED)
    except StopIteration:
        return _refusal("unauthorized")
    known = status(issuer, serials)
    answers = [_one(one, issuer, known, serial, now, until) for one, serial in zip(asked, serials, strict=True)]
    body = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId("by_key", core.OctetString(_signing.key_id(issuer.public))),
            "produced_at": _x509.aware(now),
            "responses": answers,
            "response_extensions": [{"extn_id": "nonce", "critical": False, "extn_value": nonce}] if nonce else None,
        }
    )
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": body,
            "signature_algorithm": _x509.signature_algorithm(issuer.algorithm),
            "signature": sign(issuer, body.dump()),
        }
    )
    wrapped = {"response_type": "basic_ocsp_response", "response": basic}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": wrapped}).dump())


def _asked(request: bytes) -> tuple[list[ocsp.CertId], bytes | None]:
    if len(request) > REQUEST_BYTES_MAX:
        raise ValueError("too long")
    body = ocsp.OCSPRequest.load(request, strict=True)["tbs_request"]
    asked = [one["req_cert"] for one in body["request_list"]]
    if not 0 < len(asked) <= ASKED_MAX:
        raise ValueError("asks for none or too many")
    nonces = [one["extn_value"].native for one in body["request_extensions"] if one["extn_id"].native == "nonce"]
    return asked, bytes(nonces[0]) if nonces else None


def _is_about(asked: ocsp.CertId, issuer: Parsed) -> bool:
    algorithm = asked["hash_algorithm"]["algorithm"]
    if algorithm.dotted == _x509.SM3_OID:
        name, key = _signing.sm3(issuer.subject), _signing.sm3(b"\x04" + issuer.public)
    else:
        digest = _DIGESTS[algorithm.native]
        name, key = digest(issuer.subject).digest(), digest(b"\x04" + issuer.public).digest()
    return bool(asked["issuer_name_hash"].native == name and asked["issuer_key_hash"].native == key)


def _one(
    asked: ocsp.CertId,
    issuer: Parsed,
    known: dict[str, Revoked | None],
    serial: str,
    now: datetime,
    until: datetime,
) -> ocsp.SingleResponse:
    if serial not in known or not _is_about(asked, issuer):
        said = ocsp.CertStatus("unknown", ocsp.StatusUnknown())
    elif (revoked := known[serial]) is None:
        said = ocsp.CertStatus("good", ocsp.StatusGood())
    else:
        when = {"revocation_time": _x509.aware(revoked.at), "revocation_reason": revoked.reason}
        said = ocsp.CertStatus("revoked", ocsp.RevokedInfo(when))
    return ocsp.SingleResponse(
        {"cert_id": asked, "cert_status": said, "this_update": _x509.aware(now), "next_update": _x509.aware(until)}
    )


def _refusal(status: str) -> bytes:
    return bytes(ocsp.OCSPResponse({"response_status": status}).dump())


def _entry(one: Revoked) -> crl.RevokedCertificate:
    return crl.RevokedCertificate(
        {
            "user_certificate": int(one.serial, 16),
            "revocation_date": _x509.moment(one.at),
            "crl_entry_extensions": [{"extn_id": "crl_reason", "critical": False, "extn_value": one.reason}],
        }
    )
