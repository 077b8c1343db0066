"""Many staff accounts with their posts at once, for setting up a place."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people._parties import tells_who
from yiwang.kernel.people._permits import staff_or_system
from yiwang.kernel.people._views import account_view
from yiwang.kernel.people.contracts import AccountKind, AccountView, AlreadyExists, BadAccount, NewStaff
from yiwang.kernel.people.models import Account, Post, PostHolding

_BATCH = 2000


@transaction.atomic
def create_staff(*, staff: Sequence[NewStaff], by: Actor, at: datetime) -> list[AccountView]:
    """Add staff accounts and appoint them from today, in a constant number of queries; in the order given.

    Raises AlreadyExists for a work number that is taken, BadAccount, NotYours.
    """
    staff_or_system(by)
    names = {one.username for one in staff}
    if any(map(tells_who, names)):
        raise BadAccount("账号名不能用证件号码或手机号码。", hint="请用工号。")
    if len(names) < len(staff) or Account.objects.filter(username__in=names).exists():
        raise AlreadyExists("工号已有账号。", hint="请核对后去掉重复的工号。")
    accounts = [
        Account(
            username=one.username,
            name=one.name,
            kind=AccountKind.STAFF,
            password=one.password_hash or make_password(None),
            created_at=at,
        )
        for one in staff
    ]
    Account.objects.bulk_create(accounts, batch_size=_BATCH)
    posts = _posts({(new.org_id, new.post_type, new.title) for one in staff for new in one.posts})
    holdings = [
        PostHolding(
            account=account,
            post=posts[new.org_id, new.post_type, new.title],
            since=timezone.localdate(at),
            is_backup=new.is_backup,
        )
        for account, one in zip(accounts, staff, strict=True)
        for new in one.posts
    ]
    PostHolding.objects.bulk_create(holdings, batch_size=_BATCH)
    detail = {"accounts": len(accounts), "appointments": len(holdings)}
    audit.record("people.staff.created", target="accounts", by=by, at=at, detail=detail)
    return [account_view(row) for row in accounts]


def _posts(wanted: set[tuple[int, str, str]]) -> dict[tuple[int, str, str], Post]:
    rows = [Post(org_id=org, post_type=kind, title=title) for org, kind, title in sorted(wanted)]
    Post.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    known = Post.objects.filter(org__in={org for org, _, _ in wanted})
    return {(row.org_id, row.post_type, row.title): row for row in known}
