"""What became of many texts that went in one outside message: told together, written together."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.connectors.contracts import OutsideReport, ReportKind
from yiwang.support.notify import _bulk, _routing
from yiwang.support.notify.contracts import Channel, State
from yiwang.support.notify.models import Delivery

CODE_MAX = 80
WORDS = {"delivered": State.DELIVERED, "undelivered": State.UNDELIVERED}
_SET = """
UPDATE notify_delivery AS d SET state = t.state, trouble = t.code, changed_at = %(at)s
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(codes)s::text[]) AS t (id, state, code), notify_message AS m
WHERE d.id = t.id AND d.id BETWEEN %(first)s AND %(last)s AND d.channel = %(channel)s AND m.id = d.message_id
  AND m.campaign_id = %(campaign)s AND d.again = 0 AND d.state <> 'delivered' AND d.state <> t.state
RETURNING d.id, d.state
"""


def note(report: OutsideReport, *, by: Actor, at: datetime) -> None:
    """A delivery stays one; a receipt of a text that was not in the message says nothing. What is lost goes on the next channel."""
    campaign, first, last = _bulk.read_reference(report.reference)
    told = list(_told(report, campaign, first, last))
    values: dict[str, Any] = {
        "at": at,
        "ids": [number for number, _, _ in told],
        "states": [state.value for _, state, _ in told],
        "codes": [code for _, _, code in told],
        "first": first,
        "last": last,
        "channel": Channel.SMS.value,
        "campaign": campaign,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SET, values)
        changed = cursor.fetchall()
    if not changed:
        return
    lost = [number for number, state in changed if state != State.DELIVERED]
    detail = {"changed": len(changed), "lost": len(lost)}
    audit.record("notify.deliveries.reported", target=f"campaign:{campaign}", by=by, at=at, detail=detail)
    for row in Delivery.objects.filter(pk__in=lost).select_related("message").order_by("id"):
        _routing.fall_back(row, by=by, at=at)


def _told(report: OutsideReport, campaign: int, first: int, last: int) -> Iterator[tuple[int, State, str]]:
    if report.kind is ReportKind.FAILED:
        code = str(report.payload.get("code", ""))[:CODE_MAX]
        rows = Delivery.objects.filter(
            pk__range=(first, last), message__campaign=campaign, channel=Channel.SMS, state=State.WAITING, again=0
        )
        yield from ((number, State.FAILED, code) for number in rows.values_list("pk", flat=True))
        return
    items = report.payload.get("items")
    seen = set()
    for item in items if isinstance(items, list) and report.kind is ReportKind.RESULT else ():
        number, state = _read(item)
        if state is not None and number not in seen:
            seen.add(number)
            yield number, state, str(item.get("code", ""))[:CODE_MAX]


def _read(item: Any) -> tuple[int, State | None]:
    if not isinstance(item, dict) or type(item.get("n")) is not int or not 0 < item["n"] < 2**62:
        return 0, None
    return item["n"], WORDS.get(str(item.get("outcome")))
