#!/usr/bin/env python3
"""Checks a proof or a whole exported ledger offline: one file, no dependencies.

`python3 offline.py FILE --key name+id+key` reads an inclusion proof, a consistency proof (JSON) or a bundle (JSON lines);
after a key was rotated, give --key for each key you trust. --anchor is a checkpoint that was kept elsewhere.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any

# Ed25519 (RFC 8032), verification only; a public key and a public text leave nothing to leak.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
# X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z: adding divides nothing.
Point = tuple[int, int, int, int]


def add(one: Point, other: Point) -> Point:
    (x1, y1, z1, t1), (x2, y2, z2, t2) = one, other
    less, more = (y1 - x1) * (y2 - x2), (y1 + x1) * (y2 + x2)
    cross, scale = 2 * D * t1 * t2, 2 * z1 * z2
    e, f, g, h = (more - less) % P, (scale - cross) % P, (scale + cross) % P, (more + less) % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def is_same(one: Point, other: Point) -> bool:
    (x1, y1, z1, _), (x2, y2, z2, _) = one, other
    return (x1 * z2 - x2 * z1) % P == 0 == (y1 * z2 - y2 * z1) % P


def times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = add(found, point)
        point, scalar = add(point, point), scalar >> 1
    return found


def point_of(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & (1 << 255) - 1, number >> 255
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if x * x % P != square or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def is_signed(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether `signature` over `text` was made with the secret of `key`."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if public is None or commitment is None or base is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + text).digest()
    return is_same(times(s, base), add(commitment, times(int.from_bytes(digest, "little") % ORDER, public)))


def root_of(algorithm: str, leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root that an inclusion path leads to (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return None
    node, last, carry = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            carry = hashed(algorithm, b"\x01", step, carry)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            carry = hashed(algorithm, b"\x01", carry, step)
        node, last = node >> 1, last >> 1
    return carry if last == 0 else None


def hashed(algorithm: str, *parts: bytes) -> bytes:
    return hashlib.new(algorithm, b"".join(parts)).digest()


def is_consistent(algorithm: str, old: tuple[int, bytes], new: tuple[int, bytes], path: list[bytes]) -> bool:
    """Whether the tree of `new` (size, root) only adds to that of `old` (RFC 9162, 2.1.4.2)."""
    if old[0] == new[0]:
        return not path and old[1] == new[1]
    if not 0 < old[0] < new[0] or not path:
        return False
    first, second = old[0] - 1, new[0] - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    steps = iter(path if first else [old[1], *path])
    one = other = next(steps)
    for step in steps:
        if second == 0:
            return False
        if first & 1 or first == second:
            one, other = hashed(algorithm, b"\x01", step, one), hashed(algorithm, b"\x01", step, other)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            other = hashed(algorithm, b"\x01", other, step)
        first, second = first >> 1, second >> 1
    return second == 0 and one == old[1] and other == new[1]


class Key:
    """A public key in its published form `name+id+key`. Raises ValueError when it does not fit its own id."""

    def __init__(self, text: str) -> None:
        self.name, self.id, encoded = text.strip().split("+", 2)
        raw = base64.b64decode(encoded)
        if hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4].hex() != self.id or raw[:1] != b"\x01":
            raise ValueError("the key does not match its own id")
        self.public = raw[1:]


class Head:
    """What a checkpoint's signed text says."""

    def __init__(self, note: str) -> None:
        self.text, _, self.signatures = note.partition("\n\n")
        self.origin, size, root, *rest = self.text.split("\n")
        self.size, self.root = int(size), base64.b64decode(root)
        self.algorithm = dict(line.split(" ", 1) for line in rest)["hash"]

    def is_signed_by(self, keys: list[Key]) -> bool:
        """Whether one of `keys` signed it under the log's own name."""
        return any(self._is_signed_by(key) for key in keys if key.name == self.origin)

    def _is_signed_by(self, key: Key) -> bool:
        lines = [line.rsplit(" ", 1) for line in self.signatures.splitlines() if line.startswith("\u2014 ")]
        blobs = [base64.b64decode(blob) for signer, blob in lines if signer == f"\u2014 {key.name}"]
        ours = [blob[4:] for blob in blobs if blob[:4].hex() == key.id]
        return any(is_signed(key.public, blob, f"{self.text}\n".encode()) for blob in ours)


def faults(proof: dict[str, Any], keys: list[Key]) -> list[str]:
    """Everything that is wrong with a proof, in plain words; empty when it holds."""
    return _consistency(proof, keys) if "old" in proof else _inclusion(proof, keys)


def _inclusion(proof: dict[str, Any], keys: list[Key]) -> list[str]:
    head, wrong = Head(proof["checkpoint"]["note"]), []
    if not head.is_signed_by(keys):
        wrong.append("the checkpoint is not signed with this key")
    leaf = hashed(head.algorithm, b"\x00", proof["leaf_data"].encode())
    path = [bytes.fromhex(step) for step in proof["path"]]
    if root_of(head.algorithm, leaf, proof["index"], head.size, path) != head.root:
        wrong.append("the leaf does not stand in the tree of this checkpoint")
    opening = proof.get("opening")
    if opening:
        commitment = hashed(head.algorithm, bytes.fromhex(opening["salt"]), opening["content"].encode()).hex()
        if commitment != json.loads(proof["leaf_data"])["commitment"]:
            wrong.append("the content is not the one that was recorded")
    return wrong


