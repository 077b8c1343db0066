"""Append leaves, number them, erase what they commit to."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.sealing import seal
from yiwang.kernel.ledger import _anchor, _keys, _sequencer
from yiwang.kernel.ledger._commitment import SALT_BYTES, canonical, committed
from yiwang.kernel.ledger._tree import hasher
from yiwang.kernel.ledger.contracts import CheckpointView, LeafNotFound, LeafRef
from yiwang.kernel.ledger.models import Anchoring, Checkpoint, Erasure, Leaf, LeafContent

_APPEND = """
WITH leaf AS (
  INSERT INTO ledger_leaf (algorithm, kind, subject, subject_index, commitment, recorded_at)
  VALUES (%s, %s, %s, %s, %s, %s) RETURNING id
), content AS (
  INSERT INTO ledger_leafcontent (leaf_id, salt, subject, content, actor)
  SELECT id, %s, %s, %s, %s FROM leaf
), pending AS (
  INSERT INTO ledger_pendingleaf (leaf_id) SELECT id FROM leaf
) SELECT id FROM leaf
"""


def append(*, kind: str, subject: str, content: dict[str, Any], by: Actor, at: datetime) -> LeafRef:
    """Insert an unnumbered leaf in the caller's transaction: it exists exactly if what it proves exists.

    `subject` names what it is about (`licence:12`); `content` must not change meaning without its text, so no floats.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_leaf(kind, subject, content, by, at))
        (leaf_id,) = cursor.fetchone()
    return LeafRef(int(leaf_id))


def append_many(*, kind: str, leaves: Sequence[tuple[str, dict[str, Any]]], by: Actor, at: datetime) -> list[LeafRef]:
    """As `append` for many subjects of one act, by COPY: each has a leaf of its own, numbered in the order given."""
    algorithm, actor = _keys.algorithm(), _actor(by)
    digest = hasher(algorithm)
    who, sealed = digest(actor.encode()).hex(), seal(actor.encode())
    numbers = rows.keys(Leaf, len(leaves))
    made, contents = [], []
    for number, (subject, content) in zip(numbers, leaves, strict=True):
        salt = os.urandom(SALT_BYTES)
        text = canonical({**content, "by": who})
        hidden = digest(salt + b"subject:" + subject.encode()).hex()
        index = sealed_index(subject)
        made.append((number, algorithm, kind, hidden, index, committed(digest, salt, text), at))
        contents.append((number, salt.hex(), seal(subject.encode()), seal(text.encode()), sealed))
    _copied("ledger_leaf (id, algorithm, kind, subject, subject_index, commitment, recorded_at)", made)
    _copied("ledger_leafcontent (leaf_id, salt, subject, content, actor)", contents)
    _copied("ledger_pendingleaf (leaf_id)", [(number,) for number in numbers])
    return [LeafRef(number) for number in numbers]


def _copied(table: str, values: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def add(*, kind: str, subject: str, content: dict[str, Any], by: Actor, at: datetime) -> None:
    """As `append`, where nobody needs the leaf's number: it goes with the other statements of the action."""
    rows.later(*_leaf(kind, subject, content, by, at))


def _leaf(kind: str, subject: str, content: dict[str, Any], by: Actor, at: datetime) -> rows.Statement:
    """One statement, three rows: this stands on the path of every write in the house."""
    algorithm = _keys.algorithm()
    digest, salt = hasher(algorithm), os.urandom(SALT_BYTES)
    actor = _actor(by)
    text = canonical({**content, "by": digest(actor.encode()).hex()})
    hidden = digest(salt + b"subject:" + subject.encode()).hex()
    envelope = (algorithm, kind, hidden, sealed_index(subject), committed(digest, salt, text), at)
    stored = (salt.hex(), seal(subject.encode()), seal(text.encode()), seal(actor.encode()))
    return _APPEND, (*envelope, *stored)


def sequence(*, by: Actor, at: datetime) -> int:
    """Number every committed leaf and sign a checkpoint; returns how many were numbered.

    One at a time (advisory lock); a second caller waits and then finds less to do. Raises KeyMissing, HashChanged.
    """
    return _sequencer.run(at=at)


@transaction.atomic
def erase(*, leaf_id: int, ground: str, by: Actor, at: datetime) -> LeafRef:
    """Erase what a leaf commits to (a legal duty named in `ground`); its envelope and proofs stay valid.

    Raises LeafNotFound when there is no such leaf or its content is already erased.
    """
    leaf = Leaf.objects.filter(pk=leaf_id).first()
    gone, _ = LeafContent.objects.filter(leaf_id=leaf_id).delete()
    if leaf is None or not gone:
        raise LeafNotFound("没有这条存证内容，或已删除。", hint="请核对存证编号。")
    proof = append(
        kind="ledger.content.erased",
        subject=f"ledger:{leaf_id}",
        content={"leaf": leaf_id, "commitment": leaf.commitment, "ground": ground},
        by=by,
        at=at,
    )
    Erasure.objects.create(leaf_id=leaf_id, proof_id=proof.id, ground=ground, erased_at=at)
    return proof


@transaction.atomic
def rotate_key(*, by: Actor, at: datetime) -> str:
    """Sign from now on with a new key; returns its public form. Raises KeyMissing.

    Number what waits first (`sequence`). The leaf that names both keys is signed by the new one; publish its public form.
    """
    old = _keys.signer().verifier
    path, new = _keys.draft()
    append(
        kind="ledger.key.rotated",
        subject=f"ledger-key:{new.key_id}",
        content={"old": old.text, "new": new.text},
        by=by,
        at=at,
    )
    transaction.on_commit(partial(_keys.take_over, path, at.strftime("%Y%m%dT%H%M%S%fZ")))
    return new.text


def anchor(*, place: str, by: Actor, at: datetime) -> CheckpointView | None:
    """Give the newest checkpoint to a place outside the house (folder or address), once; None while there is none.

    Raises AnchorUnreachable (try again later), AnchorContradicts (the place holds another history).
    """
    row = Checkpoint.objects.order_by("-tree_size").first()
    if row is None:
        return None
    head = CheckpointView(row.tree_size, row.root, row.signed_at, row.algorithm, row.verifier, row.note)
    if not Anchoring.objects.filter(place=place, tree_size=head.tree_size).exists():
        # Outside of any transaction: an answer that is waited for must hold no lock.
        receipt = _anchor.give(head, place)
        Anchoring.objects.get_or_create(place=place, tree_size=head.tree_size, defaults={"receipt": receipt, "at": at})
    return head


def _actor(by: Actor) -> str:
    """Who acted, by numbers only: names stand in the records that the numbers point to."""
    held = by.posts[0] if by.posts else None
    return canonical(
        {
            "kind": by.kind.value,
            "account": by.account_id,
            "for": by.principal_id,
            "org": held.org_id if held else None,
            "nonce": secrets.token_hex(16),
        }
    )
