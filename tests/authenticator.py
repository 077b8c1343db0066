"""A passkey in software, for tests: makes keys and answers challenges as a telephone does, and can be told to lie."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, HAS_KEY = 0x01, 0x04, 0x40


class Authenticator:
    """One key on one device; `counter` None keeps no count, as synced keys do."""

    def __init__(self, *, counter: int | None = 0, checks: bool = True) -> None:
        self.id = secrets.token_bytes(32)
        self.counter = counter
        self.flags = UP | (UV if checks else 0)
        self.handle = b""
        self._key = ec.generate_private_key(ec.SECP256R1())

    def create(self, asked: dict[str, Any], origin: str) -> str:
        """What `navigator.credentials.create` answers, as JSON."""
        public = asked["publicKey"]
        self.handle = _bytes(public["user"]["id"])
        point = self._key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        key = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(public["rp"]["id"], HAS_KEY) + key}
        client = _client_data("webauthn.create", public["challenge"], origin)
        return self._said({"clientDataJSON": _text(client), "attestationObject": _text(cbor2.dumps(made))})

    def get(self, asked: dict[str, Any], origin: str, *, handle: bytes | None = None) -> str:
        """What `navigator.credentials.get` answers, as JSON."""
        public = asked["publicKey"]
        if self.counter is not None:
            self.counter += 1
        data, client = self._data(public["rpId"], 0), _client_data("webauthn.get", public["challenge"], origin)
        signed = self._key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._said(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(data),
                "signature": _text(signed),
                "userHandle": _text(self.handle if handle is None else handle),
            }
        )

    def _data(self, rp_id: str, more: int) -> bytes:
        return sha256(rp_id.encode()).digest() + bytes([self.flags | more]) + (self.counter or 0).to_bytes(4, "big")

    def _said(self, response: dict[str, str]) -> str:
        name = _text(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
