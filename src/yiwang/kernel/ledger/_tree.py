"""RFC 6962 Merkle trees: pure functions over hashes, which a `NodeSource` reads from where they are kept."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

Hash = Callable[[bytes], bytes]

# One stored node stands for 2**8 of the level below, so a proof reads a few blocks and storage grows by 1/255.
STRIDE = 8
BLOCK = 1 << STRIDE


def hasher(algorithm: str) -> Hash:
    """The digest function of `sha256` or `sm3`; raises ValueError when this OpenSSL has no such digest."""
    if algorithm not in ("sha256", "sm3"):
        raise ValueError(f"unknown ledger hash {algorithm!r}")
    hashlib.new(algorithm)
    if algorithm == "sha256":
        return lambda data: hashlib.sha256(data).digest()
    return lambda data: hashlib.new("sm3", data).digest()


def leaf_hash(digest: Hash, data: bytes) -> bytes:
    return digest(b"\x00" + data)


def node_hash(digest: Hash, left: bytes, right: bytes) -> bytes:
    return digest(b"\x01" + left + right)


class NodeSource(Protocol):
    def block(self, level: int, start: int, count: int) -> Sequence[bytes]:
        """`count` hashes of complete subtrees of 2**level leaves (level a multiple of STRIDE), from the start-th on."""


class Frontier:
    """The right edge of a tree: the roots of its complete subtrees, enough to append and to know the root."""

    def __init__(self, digest: Hash, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError("a frontier has one hash per set bit of its size")
        self._digest, self.size, self.hashes = digest, size, list(hashes)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; returns the (level, index, hash) of each stored-level subtree this completes."""
        completed, level, index, carry = [], 0, self.size, leaf
        while index & 1:
            carry = node_hash(self._digest, self.hashes.pop(), carry)
            index >>= 1
            level += 1
            if level % STRIDE == 0:
                completed.append((level, index, carry))
        self.hashes.append(carry)
        self.size += 1
        return completed

    def root(self) -> bytes:
        if not self.hashes:
            return self._digest(b"")
        return _fold_right(self._digest, self.hashes)


def subtree_hash(digest: Hash, source: NodeSource, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 6962 for a range whose start is aligned to its largest part."""
    size = end - start
    if size & (size - 1):
        middle = start + _split(size)
        left = subtree_hash(digest, source, start, middle)
        return node_hash(digest, left, subtree_hash(digest, source, middle, end))
    level = size.bit_length() - 1
    base = level - level % STRIDE
    return _complete(digest, source.block(base, start >> base, size >> base))


def inclusion_path(digest: Hash, source: NodeSource, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size])."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of this size")
    return _path(digest, source, index, 0, size)


def consistency_path(digest: Hash, source: NodeSource, old: int, new: int) -> list[bytes]:
    """PROOF(old, D[0:new]); empty when the sizes are equal or the old tree is empty."""
    if not 0 <= old <= new:
        raise ValueError("the older tree is the smaller one")
    return [] if old in (0, new) else _subproof(digest, source, old, 0, new, True)


def root_from_path(digest: Hash, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion path leads to (RFC 9162, 2.1.3.2); None when the path has a wrong length."""
    if not 0 <= index < size:
        return None
    node, last, carry = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            carry = node_hash(digest, step, carry)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            carry = node_hash(digest, carry, step)
        node, last = node >> 1, last >> 1
    return carry if last == 0 else None


def is_consistent(digest: Hash, old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2: the tree of `new` leaves begins with the tree of `old` leaves."""
    if old == new:
        return old_root == new_root and not path
    if old == 0:
        return not path
    steps = list(path) if old & (old - 1) else [old_root, *path]
    if not steps or old > new:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = node_hash(digest, step, first), node_hash(digest, step, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(digest, second, step)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _fold_right(digest: Hash, hashes: Sequence[bytes]) -> bytes:
    carry = hashes[-1]
    for left in reversed(hashes[:-1]):
        carry = node_hash(digest, left, carry)
    return carry


def _complete(digest: Hash, hashes: Iterable[bytes]) -> bytes:
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(digest, row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def _path(digest: Hash, source: NodeSource, index: int, start: int, end: int) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _split(end - start)
    if index < middle:
        other = subtree_hash(digest, source, middle, end)
        return [*_path(digest, source, index, start, middle), other]
    other = subtree_hash(digest, source, start, middle)
    return [*_path(digest, source, index, middle, end), other]


def _subproof(digest: Hash, source: NodeSource, old: int, start: int, end: int, whole: bool) -> list[bytes]:
    if old == end:
        return [] if whole else [subtree_hash(digest, source, start, end)]
    middle = start + _split(end - start)
    if old <= middle:
        other = subtree_hash(digest, source, middle, end)
        return [*_subproof(digest, source, old, start, middle, whole), other]
    other = subtree_hash(digest, source, start, middle)
    return [*_subproof(digest, source, old, middle, end, False), other]
