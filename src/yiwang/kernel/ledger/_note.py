"""Signed notes (C2SP signed-note, checkpoint): the text form in which a checkpoint leaves the house."""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_ED25519 = b"\x01"
_DASH = "— "


class NoteInvalid(ValueError):
    """Not a signed checkpoint of ours; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Body:
    """What is signed. `time` and `hash` stand in extension lines."""

    origin: str
    size: int
    root: bytes
    at: datetime
    algorithm: str

    def text(self) -> str:
        lines = (self.origin, str(self.size), _b64(self.root), f"time {_stamp(self.at)}", f"hash {self.algorithm}")
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key and the name it signs under."""

    name: str
    key: bytes

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:4].hex()

    @property
    def text(self) -> str:
        """The `name+id+key` form that is published."""
        return f"{self.name}+{self.key_id}+{_b64(_ED25519 + self.key)}"

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        try:
            name, key_id, encoded = text.strip().split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
        except (ValueError, binascii.Error) as wrong:
            raise NoteInvalid("the public key is not in the form name+id+key") from wrong
        verifier = cls(name, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or verifier.key_id != key_id:
            raise NoteInvalid("the public key does not match its id")
        return verifier


@dataclass(frozen=True, slots=True)
class Signer:
    name: str
    secret: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        raw = self.secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return Verifier(self.name, raw)

    def sign(self, body: Body) -> str:
        text = body.text()
        blob = bytes.fromhex(self.verifier.key_id) + self.secret.sign(text.encode())
        return f"{text}\n{_DASH}{self.name} {_b64(blob)}\n"


def opened(note: str, verifiers: list[Verifier]) -> Body:
    """The body of a note that one of `verifiers` signed; raises NoteInvalid otherwise."""
    text, separator, signatures = note.rpartition("\n\n")
    if not separator:
        raise NoteInvalid("the note has no signature")
    text += "\n"
    known = {(v.name, v.key_id): v for v in verifiers}
    for line in signatures.splitlines():
        name, key_id, signature = _signature(line)
        verifier = known.get((name, key_id))
        if verifier:
            try:
                Ed25519PublicKey.from_public_bytes(verifier.key).verify(signature, text.encode())
            except InvalidSignature as wrong:
                raise NoteInvalid("the signature is wrong") from wrong
            return _body(text)
    raise NoteInvalid("the note was not signed by a known key")


def _signature(line: str) -> tuple[str, str, bytes]:
    try:
        name, encoded = line.removeprefix(_DASH).rsplit(" ", 1)
        blob = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as wrong:
        raise NoteInvalid("a signature line cannot be read") from wrong
    return name, blob[:4].hex(), blob[4:]


def _body(text: str) -> Body:
    try:
        origin, size, root, *extensions = text.splitlines()
        extra = dict(line.split(" ", 1) for line in extensions)
        at = datetime.fromisoformat(extra["time"])
        return Body(origin, int(size), base64.b64decode(root, validate=True), at, extra["hash"])
    except (ValueError, KeyError, binascii.Error) as wrong:
        raise NoteInvalid("the checkpoint's text cannot be read") from wrong


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
