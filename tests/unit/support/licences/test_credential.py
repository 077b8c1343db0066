"""Credentials for wallets against the W3C's own test vector, and what must not pass."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yiwang.support.licences import _credential

# w3c/vc-di-eddsa, TestVectors/eddsa-rdfc-2022 and keyPair.json (B.1 of the recommendation of 2025-05-15). The example vocabulary
# stands inline here: that is all its context holds.
PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
EXAMPLES = {"@vocab": "https://www.w3.org/ns/credentials/examples#"}
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2", EXAMPLES],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
METHOD = f"https://vc.example/issuers/5678#{PUBLIC}"
CREATED = "2023-02-24T23:36:38Z"
DIGEST = (
    "4c4d3890a157f8d611b13c265c2c22f39aa0a567c7c7dd9ba3e45cd579784eeb"
    "517744132ae165a5349155bef0bb0cf2258fff99dfe1dbd914b938d775a36017"
)
VALUE = "z21EVs3eXERqTn4acNHT9viboqgzUaQ3kTmhPT3eA8qrVPE7CrQq78WkzctnMX5W4CrzcKnHw8V6dvy5pgWYCU5e9"


def sign(message: bytes) -> bytes:
    secret = _credential._plain(SECRET[1:])
    assert secret[:2] == b"\x80\x26"
    return Ed25519PrivateKey.from_private_bytes(secret[2:]).sign(message)


def test_the_w3c_vector_comes_out_digest_and_proof() -> None:
    made = _credential.secured(DOCUMENT, method=METHOD, created=CREATED, sign=sign)
    assert made["proof"]["proofValue"] == VALUE
    proof = {name: value for name, value in made["proof"].items() if name != "proofValue"}
    assert _credential.digest(DOCUMENT, proof).hex() == DIGEST
    assert _credential.multikey(_credential.key_of(PUBLIC)) == PUBLIC
    assert _credential.is_sound(made, _credential.key_of(PUBLIC))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Alumni credential"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "Elsewhere"}},
        {"issuer": "https://vc.example/issuers/5679"},
        {"@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "https://elsewhere.example/"}]},
        {"@context": ["https://www.w3.org/ns/credentials/v2", "https://elsewhere.example/context"]},
        {"proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofValue": "z0Il"}},
        {"proof": {}},
    ],
)
def test_what_was_changed_is_not_sound(change: dict[str, object]) -> None:
    made = _credential.secured(DOCUMENT, method=METHOD, created=CREATED, sign=sign)
    assert not _credential.is_sound({**made, **change}, _credential.key_of(PUBLIC))


KNOT = [{"id": f"_:n{one}", "knows": [{"id": f"_:n{other}"} for other in range(9)]} for one in range(9)]


@pytest.mark.parametrize(
    "change",
    [
        {"credentialSubject": KNOT},
        {"credentialSubject": {"id": "did:example:abcdefgh", "knows": KNOT}},
        {"credentialSubject": {"id": "_:n0"}},
        {"credentialSubject": {"@included": "a"}},
        {"@graph": KNOT},
        {"issuer": [{}] * 12},
        {f"part{n}": {} for n in range(12)},
        {"type": KNOT},
        {"type": ["_:n0", "_:n1"]},
        {"@id": "_:n0"},
        {"@context": [_credential.CREDENTIALS, {"@vocab": "https://a.example/", "name": {"@type": "@id"}}]},
    ],
)
def test_a_knot_of_nameless_nodes_is_refused_unread(change: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine nodes that know each other would keep a core busy for a quarter of an hour."""
    made = _credential.secured(DOCUMENT, method=METHOD, created=CREATED, sign=sign)
    monkeypatch.setattr(_credential, "digest", lambda *_: pytest.fail("was canonicalised"))
    assert not _credential.is_sound({**made, **change}, _credential.key_of(PUBLIC))
    assert not _credential.is_sound({**made, "proof": {**made["proof"], "domain": KNOT}}, _credential.key_of(PUBLIC))
