"""Algorithms under one name: SM2 with SM3 for seals, P-256 with SHA-256 for PDF (DER signatures), Ed25519 for credentials (raw); raw keys."""

import hashlib
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from yiwang.support.seals import _sm2
from yiwang.support.seals.contracts import Algorithm

_CURVE, _HASH = ec.SECP256R1(), ec.ECDSA(hashes.SHA256())


def generate(algorithm: Algorithm) -> tuple[bytes, bytes]:
    """Private scalar (32 bytes) and public point (64 bytes; 32 of Ed25519). Raises NoSm2."""
    if algorithm is Algorithm.SM2:
        return _sm2.port().generate()
    if algorithm is Algorithm.ED25519:
        edwards = ed25519.Ed25519PrivateKey.generate()
        return edwards.private_bytes_raw(), edwards.public_key().public_bytes_raw()
    key = ec.generate_private_key(_CURVE)
    public = key.public_key().public_numbers()
    scalar = key.private_numbers().private_value
    return scalar.to_bytes(32, "big"), public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big")


def sign(algorithm: Algorithm, private: bytes, public: bytes, message: bytes) -> bytes:
    """DER of the two integers; of Ed25519 the 64 bytes. Raises NoSm2."""
    if algorithm is Algorithm.SM2:
        return _sm2.port().sign(private, public, message)
    if algorithm is Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.from_private_bytes(private).sign(message)
    return ec.derive_private_key(int.from_bytes(private, "big"), _CURVE).sign(message, _HASH)


def verify(algorithm: Algorithm, public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is right. Raises NoSm2."""
    if len(public) != 64:
        return False
    if algorithm is Algorithm.SM2:
        return _sm2.port().verify(public, message, signature)
    key = _point(public)
    if key is None:
        return False
    try:
        key.verify(signature, message, _HASH)
    except InvalidSignature:
        return False
    return True


def sm3(content: bytes) -> bytes:
    """SM3 of the content (GB/T 32905)."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


def key_id(public: bytes) -> bytes:
    """What certificates name a key by (RFC 5280, 4.2.1.2, method 1)."""
    return hashlib.sha1(b"\x04" + public, usedforsecurity=False).digest()


@lru_cache(maxsize=256)
def _point(public: bytes) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, b"\x04" + public)
    except ValueError:
        return None
