"""The tree as it is kept: entries are level 0, every eighth level above is stored, the rest is computed."""

from collections.abc import Sequence
from functools import lru_cache

from yiwang.kernel.ledger._tree import BLOCK
from yiwang.kernel.ledger.models import Entry, Node


class StoredNodes:
    """A NodeSource over the tables; reads whole blocks and remembers them, so a proof costs few queries."""

    def __init__(self) -> None:
        self._block = lru_cache(maxsize=16)(_read)

    def block(self, level: int, start: int, count: int) -> Sequence[bytes]:
        base = start - start % BLOCK
        hashes = self._block(level, base)[start - base : start - base + count]
        if len(hashes) != count:
            raise LookupError(f"the stored tree has a hole at level {level}, {start}")
        return hashes


def _read(level: int, base: int) -> list[bytes]:
    entries = Entry.objects.filter(index__gte=base, index__lt=base + BLOCK)
    nodes = Node.objects.filter(level=level, index__gte=base, index__lt=base + BLOCK)
    rows = nodes.values_list("hash") if level else entries.values_list("leaf_hash")
    return [bytes(hashed) for (hashed,) in rows.order_by("index")]
