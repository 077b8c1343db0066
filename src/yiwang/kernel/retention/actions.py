"""Erase what is past its time, in small transactions that each leave a proof."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.ledger import actions as ledger
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.retention import queries
from yiwang.kernel.retention.contracts import ERASING, ErasureReport, Store
from yiwang.kernel.retention.kinds import RetentionPolicyPack
from yiwang.kernel.retention.models import Erased

BATCH = 200
# A night is long enough for this many; the rest waits for the next.
BATCHES_MAX = 500


def erase_due(*, by: Actor, at: datetime, store: str = "") -> list[ErasureReport]:
    """Erase everything past its time, or that of one store; returns what was erased per policy.

    Each batch is one transaction: interrupted, it goes on at the next run where it stopped.
    """
    chosen = [(pack, found) for pack, found in queries.in_force() if store in ("", found.name)]
    return [ErasureReport(pack.id, found.name, sum(_batches(pack, found, by, at))) for pack, found in chosen]


def _batches(pack: Pack, store: Store, by: Actor, at: datetime) -> Iterator[int]:
    for _ in range(BATCHES_MAX):
        count = _batch(pack, store, by=by, at=at)
        yield count
        if count < BATCH:
            return


@transaction.atomic
def _batch(pack: Pack, store: Store, *, by: Actor, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ERASING])
    before = pack.as_type(RetentionPolicyPack).before(at)
    numbers = list(queries.numbers(store, before)[:BATCH])
    if not numbers:
        return 0
    ground = f"{pack.id}@{pack.version}"
    store.erase(numbers=numbers, ground=ground, by=by, at=at)
    _written_down(pack, store, numbers, before, by=by, at=at)
    return len(numbers)


def _written_down(
    pack: Pack, store: Store, numbers: Sequence[int], before: datetime, *, by: Actor, at: datetime
) -> None:
    content = {
        "store": store.name,
        "policy": pack.id,
        "policy_hash": pack.hash,
        "before": before,
        "count": len(numbers),
        "numbers": hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest(),
    }
    target = f"store:{store.name}"
    leaf = ledger.append(kind="retention.erased", subject=target, content=content, by=by, at=at)
    audit.record("retention.erased", target=target, by=by, at=at, detail=content | {"before": before.isoformat()})
    if store.leaves_row:
        Erased.objects.bulk_create(
            Erased(store=store.name, number=number, policy=pack.id, leaf_id=leaf.id, at=at) for number in numbers
        )
