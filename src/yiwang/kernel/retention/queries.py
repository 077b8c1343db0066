"""What is past its time, before anything is erased."""

from datetime import datetime
from typing import Any

from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.retention.contracts import DueReport, Store, stores
from yiwang.kernel.retention.kinds import POLICY, RetentionPolicyPack
from yiwang.kernel.retention.models import Erased


def due(at: datetime) -> list[DueReport]:
    """The dry run: per policy how much would be erased now."""
    return [_report(pack, store, at) for pack, store in in_force()]


def in_force() -> list[tuple[Pack, Store]]:
    """Policies with their stores, by store."""
    known = stores()
    found = [(pack, known.get(pack.as_type(RetentionPolicyPack).store)) for pack in packs.all_of(POLICY)]
    return sorted(((pack, store) for pack, store in found if store), key=lambda pair: pair[1].name)


def numbers(store: Store, before: datetime) -> Any:
    """Numbers of what is past, oldest first."""
    return store.due(before, done=done(store.name))


def done(store: str) -> Any:
    """Numbers of what was erased and left its row."""
    return Erased.objects.filter(store=store).values_list("number", flat=True)


def _report(pack: Pack, store: Store, at: datetime) -> DueReport:
    policy = pack.as_type(RetentionPolicyPack)
    before = policy.before(at)
    basis = tuple(f"《{each.title}》{each.article or ''}" for each in policy.legal_basis)
    count = numbers(store, before).count()
    return DueReport(pack.id, store.name, store.title, store.since, policy.keep, before, count, basis)
