"""Appointments to posts and absences from them."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people._permits import staff_or_system
from yiwang.kernel.people._views import absence_view, holding_view
from yiwang.kernel.people.contracts import (
    AbsenceView,
    AccountKind,
    AlreadyHeld,
    BadAccount,
    BadPeriod,
    HoldingView,
    NoSuchAccount,
    NoSuchPost,
)
from yiwang.kernel.people.models import Absence, Account, Post, PostHolding


@transaction.atomic
def appoint(
    *,
    account_id: int,
    org_id: int,
    post_type: str,
    title: str,
    since: date,
    by: Actor,
    at: datetime,
    until: date | None = None,
    is_backup: bool = False,
) -> HoldingView:
    """Put an account at a post, which is made if the organisation has none of that type and title.

    Raises NoSuchAccount, BadAccount (no staff), NoSuchOrganisation, BadPeriod, AlreadyHeld.
    """
    staff_or_system(by)
    account = Account.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise NoSuchAccount("账号不存在。", hint="请核对工号。")
    if account.kind not in (AccountKind.STAFF, AccountKind.MACHINE):
        raise BadAccount("只有工作人员可以任职。", hint="请使用工作人员账号。")
    _check_period(since, until)
    post, _ = Post.objects.get_or_create(org_id=orgs.get(org_id).id, post_type=post_type, title=title)
    overlapping = PostHolding.objects.filter(Q(until__isnull=True) | Q(until__gte=since), account=account, post=post)
    if until is not None:
        overlapping = overlapping.filter(since__lte=until)
    if overlapping.exists():
        raise AlreadyHeld("该人员在这段时间已经任这个岗位。", hint="请核对任职起止日期。")
    row = PostHolding.objects.create(account=account, post=post, since=since, until=until, is_backup=is_backup)
    detail = {"account": account_id, "post": post.pk, "is_backup": is_backup}
    audit.record("people.post.appointed", target=f"org:{org_id}", by=by, at=at, detail=detail)
    return holding_view(row)


@transaction.atomic
def end_appointment(*, holding_id: int, until: date, by: Actor, at: datetime) -> HoldingView:
    """Set the last day of an appointment. Raises NoSuchPost, BadPeriod."""
    staff_or_system(by)
    row = _locked(holding_id)
    _check_period(row.since, until)
    row.until = until
    row.save(update_fields=["until"])
    detail = {"account": row.account_id, "post": row.post_id, "until": until.isoformat()}
    audit.record("people.post.ended", target=f"org:{row.post.org_id}", by=by, at=at, detail=detail)
    return holding_view(row)


@transaction.atomic
def record_absence(
    *, holding_id: int, starts_on: date, ends_on: date, reason: str, by: Actor, at: datetime
) -> AbsenceView:
    """Record days away from a post; meanwhile its backup acts. Raises NoSuchPost, BadPeriod."""
    staff_or_system(by)
    row = _locked(holding_id)
    _check_period(starts_on, ends_on)
    absence = Absence.objects.create(
        holding=row,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason,
        recorded_by=by.account_id,
        recorded_at=at,
    )
    detail = {"holding": holding_id, "starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat()}
    audit.record("people.post.absence-recorded", target=f"org:{row.post.org_id}", by=by, at=at, detail=detail)
    return absence_view(absence)


@transaction.atomic
def end_absence(*, absence_id: int, ends_on: date, by: Actor, at: datetime) -> AbsenceView:
    """Bring the last day of an absence forward, because the holder is back. Raises NoSuchPost, BadPeriod."""
    staff_or_system(by)
    row = Absence.objects.select_for_update().filter(pk=absence_id).select_related("holding__post").first()
    if row is None:
        raise NoSuchPost("没有这条请假记录。", hint="请核对后再试。")
    _check_period(row.starts_on, ends_on)
    row.ends_on = min(row.ends_on, ends_on)
    row.save(update_fields=["ends_on"])
    detail = {"holding": row.holding_id, "ends_on": row.ends_on.isoformat()}
    audit.record("people.post.absence-ended", target=f"org:{row.holding.post.org_id}", by=by, at=at, detail=detail)
    return absence_view(row)


def _locked(holding_id: int) -> PostHolding:
    rows = PostHolding.objects.select_for_update(of=("self",)).select_related("post")
    row = rows.filter(pk=holding_id).first()
    if row is None:
        raise NoSuchPost("没有这条任职记录。", hint="请核对后再试。")
    return row


def _check_period(since: date, until: date | None) -> None:
    if until is not None and until < since:
        raise BadPeriod("结束日期早于开始日期。", hint="请核对起止日期。")
