"""Licences in a batch: a file read and checked, then issued whole, beside the bare INSERT of the same rows; CPU of this process and its backend."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from django.db import connection, transaction
from django.utils import timezone

from yiwang.demo.bench._measure import cpu_seconds
from yiwang.demo.bench.contracts import Figures, Tell
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import queries as orgs
from yiwang.support.licences import actions, queries

Found = TypeVar("Found")
TYPE = "senior-card"
_FIRST, _A_DAY = date(1930, 1, 1), 400
_COLUMNS = "SELECT * FROM licences_licence WHERE type_id = %s ORDER BY id DESC LIMIT %s"


def run(*, lines: int, tell: Tell) -> Figures:
    """In one transaction, which is taken back: no worker sees the batch, and nothing stays."""
    unit, content = orgs.of_kind("health")[0], _file(lines)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (backend,) = cursor.fetchone()
        tell(f"reading {lines} lines")
        take = partial(actions.read_batch, type_id=TYPE, org_id=unit.id, filename="bench.csv", grounds="测速")
        batch, read = _timed(lambda: take(content=content, by=SYSTEM, at=timezone.now()), backend)
        tell("issuing them")
        actions.start_batch(batch_id=batch.id, by=SYSTEM, at=timezone.now())
        issued, spent = _timed(partial(_issue, batch.id), backend)
        tell("the same rows by bare INSERT")
        inserted, bare = _timed(partial(_insert, issued), backend)
        transaction.set_rollback(True)
    if issued != lines or inserted != lines:
        raise RuntimeError(f"{issued} licences and {inserted} rows of {lines} lines")
    return {
        "lines": lines,
        "read_per_cpu_s": round(lines / read),
        "issued_per_cpu_s": round(lines / spent),
        "bare_insert_per_cpu_s": round(lines / bare),
        "issued_of_bare_insert": round(bare / spent, 3),
    }


def issued_ids(count: int) -> list[int]:
    """So many licences, issued in a batch; for a transaction that is taken back."""
    take = partial(actions.read_batch, type_id=TYPE, filename="bench.csv", grounds="测速", by=SYSTEM, at=timezone.now())
    batch = take(org_id=orgs.of_kind("health")[0].id, content=_file(count))
    actions.start_batch(batch_id=batch.id, by=SYSTEM, at=timezone.now())
    _issue(batch.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM licences_licence WHERE type_id = %s ORDER BY id DESC LIMIT %s", [TYPE, count])
        return [number for (number,) in cursor.fetchall()]


def _timed(work: Callable[[], Found], backend: int) -> tuple[Found, float]:
    begun = cpu_seconds(backend)
    return work(), max(cpu_seconds(backend) - begun, 0.01)


def _issue(batch_id: int) -> int:
    while (batch := actions.issue_part(batch_id=batch_id, by=SYSTEM, at=timezone.now())).is_running:
        pass
    return batch.issued


def _insert(count: int) -> int:
    """Into a table like that of licences, with its indexes; no version, no history, no leaf, nothing sealed anew."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_licences (LIKE licences_licence INCLUDING INDEXES)")
        cursor.execute(_COLUMNS, [TYPE, count])
        rows = cursor.fetchall()
        marks = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(f"INSERT INTO bench_licences VALUES ({marks})", rows)
        cursor.execute("SELECT count(*) FROM bench_licences")
        (found,) = cursor.fetchone()
    return int(found)


def _file(lines: int) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream)
    columns = queries.batch_columns(TYPE)
    writer.writerow(columns)
    writer.writerows(_line(n, columns) for n in range(lines))
    return stream.getvalue().encode()


def _line(n: int, columns: list[str]) -> list[str]:
    born = _FIRST + timedelta(days=n // _A_DAY)
    head = f"990102{born:%Y%m%d}{n % _A_DAY:03d}"
    number = head + id_check_digit(head)
    said = {
        "持证人": "周敏",
        "证件号码": number,
        "姓名": "周敏",
        "性别": "2",
        "出生日期": f"{born}",
        "公民身份号码": number,
    }
    return [said.get(title.rpartition("：")[2], "") for title in columns]
