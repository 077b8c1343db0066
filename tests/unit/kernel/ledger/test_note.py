"""Signed notes: the text form of checkpoints."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yiwang.kernel.ledger._note import Body, NoteInvalid, Signer, Verifier, opened

AT = datetime(2026, 11, 23, 1, 2, 3, 456000, tzinfo=UTC)
SIGNER = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
BODY = Body("example.org/log", 7, b"r" * 32, AT, "sha256")


def test_a_note_reads_as_the_standard_writes_it() -> None:
    lines = SIGNER.sign(BODY).split("\n")
    assert lines[:2] == ["example.org/log", "7"]
    assert lines[3:6] == ["time 2026-11-23T01:02:03.456Z", "hash sha256", ""]
    assert lines[6].startswith("— example.org/log ")


def test_a_signed_note_opens_with_its_key_only() -> None:
    note = SIGNER.sign(BODY)
    stranger = Signer("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32))).verifier
    assert opened(note, [stranger, SIGNER.verifier]) == BODY
    with pytest.raises(NoteInvalid, match="known key"):
        opened(note, [stranger])


@pytest.mark.parametrize(("old", "new"), [("\n7\n", "\n8\n"), ("sha256", "sm3"), ("456Z", "457Z")])
def test_a_changed_note_does_not_open(old: str, new: str) -> None:
    with pytest.raises(NoteInvalid, match="signature is wrong"):
        opened(SIGNER.sign(BODY).replace(old, new), [SIGNER.verifier])


def test_a_verifier_survives_its_text_form_and_refuses_another_id() -> None:
    text = SIGNER.verifier.text
    assert Verifier.parse(text) == SIGNER.verifier
    name, key_id, key = text.split("+", 2)
    with pytest.raises(NoteInvalid):
        Verifier.parse(f"{name}+{int(key_id, 16) ^ 1:08x}+{key}")
