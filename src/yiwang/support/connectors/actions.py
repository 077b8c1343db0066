"""Everything that changes what is between us and outside systems: push, pump, hear, poll, reconcile, settle."""

from yiwang.support.connectors._hearing import hear, poll
from yiwang.support.connectors._reconciling import reconcile, reconcile_soon, settle
from yiwang.support.connectors._sending import pump, push, retry, try_now
from yiwang.support.connectors._signing import ensure_key

__all__ = ["ensure_key", "hear", "poll", "pump", "push", "reconcile", "reconcile_soon", "retry", "settle", "try_now"]
