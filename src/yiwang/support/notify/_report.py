"""送达报告: what became of messages on each channel, in one question over days, narrowed to the units that the reader sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, Invalid
from yiwang.kernel.base.masking import mask_phone
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.workdays.queries import day_begins
from yiwang.support.notify import queries
from yiwang.support.notify.contracts import Channel, State
from yiwang.support.notify.models import Delivery

DAYS_MAX = 92
VIEW = "notify.view"
GROUPS = {"channel": "渠道", "template": "模板", "campaign": "群发", "day": "日期"}
_KEYS = {
    "channel": "''",
    "template": "m.template",
    "campaign": "coalesce(m.campaign_id::text, '')",
    "day": "to_char(m.created_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')",
}
_WHERE = """m.org_id = ANY(%(orgs)s) AND m.created_at >= %(since)s AND m.created_at < %(until)s
  AND (%(template)s = '' OR m.template = %(template)s) AND (%(campaign)s = 0 OR m.campaign_id = %(campaign)s)"""
_REPORT = """
SELECT {key} AS key, 'site', count(*), 0, count(*) FILTER (WHERE NOT m.is_declined), count(m.read_at), 0,
  count(*) FILTER (WHERE m.is_declined), 0, 0, 0,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM m.read_at - m.created_at)) FILTER (WHERE m.read_at IS NOT NULL)
FROM notify_message m WHERE {where} GROUP BY 1
UNION ALL
SELECT {key}, d.channel, count(*), count(*) FILTER (WHERE d.state IN ('waiting', 'sent')),
  count(*) FILTER (WHERE d.state = 'delivered'), 0,
  count(*) FILTER (WHERE d.state IN ('failed', 'undelivered')), count(*) FILTER (WHERE d.state = 'declined'),
  count(*) FILTER (WHERE d.state = 'no-address'), count(*) FILTER (WHERE d.state = 'held'),
  count(*) FILTER (WHERE d.state = 'joined'),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.changed_at - d.created_at))
    FILTER (WHERE d.state IN ('delivered', 'sent'))
FROM notify_message m JOIN notify_delivery d ON d.message_id = m.id WHERE {where} GROUP BY 1, 2
ORDER BY 1, 2 LIMIT 2000
"""
_REASONS = """
SELECT d.channel, d.state, d.trouble, count(*) FROM notify_message m JOIN notify_delivery d ON d.message_id = m.id
WHERE {where} AND d.state IN ('failed', 'undelivered') GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 50
"""


class BadSpan(Invalid):
    code = "notify.bad-span"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages, and by what they are told apart."""

    first: date
    last: date
    group: str = "channel"
    template: str = ""
    campaign: int = 0


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One channel under one heading. `total` are all that should have gone; `under_way` are waiting, or sent without more being told."""

    key: str
    channel: str
    total: int
    under_way: int
    delivered: int
    read: int
    lost: int
    declined: int
    unreachable: int
    held: int
    joined: int
    median_seconds: int | None

    @property
    def channel_word(self) -> str:
        return "站内" if self.channel == "site" else Channel(self.channel).word

    @property
    def median(self) -> str:
        """In the largest unit that says something."""
        seconds = self.median_seconds
        if seconds is None:
            return "—"
        units = ((86400, "天"), (3600, "小时"), (60, "分钟"))
        return next((f"{seconds // size}{word}" for size, word in units if seconds >= size), f"{seconds}秒")


@dataclass(frozen=True, slots=True)
class Reason:
    channel: Channel
    state: State
    trouble: str
    count: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that did not arrive on a channel, for staff who may have it sent again."""

    id: int
    template: str
    case_number: str
    channel: Channel
    address: str
    state: State
    trouble: str
    again: int
    changed_at: datetime


def report(asked: Asked, by: Actor) -> list[ReportRow]:
    """Raises BadSpan for days the wrong way round, too many of them, or an unknown group."""
    values = _values(asked, by)
    sql = _REPORT.format(key=_KEYS[asked.group], where=_WHERE)
    return [_row(*found) for found in _rows(sql, values)]


def reasons(asked: Asked, by: Actor) -> list[Reason]:
    """Why messages did not arrive, the most frequent first."""
    found = _rows(_REASONS.format(where=_WHERE), _values(asked, by))
    return [Reason(Channel(channel), State(state), trouble, count) for channel, state, trouble, count in found]


def dead_letters(by: Actor, cursor: str | None = None, *, size: int = 20) -> Page[DeadLetter]:
    """Newest first, of the units whose messages `by` sees; addresses are masked."""
    rows = Delivery.objects.filter(
        state__in=(State.FAILED, State.UNDELIVERED), message__org_id__in=_orgs(by)
    ).select_related("message")
    return keyset(rows, order=("-id",), cursor=cursor, size=size).map(_dead)


def titles(rows: list[ReportRow], group: str) -> dict[str, str]:
    """What the headings of a report are called on a page."""
    if group != "template":
        return {}
    found = {row.key: queries.find_template(row.key) for row in rows}
    return {key: body.title.zh for key, body in found.items() if body}


def _row(key: str, channel: str, *figures: Any) -> ReportRow:
    *counts, median = figures
    total, under_way, delivered, read, lost, declined, unreachable, held, joined = counts
    return ReportRow(
        key=key,
        channel=channel,
        total=total,
        under_way=under_way,
        delivered=delivered,
        read=read,
        lost=lost,
        declined=declined,
        unreachable=unreachable,
        held=held,
        joined=joined,
        median_seconds=None if median is None else round(median),
    )


def _dead(row: Delivery) -> DeadLetter:
    address = str(row.address or "")
    name, at_sign, domain = address.partition("@")
    return DeadLetter(
        id=row.pk,
        template=row.message.template,
        case_number=row.message.case_number,
        channel=Channel(row.channel),
        address=f"{name[:1]}***@{domain}" if at_sign else mask_phone(address),
        state=State(row.state),
        trouble=row.trouble,
        again=row.again,
        changed_at=row.changed_at,
    )


def _values(asked: Asked, by: Actor) -> dict[str, Any]:
    if asked.group not in _KEYS or not timedelta() <= asked.last - asked.first < timedelta(days=DAYS_MAX):
        raise BadSpan(f"请选择不超过{DAYS_MAX}天的时段。", hint="开始不晚于结束。")
    return {
        "orgs": _orgs(by),
        "since": day_begins(asked.first),
        "until": day_begins(asked.last) + timedelta(days=1),
        "template": asked.template,
        "campaign": asked.campaign,
    }


def _orgs(by: Actor) -> list[int]:
    return [org.id for org in access.orgs_within(by, VIEW)]


def _rows(sql: str, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        yield from cursor.fetchall()
