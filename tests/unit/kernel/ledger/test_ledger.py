"""Leaves, numbering, proofs and erasure."""

import json
from datetime import UTC, datetime

import pytest
from django.db import transaction

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import _tree, actions, queries
from yiwang.kernel.ledger._note import Verifier, opened
from yiwang.kernel.ledger.contracts import InclusionProof, LeafNotFound, NotInTree
from yiwang.kernel.ledger.models import Entry, Leaf, PendingLeaf

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SHA = _tree.hasher("sha256")


def add(count: int = 1, kind: str = "test.thing.done") -> list[int]:
    return [
        actions.append(kind=kind, subject=f"thing:{i}", content={"number": i}, by=SYSTEM, at=AT).id
        for i in range(count)
    ]


def numbered(count: int = 1) -> list[int]:
    ids = add(count)
    actions.sequence(by=SYSTEM, at=AT)
    return ids


def holds(proof: InclusionProof) -> bool:
    """Checked as an outsider would: from the proof's own text, the note and the public key."""
    body = opened(proof.checkpoint.note, [Verifier.parse(proof.checkpoint.verifier)])
    leaf = _tree.leaf_hash(SHA, proof.leaf_data.encode())
    path = [bytes.fromhex(step) for step in proof.path]
    return _tree.root_from_path(SHA, leaf, proof.index, body.size, path) == body.root


def test_a_leaf_waits_then_stands_in_a_signed_tree() -> None:
    (leaf,) = add()
    assert queries.proof(leaf) is None
    assert actions.sequence(by=SYSTEM, at=AT) == 1
    proof = queries.proof(leaf)
    assert proof is not None
    assert holds(proof)
    assert not PendingLeaf.objects.exists()


def test_nothing_to_number_signs_nothing() -> None:
    numbered()
    head = queries.checkpoint()
    assert actions.sequence(by=SYSTEM, at=AT) == 0
    assert queries.checkpoint() == head


def test_every_leaf_of_several_batches_proves_itself_in_every_later_checkpoint(django_assert_max_num_queries) -> None:
    first, second, third = numbered(3), numbered(300), numbered(5)
    for leaf in (first[0], second[0], second[299], third[4]):
        with django_assert_max_num_queries(8):
            proof = queries.proof(leaf)
        assert proof is not None
        assert holds(proof)
    early = queries.proof(first[1], tree_size=3)
    assert early is not None
    assert holds(early)
    with pytest.raises(NotInTree):
        queries.proof(third[0], tree_size=303)


def test_checkpoints_are_consistent() -> None:
    for count in (3, 300, 5):
        numbered(count)
    proof = queries.consistency(3)
    path = [bytes.fromhex(step) for step in proof.path]
    roots = bytes.fromhex(proof.old.root), bytes.fromhex(proof.new.root)
    assert _tree.is_consistent(SHA, 3, roots[0], 308, roots[1], path)


def test_a_rolled_back_action_leaves_no_leaf() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        add()
        raise RuntimeError
    assert not Leaf.objects.exists()
    assert actions.sequence(by=SYSTEM, at=AT) == 0


def test_an_opening_recomputes_the_commitment_and_the_subject() -> None:
    (leaf,) = numbered()
    opening, proof = queries.content(leaf), queries.proof(leaf)
    assert opening is not None
    assert proof is not None
    envelope, salt = json.loads(proof.leaf_data), bytes.fromhex(opening.salt)
    assert SHA(salt + opening.content.encode()).hex() == envelope["commitment"]
    assert SHA(salt + b"subject:" + opening.subject.encode()).hex() == envelope["subject"]
    assert json.loads(opening.content)["number"] == 0


def test_equal_content_gives_unlike_envelopes() -> None:
    actions.append(kind="k", subject="s:1", content={"a": 1}, by=SYSTEM, at=AT)
    actions.append(kind="k", subject="s:1", content={"a": 1}, by=SYSTEM, at=AT)
    one, two = Leaf.objects.order_by("id")
    assert one.commitment != two.commitment
    assert one.subject != two.subject
    assert queries.leaves_of("s:1") == [two.pk, one.pk]


def test_erasing_content_keeps_every_proof() -> None:
    leaf, other = numbered(2)
    before = queries.proof(leaf, tree_size=2)
    actions.erase(leaf_id=leaf, ground="个人信息保护法第四十七条", by=SYSTEM, at=AT)
    actions.sequence(by=SYSTEM, at=AT)
    assert queries.content(leaf) is None
    assert queries.content(other) is not None
    assert queries.proof(leaf, tree_size=2) == before
    now = queries.proof(leaf)
    assert now is not None
    assert holds(now)
    report = queries.verify()
    assert report.is_sound, report.findings
    assert report.erased == 1
    with pytest.raises(LeafNotFound):
        actions.erase(leaf_id=leaf, ground="再删一次", by=SYSTEM, at=AT)


@pytest.mark.parametrize("content", [{"a": 1.5}, {"名": 1}, {"a": object()}])
def test_content_that_could_read_two_ways_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        actions.append(kind="k", subject="s", content=content, by=SYSTEM, at=AT)


def test_numbers_have_no_gaps() -> None:
    numbered(4)
    numbered(6)
    assert list(Entry.objects.order_by("index").values_list("index", flat=True)) == list(range(10))
