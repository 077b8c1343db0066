"""What staff change about posts: asked for by permission, written by kernel.people."""

from datetime import date, datetime

from django.db import transaction

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_queries
from yiwang.kernel.people.contracts import AbsenceView, HoldingView


@transaction.atomic
def appoint(
    *,
    account_id: int,
    org_id: int,
    post_type: str,
    since: date,
    by: Actor,
    at: datetime,
    title: str = "",
    until: date | None = None,
    is_backup: bool = False,
) -> HoldingView:
    """Put an account at a post of a type that packs define. Raises NotPermitted, PackNotFound, and as people.appoint."""
    access.require(by, "people.appoint", at_org=org_id)
    return people.appoint(
        account_id=account_id,
        org_id=org_id,
        post_type=access.post_type(post_type).id,
        title=title or access.post_type(post_type).title,
        since=since,
        until=until,
        is_backup=is_backup,
        by=by,
        at=at,
    )


@transaction.atomic
def end_appointment(*, holding_id: int, until: date, by: Actor, at: datetime) -> HoldingView:
    """Set the last day of an appointment. Raises NotPermitted, NoSuchPost, BadPeriod."""
    holding = people_queries.holding(holding_id)
    access.require(by, "people.appoint", at_org=holding.post.org_id)
    return people.end_appointment(holding_id=holding_id, until=until, by=by, at=at)


@transaction.atomic
def record_absence(
    *, holding_id: int, starts_on: date, ends_on: date, reason: str, by: Actor, at: datetime
) -> AbsenceView:
    """Record days away, so that the backup acts: the holder's own, or with the permission. Raises NotPermitted, NoSuchPost, BadPeriod."""
    _own_or_permitted(holding_id, by)
    return people.record_absence(
        holding_id=holding_id, starts_on=starts_on, ends_on=ends_on, reason=reason, by=by, at=at
    )


@transaction.atomic
def end_absence(*, absence_id: int, ends_on: date, by: Actor, at: datetime) -> AbsenceView:
    """Bring the last day of an absence forward. Raises NotPermitted, NoSuchPost, BadPeriod."""
    _own_or_permitted(people_queries.absence(absence_id).holding_id, by)
    return people.end_absence(absence_id=absence_id, ends_on=ends_on, by=by, at=at)


def _own_or_permitted(holding_id: int, by: Actor) -> None:
    holding = people_queries.holding(holding_id)
    if holding.account_id != by.account_id:
        access.require(by, "people.record-absence", at_org=holding.post.org_id)
