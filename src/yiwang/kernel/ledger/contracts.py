"""What crosses the ledger's boundary: leaf references, proofs, checkpoints and findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from yiwang.kernel.base.contracts import Conflict, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class LeafRef:
    id: int


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A signed statement: the tree had this size and root at this time."""

    tree_size: int
    root: str
    signed_at: datetime
    algorithm: str
    verifier: str
    note: str

    def as_json(self) -> dict[str, Any]:
        return {
            "tree_size": self.tree_size,
            "root": self.root,
            "signed_at": self.signed_at.isoformat(),
            "hash": self.algorithm,
            "verifier": self.verifier,
            "note": self.note,
        }


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Everything needed to check offline that a leaf stands in the tree of a signed checkpoint.

    `leaf_data` is the exact text that is hashed; `path` are hex digests from the leaf up.
    """

    leaf_id: int
    leaf_data: str
    index: int
    path: Sequence[str]
    checkpoint: CheckpointView

    def as_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "leaf": self.leaf_id,
            "leaf_data": self.leaf_data,
            "index": self.index,
            "path": list(self.path),
            "checkpoint": self.checkpoint.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of `new` only adds to the tree of `old`."""

    old: CheckpointView
    new: CheckpointView
    path: Sequence[str]

    def as_json(self) -> dict[str, Any]:
        return {
            "version": 1,
            "old": self.old.as_json(),
            "new": self.new.as_json(),
            "path": list(self.path),
        }


@dataclass(frozen=True, slots=True)
class Opening:
    """What a commitment hides; shown to those whom the content concerns. `content` is the exact text.

    `actor` is who acted, by numbers, with a nonce; `content` holds only its digest, so it need not be shown along.
    """

    salt: str
    subject: str
    content: str
    actor: str

    def as_json(self) -> dict[str, Any]:
        return {"salt": self.salt, "subject": self.subject, "content": self.content}


class Fault(StrEnum):
    EDITED = "edited"
    REMOVED = "removed"
    REORDERED = "reordered"
    CONTENT_EDITED = "content-edited"
    CONTENT_REMOVED = "content-removed"
    STALLED = "stalled"
    CHECKPOINT = "checkpoint"
    ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Finding:
    fault: Fault
    where: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a full check found; `findings` is cut at a bound and `is_cut` says so."""

    tree_size: int
    root: str
    checkpoints: int
    waiting: int
    erased: int
    findings: Sequence[Finding]
    is_cut: bool = False

    @property
    def is_sound(self) -> bool:
        return not self.findings


class LeafNotFound(NotFound):
    code = "ledger.leaf-not-found"


class NotInTree(NotFound):
    code = "ledger.not-in-tree"


class NotYetNumbered(Unavailable):
    code = "ledger.not-yet-numbered"


class KeyMissing(Unavailable):
    code = "ledger.key-missing"


class HashChanged(Conflict):
    code = "ledger.hash-changed"


class AnchorUnreachable(Unavailable):
    code = "ledger.anchor-unreachable"


class AnchorContradicts(Conflict):
    """The outside place holds another checkpoint of the same size: one of the two histories is false."""

    code = "ledger.anchor-contradicts"
