"""A repeated intake gets the first answer instead of a second case."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, Conflict
from yiwang.kernel.base.models import IdempotencyRecord

KEPT = timedelta(hours=24)
# Changing nothing locks the row that is there, and waits for whoever is making it.
_TAKE = (
    "INSERT INTO base_idempotencyrecord (route, key, actor, body_hash, created_at) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (route, actor, key) DO UPDATE SET key = EXCLUDED.key "
    f"RETURNING {rows.columns(IdempotencyRecord)}"
)


class KeyReused(Conflict):
    code = "base.key-reused"


def once(
    *,
    route: str,
    key: str,
    body: Any,
    by: Actor,
    at: datetime,
    perform: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Run `perform` unless `by` already sent this `key` to `route`; then return what it answered.

    Part of an action, which is one transaction (`rows.action`): the key's row is held until commit, so two identical
    requests at the same moment run one after the other. Raises KeyReused when the same key comes with another body.
    """
    actor = _actor(by)
    digest = _digest(body)
    (found,) = rows.ask((_TAKE, [route, key, actor, digest, at]))
    (record,) = rows.read(IdempotencyRecord, found)
    if record.result is None or record.created_at < at - KEPT:
        record.result, record.body_hash, record.created_at = perform(), digest, at
        rows.update(record, ["result", "body_hash", "created_at"])
    elif record.body_hash != digest:
        raise KeyReused("同一份提交的内容前后不一致。", hint="请刷新页面后重新提交。")
    return dict(record.result)


def answered(*, route: str, key: str, by: Actor, at: datetime) -> dict[str, Any] | None:
    """What `by` was answered to this key of `route`; None for a key not used yet, or too long ago."""
    record = IdempotencyRecord.objects.filter(route=route, key=key, actor=_actor(by)).first()
    if record is None or record.result is None or record.created_at < at - KEPT:
        return None
    return dict(record.result)


def forget(*, at: datetime) -> int:
    """Delete records past their 24 hours; returns how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=at - KEPT).delete()[0]


def _actor(by: Actor) -> str:
    return f"{by.kind}:{by.account_id or 0}:{by.acting_for or 0}"


def _digest(body: Any) -> str:
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()
