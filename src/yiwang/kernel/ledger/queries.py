"""Proofs, checkpoints, openings, and the check of everything."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.ledger import _bundle, _verify
from yiwang.kernel.ledger._commitment import canonical, envelope
from yiwang.kernel.ledger._store import StoredNodes
from yiwang.kernel.ledger._tree import consistency_path, hasher, inclusion_path
from yiwang.kernel.ledger.contracts import (
    CheckpointView,
    ConsistencyProof,
    InclusionProof,
    LeafNotFound,
    NotInTree,
    Opening,
    Report,
)
from yiwang.kernel.ledger.models import Anchoring, Checkpoint, Entry, Leaf, LeafContent, PendingLeaf

__all__ = [
    "anchored",
    "bundle",
    "canonical",
    "checkpoint",
    "consistency",
    "content",
    "entries",
    "first_checkpoint",
    "leaves_of",
    "proof",
    "verify",
    "waiting",
    "waiting_since",
]


def checkpoint(tree_size: int | None = None) -> CheckpointView | None:
    """The newest signed checkpoint, or the one of exactly `tree_size`; None when there is none."""
    found = Checkpoint.objects.order_by("-tree_size")
    if tree_size is not None:
        found = found.filter(tree_size=tree_size)
    row = found.first()
    return _checkpoint(row) if row else None


def proof(leaf_id: int, *, tree_size: int | None = None) -> InclusionProof | None:
    """Inclusion of a leaf in the newest (or the given) checkpoint; None while it waits for its number.

    Raises LeafNotFound, NotInTree (no such checkpoint, or the leaf came later).
    """
    leaf = Leaf.objects.filter(pk=leaf_id).first()
    if leaf is None:
        raise LeafNotFound("没有这条存证。", hint="请核对存证编号。")
    entry = Entry.objects.filter(leaf_id=leaf_id).only("index").first()
    if entry is None:
        return None
    head = _signed(tree_size)
    if entry.index >= head.tree_size:
        raise NotInTree("这条存证晚于所选的检查点。", hint="请选更新的检查点。")
    path = inclusion_path(hasher(head.algorithm), StoredNodes(), entry.index, head.tree_size)
    return InclusionProof(leaf_id, _leaf_data(leaf), entry.index, [h.hex() for h in path], head)


def first_checkpoint(leaf_id: int) -> CheckpointView | None:
    """The first signed checkpoint that covers a leaf; None while it waits for its number.

    Nobody knows its root before the leaf is committed: draws are made from it.
    """
    index = Entry.objects.filter(leaf_id=leaf_id).values_list("index", flat=True).first()
    if index is None:
        return None
    row = Checkpoint.objects.filter(tree_size__gt=index).order_by("tree_size").first()
    return _checkpoint(row) if row else None


def consistency(old: int, new: int | None = None) -> ConsistencyProof:
    """That the checkpoint of `new` leaves (newest by default) only adds to that of `old`. Raises NotInTree."""
    first, second = _signed(old), _signed(new)
    if first.tree_size > second.tree_size:
        first, second = second, first
    path = consistency_path(hasher(second.algorithm), StoredNodes(), first.tree_size, second.tree_size)
    return ConsistencyProof(first, second, [h.hex() for h in path])


def content(leaf_id: int) -> Opening | None:
    """What a leaf commits to, with its salt; None once erased. The caller decides who may see it."""
    row = LeafContent.objects.filter(leaf_id=leaf_id).first()
    return Opening(row.salt, row.subject, row.content, row.actor) if row else None


def leaves_of(subject: str, *, limit: int = 100) -> list[int]:
    """Ids of the newest leaves about a subject, newest first."""
    found = Leaf.objects.filter(subject_index=sealed_index(subject)).order_by("-id")
    return list(found.values_list("id", flat=True)[:limit])


def entries(start: int, count: int) -> list[dict[str, Any]]:
    """Public envelopes from an index on, in order."""
    rows = Entry.objects.filter(index__gte=start, index__lt=start + count).select_related("leaf")
    return [
        {"index": row.index, "leaf": row.leaf_id, "leaf_data": _leaf_data(row.leaf)} for row in rows.order_by("index")
    ]


def bundle() -> Iterator[str]:
    """The whole ledger as JSON lines for the offline checker: envelopes, hashes, checkpoints; no content."""
    return _bundle.lines()


def anchored(place: str) -> datetime | None:
    """When a checkpoint was last given to an outside place; None when never."""
    newest = Anchoring.objects.filter(place=place).order_by("-id").first()
    return newest.at if newest else None


def waiting() -> int:
    """How many committed leaves have no number yet."""
    return PendingLeaf.objects.count()


def waiting_since() -> datetime | None:
    """When the oldest leaf without a number was recorded; None when all are numbered."""
    oldest = PendingLeaf.objects.order_by("leaf_id").select_related("leaf").first()
    return oldest.leaf.recorded_at if oldest else None


def verify(*, at: datetime | None = None, anchor: str | None = None) -> Report:
    """Recompute everything and name each row that does not fit; `anchor` is a signed note kept elsewhere.

    With `at`, leaves that have waited for a number for over a minute are findings too.
    """
    return _verify.run(at=at, anchor=anchor)


def _leaf_data(leaf: Leaf) -> str:
    data = envelope(
        algorithm=leaf.algorithm,
        kind=leaf.kind,
        subject=leaf.subject,
        commitment=leaf.commitment,
        recorded_at=leaf.recorded_at,
    )
    return data.decode()


def _signed(tree_size: int | None) -> CheckpointView:
    head = checkpoint(tree_size)
    if head is None:
        raise NotInTree(f"没有{tree_size or 0}条时的检查点。", hint=_nearest(tree_size or 0))
    return head


def _nearest(tree_size: int) -> str:
    """Checkpoints are signed in batches: which sizes beside a wanted one there are."""
    sizes = Checkpoint.objects.values_list("tree_size", flat=True).order_by("tree_size")
    beside = [sizes.filter(tree_size__lt=tree_size).last(), sizes.filter(tree_size__gt=tree_size).first()]
    near = "、".join(str(size) for size in beside if size)
    return f"检查点成批签发，邻近的有{near}条时的。" if near else "还没有签发过检查点。"


def _checkpoint(row: Checkpoint) -> CheckpointView:
    return CheckpointView(row.tree_size, row.root, row.signed_at, row.algorithm, row.verifier, row.note)
