"""Verifiable Credentials 2.0 secured with eddsa-rdfc-2022 (W3C VC Data Integrity EdDSA): canonical quads, their digest, the proof. Pure.

The context comes with the library: nothing is fetched, and a document that names another is refused. So is one of another
shape than ours: canonical quads of nodes without names that point at each other can be made to take for ever.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
SUITE = "eddsa-rdfc-2022"
_PARTS_MAX = 8
_SIGNS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"
Document = Mapping[str, Any]


def secured(document: Document, *, method: str, created: str, sign: Callable[[bytes], bytes]) -> dict[str, Any]:
    """The document with its proof; `method` is the address of the public key."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    value = multibase(sign(digest(document, proof)))
    return {**document, "proof": {**proof, "proofValue": value}}


def is_sound(document: Document, public: bytes) -> bool:
    """Whether the proof of a document fits it and the key (32 bytes)."""
    proof = dict(document.get("proof") or {})
    value = str(proof.pop("proofValue", ""))
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != SUITE or not value.startswith("z"):
        return False
    bare = {name: part for name, part in document.items() if name != "proof"}
    if not (_is_plain(bare) and _is_flat(proof)):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_plain(value[1:]), digest(bare, proof))
    except (InvalidSignature, ValueError):
        return False
    return True


def digest(document: Document, proof: Document) -> bytes:
    """What is signed: the digest of the proof's options, then that of the document."""
    options = {"@context": document["@context"], **proof}
    return _hashed(options) + _hashed(document)


def multikey(public: bytes) -> str:
    """A public key as controlled identifier documents write it."""
    return multibase(_ED25519 + public)


def multibase(content: bytes) -> str:
    """Base58 as Bitcoin has it, marked `z`."""
    number, said = int.from_bytes(content, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        said = _SIGNS[rest] + said
    zeros = len(content) - len(content.lstrip(b"\0"))
    return "z" + _SIGNS[0] * zeros + said


def key_of(multikey: str) -> bytes:
    """The 32 bytes of a public key. Raises ValueError."""
    content = _plain(multikey.removeprefix("z"))
    if not content.startswith(_ED25519) or len(content) != len(_ED25519) + 32:
        raise ValueError(multikey)
    return content[len(_ED25519) :]


def _is_plain(document: Document) -> bool:
    """Whether it is one object with a few flat ones in it, under the contexts that ours has."""
    match document:
        case {"@context": [str(first), {"@vocab": str(), **more}], "type": [*kinds], **said}:
            parts = [part for part in said.values() if isinstance(part, dict)]
            alone = {name: part for name, part in said.items() if not isinstance(part, dict)}
            few = len(kinds) + len(parts) <= _PARTS_MAX
            return (
                first == CREDENTIALS
                and not more
                and few
                and all(map(_is_value, kinds))
                and all(map(_is_flat, [alone, *parts]))
            )
    return False


def _is_flat(part: Document) -> bool:
    return all(not name.startswith("@") and _is_value(value) for name, value in part.items())


def _is_value(value: object) -> bool:
    """Whether it is a plain value that names no node."""
    return value is None or (isinstance(value, str | int | float) and not str(value).startswith("_:"))


def _plain(text: str) -> bytes:
    number = 0
    for sign in text[:200]:
        number = number * 58 + _SIGNS.index(sign)
    zeros = len(text) - len(text.lstrip(_SIGNS[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _hashed(document: Document) -> bytes:
    """Raises ValueError when the document cannot be read as JSON-LD under the one context."""
    from pyld import jsonld
    from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

    only = FrozenDocumentLoader({CREDENTIALS: BUNDLED_CONTEXTS[CREDENTIALS]})
    ways = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": only}
    try:
        quads = jsonld.normalize(dict(document), ways)
    except jsonld.JsonLdError as wrong:
        raise ValueError("not a credential") from wrong
    return hashlib.sha256(str(quads).encode()).digest()
