"""The offline checker: agrees with ours and with `cryptography`, and needs nothing but Python."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import LazySettings
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tests.unit.kernel.ledger.test_ledger import AT, numbered
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions, offline, queries
from yiwang.kernel.ledger._note import Verifier


@pytest.fixture
def proof(db: None) -> dict[str, Any]:
    leaf = numbered(5)[3]
    found, opening = queries.proof(leaf), queries.content(leaf)
    assert found is not None
    assert opening is not None
    return {**found.as_json(), "opening": opening.as_json()}


@effort(max_examples=4)
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
    assert any(said in fault for fault in offline.faults(proof, [offline.Key(proof["checkpoint"]["verifier"])]))


def test_another_key_is_refused(proof: dict[str, Any]) -> None:
    name, _, key = proof["checkpoint"]["verifier"].split("+", 2)
    with pytest.raises(ValueError, match="does not match its own id"):
        offline.Key(f"{name}+00000000+{key}")
    stranger = Verifier(name, Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key().public_bytes_raw())
    assert offline.faults(proof, [offline.Key(stranger.text)]) == ["the checkpoint is not signed with this key"]


@pytest.mark.django_db
@pytest.mark.parametrize("sizes", [(1, 1), (1, 6), (4, 4), (3, 260), (7, 1)])
def test_consistency_is_checked_as_ours_is(sizes: tuple[int, int]) -> None:
    numbered(sizes[0])
    numbered(sizes[1])
    found = queries.consistency(sizes[0]).as_json()
    keys = [offline.Key(found["new"]["verifier"])]
    assert offline.faults(found, keys) == []
    forged = {**found, "path": [*found["path"][:-1], "00" * 32]}
    assert offline.faults(forged, keys) == ["the newer tree does not only add to the older one"]
    assert offline.faults({**found, "old": {"note": found["old"]["note"].replace("time 2", "time 1")}}, keys) != []


class Exported:
    """A bundle as lines, and what the checker says of it after somebody laid hands on it."""

    def __init__(self) -> None:
        numbered(3)
        numbered(5)
        self.lines = list(queries.bundle())
        head = queries.checkpoint()
        assert head is not None
        self.keys, self.note = [offline.Key(head.verifier)], head.note
        self.first = next(at for at, line in enumerate(self.lines) if line.startswith('{"index"'))

    def edit(self, index: int, old: str, new: str) -> None:
        changed = self.lines[self.first + index].replace(old, new)
        assert changed != self.lines[self.first + index]
        self.lines[self.first + index] = changed

    def swap_leaves(self, one: int, other: int) -> None:
        rows = [json.loads(self.lines[self.first + each]) for each in (one, other)]
        rows[0]["leaf_data"], rows[1]["leaf_data"] = rows[1]["leaf_data"], rows[0]["leaf_data"]
        for each, row in zip((one, other), rows, strict=True):
            self.lines[self.first + each] = json.dumps(row)

    def faults(self, anchor: str | None = None) -> list[str]:
        return list(offline.Bundle(self.keys, anchor).faults(self.lines))


@pytest.mark.django_db
def test_a_bundle_is_sound_and_each_harmed_row_is_named() -> None:
    bundle = Exported()
    assert bundle.faults(bundle.note) == []
    bundle.edit(2, "test.thing", "test.thong")
    bundle.swap_leaves(5, 6)
    del bundle.lines[bundle.first + 3]
    assert bundle.faults() == [
        "index 2: edited",
        "index 5: reordered, this is the row of index 6",
        "index 6: reordered, this is the row of index 5",
        "index 3: removed",
    ]


@pytest.mark.django_db
def test_rows_that_changed_places_or_were_added_are_named() -> None:
    bundle = Exported()
    bundle.lines[bundle.first + 1], bundle.lines[bundle.first + 2] = (
        bundle.lines[bundle.first + 2],
        bundle.lines[bundle.first + 1],
    )
    bundle.lines.append(bundle.lines[-1])
    assert bundle.faults() == [
        "index 1: reordered, it stands behind index 2",
        "index 7: added, no such row was numbered",
    ]


@pytest.mark.django_db
def test_a_row_edited_together_with_its_hash_is_found_between_two_checkpoints() -> None:
    bundle = Exported()
    bundle.edit(4, "test.thing", "test.thong")
    forged = offline.hashed("sha256", b"\x00", json.loads(bundle.lines[bundle.first + 4])["leaf_data"].encode())
    place = next(at for at, line in enumerate(bundle.lines) if line.startswith('{"hashes"'))
    hashes = json.loads(bundle.lines[place])["hashes"]
    bundle.lines[place] = json.dumps({"hashes": hashes[: 4 * 64] + forged.hex() + hashes[5 * 64 :]})
    assert bundle.faults() == [
        "checkpoint 8: the root differs, so a row between index 3 and 7 was edited with its hash"
    ]


@pytest.mark.django_db
def test_a_cut_tail_is_found_by_the_checkpoint_and_by_an_anchor() -> None:
    bundle = Exported()
    place = next(at for at, line in enumerate(bundle.lines) if line.startswith('{"hashes"'))
    hashes = json.loads(bundle.lines[place])["hashes"]
    bundle.lines = [*bundle.lines[: bundle.first + 6]]
    bundle.lines[place] = json.dumps({"hashes": hashes[: 6 * 64]})
    assert bundle.faults() == ["checkpoint 8: signs 8 rows, but only 6 are here: index 6–7 removed"]
    bundle.lines = [line for line in bundle.lines if "\\n8\\n" not in line]
    assert bundle.faults() == []
    assert bundle.faults(bundle.note) == ["anchor: signs 8 rows, but only 6 are here: index 6–7 removed"]


@pytest.mark.django_db(transaction=True)
def test_after_a_rotation_both_keys_check_the_whole_bundle(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_LEDGER_KEY_FILE = str(tmp_path / "ledger-key")
    (tmp_path / "ledger-key").write_text("22" * 32)
    numbered(2)
    old = queries.checkpoint()
    assert old is not None
    new = actions.rotate_key(by=SYSTEM, at=AT)
    numbered(1)
    (tmp_path / "ledger.jsonl").write_text("".join(queries.bundle()))
    (tmp_path / "kept.txt").write_text(old.note)
    command = [sys.executable, "-I", "-S", str(offline.__file__), str(tmp_path / "ledger.jsonl")]
    command += ["--anchor", str(tmp_path / "kept.txt"), "--key", old.verifier]
    ran = subprocess.run([*command, "--key", new], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "sound\n")
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (1, "checkpoint 4: not signed with this key\n")
