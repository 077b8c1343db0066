"""A campaign to many: composed from a file, approved, sent part by part into inboxes, and by text message to the played carrier with its receipts."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from yiwang.demo.bench._measure import cpu_seconds
from yiwang.demo.bench.contracts import Figures, Tell
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM, Actor, ActorKind
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.base.sealing import seal
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.connectors import actions as connectors
from yiwang.support.notify import actions

Found = TypeVar("Found")
IN_SITE, BY_TEXT = "anlan.messages.service-news", "anlan.messages.benefit-news"
FACTS = {"title": "高龄津贴", "due": "2026-12-31"}
_FIRST, _A_DAY = date(1930, 1, 1), 400
_WAIT_SECONDS = 300
_ROWS = "SELECT * FROM {} ORDER BY id DESC LIMIT %s"
# Whoever approves is another than whoever composed: the system has no account, this one has a number that nobody has.
_APPROVER = Actor(kind=ActorKind.SYSTEM, name="测速", account_id=0)


def run(*, lines: int, tell: Tell) -> Figures:
    """In one transaction, which is taken back: no worker sees the campaigns, and nothing stays."""
    unit = orgs.of_kind("health")[0]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        tell(f"{lines} readers")
        content = _readers(lines)
        compose = partial(actions.compose_campaign, facts=FACTS, org_id=unit.id, filename="bench.csv", by=SYSTEM)
        in_site = _campaign(partial(compose, template=IN_SITE, content=content), lines, backend, tell)
        tell("the same messages by bare COPY and INSERT")
        bare_copy = _timed(partial(_copied, lines), backend)[1]
        bare_insert = _timed(partial(_inserted, lines), backend)[1]
        texts = _campaign(partial(compose, template=BY_TEXT, content=content), lines, backend, tell)
        texts |= _carried(lines, backend, tell)
        transaction.set_rollback(True)
    in_site |= {
        "bare_copy_per_cpu_s": round(lines / bare_copy),
        "bare_insert_per_cpu_s": round(lines / bare_insert),
        "sent_of_bare_copy": round(in_site["sent_per_cpu_s"] * bare_copy / lines, 3),
        "sent_of_bare_insert": round(in_site["sent_per_cpu_s"] * bare_insert / lines, 3),
    }
    return {"recipients": lines, "in_site": in_site, "by_text": texts}


def _campaign(compose: Callable[..., Any], lines: int, backend: int, tell: Tell) -> Figures:
    at = _noon()
    tell("composing and sending a campaign")
    begun = time.monotonic()
    made, composed = _timed(lambda: compose(at=at), backend)
    actions.decide_campaign(campaign_id=made.id, is_approved=True, by=_APPROVER, at=at)
    sent, spent = _timed(partial(_send, made.id, at), backend)
    if sent != lines:
        raise RuntimeError(f"{sent} of {lines} recipients")
    return {
        "composed_per_cpu_s": round(lines / composed),
        "sent_per_cpu_s": round(lines / spent),
        "cpu_s": round(composed + spent, 1),
        "seconds": round(time.monotonic() - begun, 1),
    }


def _send(campaign_id: int, at: datetime) -> int:
    """The place's pace is kept by its clock, not waited for."""
    while True:
        found = actions.send_part(campaign_id=campaign_id, by=SYSTEM, at=at)
        if not found.is_running:
            return int(found.sent)
        at = max(at, found.next_at or at)


def _carried(lines: int, backend: int, tell: Tell) -> Figures:
    """All of it to the carrier, and its receipts until each delivery has one."""
    tell("to the played carrier, and its receipts")
    at, begun = _noon() + timedelta(hours=1), time.monotonic()
    _, pumped = _timed(partial(_pump, at), backend)
    heard = 0.0
    while _waiting():
        if time.monotonic() - begun > _WAIT_SECONDS:
            raise RuntimeError("the carrier does not answer for all")
        time.sleep(0.5)
        heard += _timed(lambda: connectors.poll(system="sms", by=SYSTEM, at=timezone.now()), backend)[1]
    return {
        "carried_per_cpu_s": round(lines / pumped),
        "receipts_per_cpu_s": round(lines / heard),
        "carried_and_heard_seconds": round(time.monotonic() - begun, 1),
        "states": _states(),
    }


def _pump(at: datetime) -> None:
    while connectors.pump(system="sms", by=SYSTEM, at=at):
        pass


def _waiting() -> bool:
    return bool(_asked("SELECT EXISTS (SELECT 1 FROM notify_delivery WHERE channel = 'sms' AND state = 'waiting')"))


def _states() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT channel || ' ' || state, count(*) FROM notify_delivery GROUP BY 1 ORDER BY 1")
        return dict(cursor.fetchall())


def _asked(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _readers(count: int) -> bytes:
    """Parties with a number and a telephone each, and the file that names them."""
    numbers = [_number(n) for n in range(count)]
    name, at = seal("周敏".encode()), timezone.now()
    columns = "kind, name, id_type, id_number, id_index, phone, phone_index, created_at"
    with connection.cursor() as cursor, cursor.copy(f"COPY people_party ({columns}) FROM STDIN") as copy:
        for n, number in enumerate(numbers):
            phone = f"139{n:08d}"
            copy.write_row(
                ("person", name, "111", seal(number.encode()), sealed_index(number), seal(phone.encode()), None, at)
            )
    return "\n".join(["证件号码", *numbers]).encode()


def _number(n: int) -> str:
    head = f"990199{_FIRST + timedelta(days=n // _A_DAY):%Y%m%d}{n % _A_DAY:03d}"
    return head + id_check_digit(head)


def _copied(count: int) -> None:
    """Into a table like that of messages, with its indexes; nothing sealed anew."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_copied (LIKE notify_message INCLUDING INDEXES)")
        rows = _newest(cursor, count)
        with cursor.copy("COPY bench_copied FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _inserted(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_inserted (LIKE notify_message INCLUDING INDEXES)")
        rows = _newest(cursor, count)
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO bench_inserted VALUES ({marks})", rows)


def _newest(cursor: Any, count: int) -> list[tuple[Any, ...]]:
    cursor.execute(_ROWS.format("notify_message"), [count])
    return list(cursor.fetchall())


def _timed(work: Callable[[], Found], backend: int) -> tuple[Found, float]:
    begun = cpu_seconds(backend)
    return work(), max(cpu_seconds(backend) - begun, 0.01)


def _noon() -> datetime:
    """Of tomorrow, when people are awake."""
    local = timezone.now().astimezone(LEGAL_TIME) + timedelta(days=1)
    return local.replace(hour=12, minute=0, second=0, microsecond=0)
