"""The whole ledger as lines of JSON for whoever checks it elsewhere: public envelopes only, no content."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.ledger import _keys
from yiwang.kernel.ledger._commitment import envelope
from yiwang.kernel.ledger.models import Checkpoint

_HASHES_A_LINE = 256
_ROWS = """
SELECT e.index, e.leaf_id, l.algorithm, l.kind, l.subject, l.commitment, l.recorded_at
FROM ledger_entry e JOIN ledger_leaf l ON l.id = e.leaf_id ORDER BY e.index
"""


def lines() -> Iterator[str]:
    """One moment of the ledger: a head line, checkpoints, the hash of every leaf, then every leaf."""
    if connection.in_atomic_block:
        yield from map(_line, _parts())
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield from map(_line, _parts())


def _parts() -> Iterator[dict[str, Any]]:
    heads = list(Checkpoint.objects.order_by("tree_size"))
    algorithm = heads[0].algorithm if heads else _keys.algorithm()
    keys = list(dict.fromkeys(head.verifier for head in heads))
    yield {"bundle": 1, "origin": _keys.origin(), "hash": algorithm, "keys": keys}
    for head in heads:
        yield {"note": head.note}
    for hashes in _many(_streamed("SELECT leaf_hash FROM ledger_entry ORDER BY index")):
        yield {"hashes": b"".join(bytes(row[0]) for row in hashes).hex()}
    for index, leaf_id, algorithm, kind, subject, commitment, recorded_at in _streamed(_ROWS):
        data = envelope(algorithm=algorithm, kind=kind, subject=subject, commitment=commitment, recorded_at=recorded_at)
        yield {"index": index, "leaf": leaf_id, "leaf_data": data.decode()}


def _streamed(statement: str) -> Iterator[Any]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(2000):
            yield from rows


def _many(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, _HASHES_A_LINE)):
        yield some


def _line(part: dict[str, Any]) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":")) + "\n"
