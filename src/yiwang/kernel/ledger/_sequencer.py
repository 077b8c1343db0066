"""Number committed leaves without gaps, extend the tree, sign the new head: one transaction per batch."""

import hashlib
import hmac
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.ledger import _keys
from yiwang.kernel.ledger._commitment import envelope
from yiwang.kernel.ledger._note import Body
from yiwang.kernel.ledger._tree import Frontier, Hash, hasher, leaf_hash
from yiwang.kernel.ledger.contracts import HashChanged
from yiwang.kernel.ledger.models import Checkpoint, PendingLeaf

# Any constant that no other advisory lock of the house uses.
LOCK = 0x59574C47
BATCH = 10_000

_WAITING = """
SELECT l.id, l.algorithm, l.kind, l.subject, l.commitment, l.recorded_at
FROM ledger_pendingleaf p JOIN ledger_leaf l ON l.id = p.leaf_id ORDER BY l.id LIMIT %s
"""


def run(*, at: datetime) -> int:
    total = 0
    while done := _batch(at=at):
        total += done
        if done < BATCH:
            break
    return total


def has_work() -> bool:
    return PendingLeaf.objects.exists()


def seal_of(key: bytes, index: int, hashed: bytes) -> bytes:
    return hmac.digest(key, index.to_bytes(8, "big") + hashed, hashlib.sha256)[:16]


@transaction.atomic
def _batch(*, at: datetime) -> int:
    # The lock comes first and the read second: each statement sees what was committed before it began,
    # so a leaf that commits later with a lower id is simply in a later batch, and never skipped.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_WAITING, [BATCH])
        leaves = cursor.fetchall()
    if not leaves:
        return 0
    algorithm = _keys.algorithm()
    digest = hasher(algorithm)
    frontier = _frontier(digest, algorithm)
    first = frontier.size
    hashes = [leaf_hash(digest, _bytes(leaf)) for leaf in leaves]
    nodes = [node for hashed in hashes for node in frontier.append(hashed)]
    _write([int(leaf[0]) for leaf in leaves], hashes, first, nodes)
    _sign(frontier, algorithm, at)
    return len(leaves)


def _bytes(leaf: tuple[Any, ...]) -> bytes:
    _, algorithm, kind, subject, commitment, recorded_at = leaf
    return envelope(
        algorithm=algorithm,
        kind=kind,
        subject=subject,
        commitment=commitment,
        recorded_at=recorded_at,
    )


def _frontier(digest: Hash, algorithm: str) -> Frontier:
    last = Checkpoint.objects.order_by("-tree_size").first()
    if last is None:
        return Frontier(digest)
    if last.algorithm != algorithm:
        raise HashChanged(
            f"存证一直使用 {last.algorithm}，不能中途改为 {algorithm}。",
            hint="请把 YIWANG_LEDGER_HASH 改回原值；换算法须另起一本存证。",
        )
    raw = bytes(last.frontier)
    return Frontier(digest, last.tree_size, [raw[i : i + 32] for i in range(0, len(raw), 32)])


def _write(ids: list[int], hashes: list[bytes], first: int, nodes: list[tuple[int, int, bytes]]) -> None:
    key = _keys.row_key()
    with connection.cursor() as cursor:
        with cursor.copy("COPY ledger_entry (index, leaf_id, leaf_hash, seal) FROM STDIN") as copy:
            for index, (leaf_id, hashed) in enumerate(zip(ids, hashes, strict=True), start=first):
                copy.write_row((index, leaf_id, hashed, seal_of(key, index, hashed)))
        with cursor.copy("COPY ledger_node (level, index, hash) FROM STDIN") as copy:
            for node in nodes:
                copy.write_row(node)
        cursor.execute("DELETE FROM ledger_pendingleaf WHERE leaf_id = ANY(%s)", [ids])


def _sign(frontier: Frontier, algorithm: str, at: datetime) -> None:
    signer, root = _keys.signer(), frontier.root()
    body = Body(_keys.origin(), frontier.size, root, at, algorithm)
    Checkpoint.objects.create(
        tree_size=frontier.size,
        root=root.hex(),
        frontier=b"".join(frontier.hashes),
        algorithm=algorithm,
        verifier=signer.verifier.text,
        note=signer.sign(body),
        signed_at=at,
    )
