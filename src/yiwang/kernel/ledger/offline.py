#!/usr/bin/env python3
"""Checks a ledger proof offline: one file, no dependencies. `python3 offline.py proof.json --key name+id+key`."""

import argparse
import base64
import hashlib
import json
import sys
from typing import Any

# Ed25519 (RFC 8032), verification only; a public key and a public text leave nothing to leak.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    t = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + t, P - 2, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - t, P - 2, P)
    return x % P, y % P


def times(scalar: int, point: Point) -> Point:
    found: Point = (0, 1)
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
    return (P - x if x & 1 != sign else x), y


def is_signed(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether `signature` over `text` was made with the secret of `key`."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, commitment, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    base = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if public is None or commitment is None or base is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + text).digest()
    return times(s, base) == add(commitment, times(int.from_bytes(digest, "little") % ORDER, public))


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


def faults(proof: dict[str, Any], key: str) -> list[str]:
    """Everything that is wrong with a proof, in plain words; empty when it holds."""
    name, key_id, encoded = key.strip().split("+", 2)
    public = base64.b64decode(encoded)
    if hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex() != key_id or public[:1] != b"\x01":
        return ["the key does not match its own id"]
    text, _, signatures = proof["checkpoint"]["note"].partition("\n\n")
    origin, size, root, *rest = text.split("\n")
    algorithm = dict(line.split(" ", 1) for line in rest)["hash"]
    wrong = []
    signed = [line.rsplit(" ", 1) for line in signatures.splitlines() if line.startswith("\u2014 ")]
    blobs = [base64.b64decode(blob) for signer, blob in signed if signer == f"\u2014 {name}"]
    ours = [blob[4:] for blob in blobs if blob[:4].hex() == key_id]
    if origin != name or not any(is_signed(public[1:], blob, f"{text}\n".encode()) for blob in ours):
        wrong.append("the checkpoint is not signed with this key")
    leaf = hashed(algorithm, b"\x00", proof["leaf_data"].encode())
    path = [bytes.fromhex(step) for step in proof["path"]]
    if root_of(algorithm, leaf, proof["index"], int(size), path) != base64.b64decode(root):
        wrong.append("the leaf does not stand in the tree of this checkpoint")
    opening = proof.get("opening")
    if opening:
        commitment = hashed(algorithm, bytes.fromhex(opening["salt"]), opening["content"].encode()).hex()
        if commitment != json.loads(proof["leaf_data"])["commitment"]:
            wrong.append("the content is not the one that was recorded")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("proof", help="a file with the JSON of a proof, or - for standard input")
    parser.add_argument("--key", required=True, help="the ledger's public key, from where you trust it")
    given = parser.parse_args()
    with sys.stdin if given.proof == "-" else open(given.proof, encoding="utf-8") as stream:
        proof = json.load(stream)
    try:
        wrong = faults(proof.get("proof") or proof, given.key)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        wrong = [f"this is not a proof of ours ({type(error).__name__}: {error})"]
    print("\n".join(wrong) or "sound")  # noqa: T201 — a program of its own
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
