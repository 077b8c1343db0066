"""Other systems of the place hear what happens in cases that they may see: signed calls to their address, again when they do not answer."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

import httpx
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, Denied, YiwangError
from yiwang.kernel.base.events import Event
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.people import queries as people
from yiwang.support.notify import _outside_url, _sending, queries
from yiwang.support.notify.contracts import BadSubscription, NoSuchSubscription, SubscriptionView
from yiwang.support.notify.models import Call, Subscription

CARRY_TASK = "notify.carry_calls"
# What may be heard: as cases publish it.
KINDS = tuple(
    f"cases.case.{name}"
    for name in ("opened", "accepted", "decided", "closed", "paused", "resumed", "extended", "overdue")
)
WAITS = tuple(timedelta(seconds=each) for each in (5, 300, 1800, 7200, 18000, 36000))
LEASE = timedelta(minutes=2)
FAILURES_MAX, OF_ONE_OWNER_MAX, AT_ONCE_MAX = 20, 10, 200
ENDED = "national.messages.webhook-ended"
GONE = 410


@transaction.atomic
def subscribe(
    *, url: str, kinds: Collection[str], org_id: int, by: Actor, at: datetime
) -> tuple[SubscriptionView, str]:
    """Have a system called; the secret is told this once. Raises BadAddress, BadSubscription, NotPermitted."""
    access.require(by, "notify.subscribe", at_org=org_id)
    if by.account_id is None:
        raise Denied("请用系统账号订阅。", hint="请先申请接入。")
    wanted = sorted(set(kinds))
    if not wanted or set(wanted) - set(KINDS):
        raise BadSubscription("没有这一类事件。", hint=f"可订阅：{'、'.join(KINDS)}。")
    if Subscription.objects.filter(account=by.account_id, ended_at=None).count() >= OF_ONE_OWNER_MAX:
        raise BadSubscription(f"一个系统最多{OF_ONE_OWNER_MAX}个订阅。", hint="请先停用不再需要的。")
    _outside_url.target(url)
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    row = Subscription.objects.create(
        org_id=org_id, account_id=by.account_id, url=url, secret=secret, kinds=wanted, created_at=at
    )
    audit.record("notify.subscription.made", target=f"subscription:{row.pk}", by=by, at=at, detail={"kinds": wanted})
    return view(row), secret


@transaction.atomic
def unsubscribe(*, subscription_id: int, by: Actor, at: datetime) -> None:
    """End one's own. Raises NoSuchSubscription."""
    row = Subscription.objects.select_for_update().filter(pk=subscription_id, account=by.account_id).first()
    if row is None or by.account_id is None:
        raise NoSuchSubscription("没有这个订阅。", hint="请核对编号。")
    if row.ended_at is None:
        _end(row, "withdrawn", at)
        audit.record("notify.subscription.ended", target=f"subscription:{row.pk}", by=by, at=at)


def hear(events: Sequence[Event]) -> None:
    """Queue a call for each subscription that may see the case of an event; one that is delivered again makes none."""
    live = list(
        Subscription.objects.filter(ended_at=None, kinds__overlap=[*{event.name for event in events}]).order_by("pk")
    )
    heard = [(row, event) for event in events for row in live if event.name in row.kinds]
    made = [_call(row, event) for row, event in heard if _may_see(row, event.payload["case_id"])]
    if made:
        with transaction.atomic():
            Call.objects.bulk_create(made, ignore_conflicts=True)
            app.configure_task(CARRY_TASK, queue="outside", lock=CARRY_TASK).defer()


def _call(row: Subscription, event: Event) -> Call:
    case, at = cases.told(event.payload["case_id"]), event.at
    said = {"case_number": case.number, "flow": case.flow_id, "outcome": case.outcome, "org_id": case.org_id}
    return Call(
        subscription=row,
        number=uuid5(NAMESPACE_URL, f"{row.pk}:{event.name}:{case.id}:{at.isoformat()}"),
        kind=event.name,
        body={"type": event.name, "timestamp": at.isoformat(), "data": said},
        next_at=at,
        created_at=at,
        changed_at=at,
    )


