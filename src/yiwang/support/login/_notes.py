"""Writing down that a sitting opens, for whom it acts, and that it is over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base import events
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import NotYours
from yiwang.support.login.contracts import SITTINGS_ENDED
from yiwang.support.login.sessions import MARK


@transaction.atomic
def note_sitting(*, account_id: int, mandate_id: int | None, by: Actor, at: datetime) -> Actor:
    """Write down that a sitting opens; answers its actor. Raises NoSuchAccount, MandateOver."""
    actor = people_queries.actor_of(account_id, mandate_id, at=at)
    audit.record("login.signed-in", target=f"account:{account_id}", by=actor, at=at)
    return actor


@transaction.atomic
def note_acting(*, mandate_id: int | None, by: Actor, at: datetime) -> Actor:
    """Write down for whom somebody acts from now on; answers the new actor. Raises NotYours, MandateOver."""
    if by.account_id is None:
        raise NotYours(_("请先登录。"))
    actor = people_queries.actor_of(by.account_id, mandate_id, at=at)
    audit.record(
        "login.acting-changed", target=f"account:{by.account_id}", by=actor, at=at, detail={"mandate": mandate_id}
    )
    return actor


@transaction.atomic
def close_sitting(*, request: HttpRequest, by: Actor, at: datetime) -> None:
    """End the sitting of this browser, by its owner."""
    audit.record("login.signed-out", target=f"account:{by.account_id}", by=by, at=at)
    tell_ended(by.account_id or 0, marks=[request.session.get(MARK, "")], at=at)
    request.session.flush()


def tell_ended(account_id: int, *, at: datetime, marks: Sequence[str] | None = None, keep: str = "") -> None:
    """Tell other apps which sittings of an account are over: those marked, or all but `keep`."""
    events.publish(
        SITTINGS_ENDED,
        {"account": account_id, "marks": None if marks is None else list(marks), "keep": keep},
        at=at,
    )
