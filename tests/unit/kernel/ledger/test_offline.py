"""The offline checker: agrees with ours and with `cryptography`, and needs nothing but Python."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.kernel.ledger.test_ledger import numbered
from yiwang.kernel.ledger import offline, queries


@pytest.fixture
def proof(db: None) -> dict[str, Any]:
    leaf = numbered(5)[3]
    found, opening = queries.proof(leaf), queries.content(leaf)
    assert found is not None
    assert opening is not None
    return {**found.as_json(), "opening": opening.as_json()}


@settings(max_examples=10)
@given(seed=st.binary(min_size=32, max_size=32), text=st.binary(max_size=80))
def test_signatures_agree_with_cryptography(seed: bytes, text: bytes) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = secret.public_key().public_bytes_raw(), secret.sign(text)
    assert offline.is_signed(key, signature, text)
    assert not offline.is_signed(key, signature, text + b"!")
    assert not offline.is_signed(key, signature[:32] + bytes(32), text)


def test_it_runs_alone_and_says_sound(proof: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    command = [sys.executable, "-I", "-S", str(offline.__file__), str(tmp_path / "proof.json"), "--key"]
    ran = subprocess.run([*command, proof["checkpoint"]["verifier"]], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "sound\n")


@pytest.mark.parametrize(
    ("part", "old", "new", "said"),
    [
        ("leaf_data", "test.thing", "test.thong", "does not stand in the tree"),
        ("checkpoint.note", "\n5\n", "\n6\n", "not signed"),
        ("opening.content", '"number":3', '"number":4', "not the one that was recorded"),
    ],
)
def test_each_forgery_is_named(proof: dict[str, Any], part: str, old: str, new: str, said: str) -> None:
    place, _, name = part.partition(".")
    holder = proof[place] if name else proof
    holder[name or place] = holder[name or place].replace(old, new)
    assert any(said in fault for fault in offline.faults(proof, proof["checkpoint"]["verifier"]))


def test_another_key_is_refused(proof: dict[str, Any]) -> None:
    name, _, key = proof["checkpoint"]["verifier"].split("+", 2)
    assert offline.faults(proof, f"{name}+00000000+{key}") == ["the key does not match its own id"]
