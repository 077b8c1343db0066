"""Every numbered leaf with what belongs to it, in order; and whether its content fits its commitment."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.sealing import CannotUnseal, unseal
from yiwang.kernel.ledger._commitment import committed
from yiwang.kernel.ledger._tree import Hash
from yiwang.kernel.ledger.contracts import Fault

_SQL = """
SELECT e.index, e.leaf_hash, e.seal, e.leaf_id, l.id, l.algorithm, l.kind, l.subject, l.commitment, l.recorded_at,
       l.subject_index, c.salt, c.subject, c.content, c.actor, x.leaf_id IS NOT NULL
FROM ledger_entry e LEFT JOIN ledger_leaf l ON l.id = e.leaf_id
LEFT JOIN ledger_leafcontent c ON c.leaf_id = e.leaf_id LEFT JOIN ledger_erasure x ON x.leaf_id = e.leaf_id
ORDER BY e.index
"""


class Row(NamedTuple):
    """`found` is None when the leaf itself is gone, `salt` when its content is."""

    place: int
    leaf_hash: bytes
    seal: bytes
    leaf_id: int
    found: int | None
    algorithm: str
    kind: str
    subject: str
    commitment: str
    recorded_at: datetime
    subject_index: str
    salt: str | None
    sealed_subject: bytes
    sealed_content: bytes
    sealed_actor: bytes
    is_erased: bool


def stream() -> Iterator[Row]:
    """Through a server-side cursor, so that memory stays flat."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_SQL)
        while rows := cursor.fetchmany(2000):
            yield from map(Row._make, rows)


def content_fault(digest: Hash, row: Row) -> tuple[Fault, str] | None:
    """What is wrong with the content of a leaf, if anything."""
    if row.salt is None:
        return None if row.is_erased else (Fault.CONTENT_REMOVED, "存证内容不见了，却没有删除记录。")
    try:
        salt = bytes.fromhex(row.salt)
        subject, content, actor = (
            unseal(bytes(sealed)) for sealed in (row.sealed_subject, row.sealed_content, row.sealed_actor)
        )
    except (CannotUnseal, ValueError):
        return Fault.CONTENT_EDITED, "存证内容打不开：被改动，或封存密钥不对。"
    if committed(digest, salt, content.decode()) != row.commitment:
        return Fault.CONTENT_EDITED, "存证内容与承诺值不符。"
    shown = digest(salt + b"subject:" + subject).hex()
    if shown != row.subject or sealed_index(subject.decode()) != row.subject_index:
        return Fault.CONTENT_EDITED, "存证对象与承诺值不符。"
    if json.loads(content)["by"] != digest(actor).hex():
        return Fault.CONTENT_EDITED, "存证行为人与承诺值不符。"
    return None
