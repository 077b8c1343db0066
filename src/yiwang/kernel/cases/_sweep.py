"""The sweep: whatever fell due since the last one takes effect, each thing once."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.cases import _outside, _reading
from yiwang.kernel.cases._lapse import FIRES_MAX, fire_first, first
from yiwang.kernel.cases._reports import push_outside
from yiwang.kernel.cases.models import Clock

SWEEP_BATCH = 500
PUT_OFF = timedelta(minutes=5)
logger = logging.getLogger("yiwang.cases")


def sweep(*, by: Actor, at: datetime) -> int:
    """Fire clocks that are yellow or due and push again what did not arrive; returns how many things took effect.

    Each clock has its own transaction, and in a family what comes first in law fires first, also what only opens by
    that: a sweep that is hours late changes nothing. A family that is being worked on is left for the next sweep, and
    the state is read again under its lock, so nothing fires twice and nothing fires that was handled in time.
    """
    waiting = Clock.objects.filter(fires_at__lte=at).order_by("fires_at", "id")
    found = waiting.annotate(family=Coalesce("case__root", "case")).values_list("family", flat=True)[:SWEEP_BATCH]
    fired = [_drained(family, by, at) for family in dict.fromkeys(found)]
    pushed = [_pushed(call_id, by, at) for call_id in _outside.waiting_to_push(at, SWEEP_BATCH)]
    return sum(fired) + sum(pushed)


def _drained(family: int, by: Actor, at: datetime) -> int:
    """Fire all that is due in a family, the earliest first. One clock that fails must not keep the others waiting."""
    fired = 0
    for _ in range(FIRES_MAX):
        try:
            with transaction.atomic():
                is_fired = _reading.locked_root(family, skip_locked=True) is not None and fire_first(family, by, at)
        except Exception:
            logger.exception("a clock of family %s could not fall due", family)
            is_fired = _put_off(family, at)
            fired -= is_fired
        if not is_fired:
            break
        fired += 1
    return fired


def _put_off(family: int, at: datetime) -> bool:
    clock = first(family, at)
    return clock is not None and bool(Clock.objects.filter(pk=clock.pk, fires_at__lte=at).update(fires_at=at + PUT_OFF))


def _pushed(call_id: int, by: Actor, at: datetime) -> int:
    """One push that fails in a way its adapter did not foresee is tried again when its lease is over."""
    try:
        return int(push_outside(call_id=call_id, by=by, at=at))
    except Exception:
        logger.exception("outside call %s could not be pushed", call_id)
        return 0