def carry_calls(*, by: Actor, at: datetime) -> int:
    """Make the calls that are due; returns how many were taken. Nothing is locked while the other side thinks."""
    went = 0
    for _ in range(AT_ONCE_MAX):
        row = _claimed(at)
        if row is None:
            break
        went += _note(row.pk, _called(row), by=by, at=at)
    return went


def signature(secret: str, number: str, stamp: int, body: bytes) -> str:
    """As Standard Webhooks has it: HMAC-SHA256 over id, time and body, so that nothing of it can be used again."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{number}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def view(row: Subscription) -> SubscriptionView:
    return SubscriptionView(row.pk, row.url, tuple(row.kinds), row.failures, row.created_at, row.ended_at, row.ending)


def own(by: Actor) -> list[SubscriptionView]:
    """One's own subscriptions, newest first."""
    return [view(row) for row in Subscription.objects.filter(account=by.account_id).order_by("-pk")[:100]]


def ended_seen(by: Actor) -> list[SubscriptionView]:
    """Those of the reader's units that were switched off because nobody answered, newest first."""
    rows = access.visible(by, Subscription.objects.filter(ending__in=("failed", "gone")), "notify.view")
    return [view(row) for row in rows.order_by("-ended_at")[:20]]


def _may_see(row: Subscription, case_id: int) -> bool:
    """As its account may today: a post that ended is heard no more."""
    try:
        return access.may(people.actor_of(row.account_id), "cases.view", cases.told(case_id).org_id)
    except YiwangError:
        return False


@transaction.atomic
def _claimed(at: datetime) -> Call | None:
    """The oldest that is due, put off by a lease: whoever is killed while calling leaves it to the next."""
    due = Call.objects.filter(next_at__lte=at).select_related("subscription").order_by("next_at", "pk")
    row = due.select_for_update(of=("self",), skip_locked=True).first()
    if row is not None:
        row.next_at, row.attempts = at + LEASE, row.attempts + 1
        row.save(update_fields=["next_at", "attempts"])
    return row


def _called(row: Call) -> str:
    """Empty when it was taken, else why not."""
    body = json.dumps(row.body, ensure_ascii=False, sort_keys=True).encode()
    stamp = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Yiwang",
        "webhook-id": str(row.number),
        "webhook-timestamp": str(stamp),
        "webhook-signature": signature(str(row.subscription.secret), str(row.number), stamp, body),
    }
    try:
        status = _outside_url.post(_outside_url.target(row.subscription.url), body, headers)
    except YiwangError as wrong:
        return wrong.code
    except httpx.HTTPError:
        return "no-answer"
    return "" if 200 <= status < 300 else f"http-{status}"


@transaction.atomic
def _note(call_id: int, trouble: str, *, by: Actor, at: datetime) -> bool:
    row = Call.objects.select_for_update().get(pk=call_id)
    owner = Subscription.objects.select_for_update().get(pk=row.subscription_id)
    row.trouble, row.changed_at = trouble, at
    row.is_taken = not trouble
    wait = WAITS[row.attempts - 1] if trouble and row.attempts <= len(WAITS) else None
    row.next_at = at + wait if wait and owner.ended_at is None else None
    row.save(update_fields=["trouble", "changed_at", "is_taken", "next_at"])
    owner.failures = owner.failures + 1 if trouble else 0
    owner.save(update_fields=["failures"])
    is_gone = trouble == f"http-{GONE}"
    if owner.ended_at is None and (is_gone or owner.failures >= FAILURES_MAX):
        _end(owner, "gone" if is_gone else "failed", at)
        audit.record("notify.subscription.ended", target=f"subscription:{owner.pk}", by=by, at=at)
        _tell_owner(owner, by=by, at=at)
    return not trouble


def _end(row: Subscription, ending: str, at: datetime) -> None:
    row.ended_at, row.ending = at, ending
    row.save(update_fields=["ended_at", "ending"])
    Call.objects.filter(subscription=row).update(next_at=None)


def _tell_owner(row: Subscription, *, by: Actor, at: datetime) -> None:
    """A word into the inbox of the account that subscribed; staff of the unit see it among what did not arrive."""
    if queries.find_template(ENDED) is not None:
        _sending.send_to_staff(
            template=ENDED, account_ids=[row.account_id], facts={"count": row.failures, "day": at},
            case_number="", by=by, at=at, key=f"subscription:{row.pk}", org_id=row.org_id,
        )  # fmt: skip