def _consistency(proof: dict[str, Any], keys: list[Key]) -> list[str]:
    old, new = Head(proof["old"]["note"]), Head(proof["new"]["note"])
    wrong = [
        f"the {which} checkpoint is not signed with this key"
        for which, head in (("older", old), ("newer", new))
        if not head.is_signed_by(keys)
    ]
    path = [bytes.fromhex(step) for step in proof["path"]]
    if not is_consistent(new.algorithm, (old.size, old.root), (new.size, new.root), path):
        wrong.append("the newer tree does not only add to the older one")
    return wrong


class Bundle:
    """An exported ledger, read line by line: checkpoints, then the hash of each leaf, then the leaves themselves."""

    def __init__(self, keys: list[Key], anchor: str | None) -> None:
        self.keys, self.algorithm, self.hashes = keys, "", bytearray()
        self.heads: list[tuple[str, Head]] = []
        self.anchor, self.anchored = anchor, False
        self.places: dict[bytes, int] = {}
        self.seen: bytearray = bytearray()
        self.last = -1

    def faults(self, lines: Iterable[str]) -> Iterator[str]:
        """What is wrong, row by row, in plain words."""
        for line in lines:
            part = json.loads(line)
            if "bundle" in part:
                self.algorithm = part["hash"]
            elif "note" in part:
                yield from self._head(part["note"])
            elif "hashes" in part:
                self.hashes += bytes.fromhex(part["hashes"])
            else:
                if not self.seen:
                    yield from self._roots()
                yield from self._entry(part)
        if not self.seen:
            yield from self._roots()
        yield from self._gaps()

    def _head(self, note: str) -> Iterator[str]:
        head = Head(note)
        if head.is_signed_by(self.keys) and head.algorithm == self.algorithm:
            self.heads.append((f"checkpoint {head.size}", head))
        else:
            yield f"checkpoint {head.size}: not signed with this key"

    def _roots(self) -> Iterator[str]:
        """Build the tree from the hashes and compare it at the size of each checkpoint."""
        size, sound, frontier = len(self.hashes) // 32, 0, list[bytes]()
        self.seen = bytearray(size + 1)
        if self.anchor is not None:
            head = Head(self.anchor)
            if head.is_signed_by(self.keys):
                self.heads.append(("anchor", head))
            else:
                yield "anchor: not signed with this key"
        waiting = sorted(self.heads, key=lambda each: each[1].size)
        for index in range(size):
            self._grow(frontier, index)
            while waiting and waiting[0][1].size == index + 1:
                name, head = waiting.pop(0)
                if self._root(frontier) == head.root:
                    sound = index + 1
                else:
                    yield f"{name}: the root differs, so a row between index {sound} and {index} was edited with its hash"
        for name, head in waiting:
            yield f"{name}: signs {head.size} rows, but only {size} are here: index {size}\u2013{head.size - 1} removed"

    def _grow(self, frontier: list[bytes], index: int) -> None:
        carry, number = bytes(self.hashes[32 * index : 32 * index + 32]), index
        while number & 1:
            carry, number = hashed(self.algorithm, b"\x01", frontier.pop(), carry), number >> 1
        frontier.append(carry)

    def _root(self, frontier: list[bytes]) -> bytes:
        found = frontier[-1]
        for left in reversed(frontier[:-1]):
            found = hashed(self.algorithm, b"\x01", left, found)
        return found

    def _entry(self, row: dict[str, Any]) -> Iterator[str]:
        index, digest = int(row["index"]), hashed(self.algorithm, b"\x00", row["leaf_data"].encode())
        if not 0 <= index < len(self.seen) - 1 or self.seen[index]:
            yield f"index {index}: added, no such row was numbered"
            return
        self.seen[index] = 1
        if digest != bytes(self.hashes[32 * index : 32 * index + 32]):
            origin = self._recorded_at(digest)
            yield f"index {index}: " + ("edited" if origin is None else f"reordered, this is the row of index {origin}")
        elif index < self.last:
            yield f"index {index}: reordered, it stands behind index {self.last}"
        self.last = max(self.last, index)

    def _recorded_at(self, digest: bytes) -> int | None:
        if not self.places:
            self.places = {bytes(self.hashes[at : at + 32]): at // 32 for at in range(0, len(self.hashes), 32)}
        return self.places.get(digest)

    def _gaps(self) -> Iterator[str]:
        for index in range(len(self.seen) - 1):
            if not self.seen[index]:
                yield f"index {index}: removed"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="the JSON of a proof, or a bundle; - for standard input")
    parser.add_argument(
        "--key", required=True, action="append", help="a public key of the ledger, from where you trust it"
    )
    parser.add_argument("--anchor", help="a file with a checkpoint that was kept elsewhere: the bundle must contain it")
    given = parser.parse_args()
    wrong = 0
    try:
        for fault in _checked(given.file, given.key, _read(given.anchor)):
            wrong += 1
            print(fault)  # noqa: T201 — a program of its own
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        wrong += 1
        print(f"this cannot be checked ({type(error).__name__}: {error})")  # noqa: T201
    if not wrong:
        print("sound")  # noqa: T201
    return bool(wrong)


def _checked(file: str, texts: list[str], anchor: str | None) -> Iterator[str]:
    keys = [Key(text) for text in texts]
    with sys.stdin if file == "-" else open(file, encoding="utf-8") as stream:
        first = stream.readline()
        if first.startswith('{"bundle"'):
            yield from Bundle(keys, anchor).faults(_chained(first, stream))
        else:
            proof = json.loads(first + stream.read())
            yield from faults(proof.get("proof") or proof, keys)


def _read(path: str | None) -> str | None:
    if path is None:
        return None
    with open(path, encoding="utf-8") as stream:
        return stream.read()


def _chained(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


if __name__ == "__main__":
    sys.exit(main())
