"""Our tree against pymerkle, an independent implementation, on the same leaves."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from yiwang.kernel.ledger import _tree
from yiwang.kernel.ledger._tree import BLOCK, STRIDE, Frontier, hasher

SHA = hasher("sha256")


class Memory:
    """A NodeSource over lists, filled as the sequencer fills its tables."""

    def __init__(self) -> None:
        self.rows: dict[int, list[bytes]] = {0: []}

    def block(self, level: int, start: int, count: int) -> list[bytes]:
        return self.rows[level][start : start + count]


def grown(leaves: list[bytes]) -> tuple[Frontier, Memory]:
    frontier, memory = Frontier(SHA), Memory()
    for leaf in leaves:
        hashed = _tree.leaf_hash(SHA, leaf)
        memory.rows[0].append(hashed)
        for level, index, value in frontier.append(hashed):
            row = memory.rows.setdefault(level, [])
            assert len(row) == index
            row.append(value)
    return frontier, memory


def test_empty_tree_is_the_hash_of_nothing() -> None:
    assert Frontier(SHA).root() == hashlib.sha256(b"").digest()


@given(size=st.integers(1, 3 * BLOCK + 5), data=st.data())
def test_pymerkle_agrees_on_roots_and_both_proofs(size: int, data: st.DataObject) -> None:
    leaves = [b"leaf %d" % i for i in range(size)]
    frontier, memory = grown(leaves)
    theirs = InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        theirs.append_entry(leaf)
    assert frontier.root() == theirs.get_root()

    index = data.draw(st.integers(0, size - 1))
    path = _tree.inclusion_path(SHA, memory, index, size)
    verify_inclusion(_tree.leaf_hash(SHA, leaves[index]), theirs.get_root(), theirs.prove_inclusion(index + 1))
    assert path == [bytes.fromhex(step) for step in theirs.prove_inclusion(index + 1).serialize()["path"]][1:]
    assert _tree.root_from_path(SHA, memory.rows[0][index], index, size, path) == frontier.root()

    old = data.draw(st.integers(1, size))
    steps = _tree.consistency_path(SHA, memory, old, size)
    verify_consistency(theirs.get_root(old), theirs.get_root(), theirs.prove_consistency(old, size))
    assert _tree.is_consistent(SHA, old, theirs.get_root(old), size, frontier.root(), steps)
    assert not _tree.is_consistent(SHA, old, b"\0" * 32, size, frontier.root(), steps)


@given(size=st.integers(2, 70), data=st.data())
def test_no_other_leaf_place_or_path_passes(size: int, data: st.DataObject) -> None:
    frontier, memory = grown([b"%d" % i for i in range(size)])
    index = data.draw(st.integers(0, size - 1))
    path = _tree.inclusion_path(SHA, memory, index, size)
    leaf = memory.rows[0][index]
    assert _tree.root_from_path(SHA, b"\0" * 32, index, size, path) != frontier.root()
    for wrong in range(size):
        if wrong != index:
            assert _tree.root_from_path(SHA, leaf, wrong, size, path) != frontier.root()
    assert _tree.root_from_path(SHA, leaf, index, size, path[:-1]) != frontier.root()
    assert _tree.root_from_path(SHA, leaf, index, size, [*path, path[0]]) is None
    assert _tree.root_from_path(SHA, leaf, size, size, path) is None


def test_the_tree_stores_one_node_in_255() -> None:
    _, memory = grown([b"x"] * (BLOCK * BLOCK))
    assert sorted(memory.rows) == [0, STRIDE, 2 * STRIDE]
    assert len(memory.rows[STRIDE]) == BLOCK
    assert len(memory.rows[2 * STRIDE]) == 1


def test_sm3_is_the_standard_one() -> None:
    known = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert hasher("sm3")(b"abc").hex() == known


def test_an_unknown_hash_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown ledger hash"):
        hasher("md5")
