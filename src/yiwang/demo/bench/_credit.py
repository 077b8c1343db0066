"""Checks of firms' credit, one by one and a thousand at once, in this process and over HTTP, beside bare SELECTs of the same rows."""

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import LegalPersonRecord
from yiwang.demo.bench._http import Client
from yiwang.demo.bench._measure import cpu_seconds
from yiwang.demo.bench._meter import POSTGRES, WEB, Meter, spent
from yiwang.demo.bench._people import PASSWORD, firm_code
from yiwang.demo.bench.contracts import Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import actions as people
from yiwang.kernel.people import queries as people_read
from yiwang.kernel.people.contracts import NewPost, NewStaff
from yiwang.support.credit import actions
from yiwang.support.credit.contracts import NewRecord, RecordKind, Severity

OFFICER, PURPOSE, SOURCE = "bench.credit", "测速", "bench.credit"
FIRMS, BATCH = 3000, 1000
"""One firm in three has records, two each."""
DAY = 1_000_000
_COLUMNS = "kind, severity, list_id, decided_on, publish_until, is_public"
_ONE = f"SELECT {_COLUMNS} FROM credit_creditrecord WHERE uscc = %s"
_MANY = f"SELECT uscc, {_COLUMNS} FROM credit_creditrecord WHERE uscc = ANY(%s)"


@dataclass(frozen=True, slots=True)
class _Ground:
    codes: tuple[str, ...]
    officer: Actor
    backend: int


def run(*, site: Installation | None, each: int, rounds: int, tell: Tell) -> Figures:
    """`each` checks a round, the best of several rounds; without a site nothing is asked over HTTP."""
    tell(f"{FIRMS} firms and their records")
    ground = _ground(timezone.now())
    tell("checks in this process")
    found = {"firms": FIRMS, **_in_process(ground, each, rounds)}
    if site is None:
        return found
    tell("checks over HTTP")
    return found | _over_http(site, ground, each, rounds)


def _in_process(ground: _Ground, each: int, rounds: int) -> Figures:
    one, many = _singles(ground.codes, each), _batches(ground.codes, max(1, each // 100))
    rates = {
        "single_per_cpu_s": _best(lambda: sum(_check(ground, [code]) for code in one), ground, rounds),
        "bare_select_per_cpu_s": _best(lambda: sum(_select(_ONE, code) for code in one), ground, rounds),
        "batch_per_cpu_s": _best(lambda: sum(_check(ground, part) for part in many), ground, rounds),
        "bare_select_of_a_batch_per_cpu_s": _best(
            lambda: sum(_select(_MANY, list(part)) * len(part) for part in many), ground, rounds
        ),
    }
    rounded = {name: round(rate) for name, rate in rates.items()}
    return rounded | {
        "single_of_bare_select": round(rates["single_per_cpu_s"] / rates["bare_select_per_cpu_s"], 3),
        "batch_of_bare_select": round(rates["batch_per_cpu_s"] / rates["bare_select_of_a_batch_per_cpu_s"], 3),
    }


def _over_http(site: Installation, ground: _Ground, each: int, rounds: int) -> Figures:
    meter = Meter(site)
    with asyncio.Runner() as runner:
        client = Client(site.url)
        runner.run(client.sign_in(OFFICER, PASSWORD, "staff"))
        single = [[code] for code in _singles(ground.codes, each)]
        ones = [_asked(runner, client, meter, single) for _ in range(rounds)]
        batches = [_asked(runner, client, meter, _batches(ground.codes, max(1, each // 100))) for _ in range(rounds)]
        runner.run(client.close())
    return {
        "http_single_cpu_ms": round(min(ones) * 1000, 2),
        "http_batch_cpu_ms_each": round(min(batches) * 1000, 3),
        # Of the two cores of a small installation, all day long.
        "a_million_a_day_single_cores": round(min(ones) * DAY / 86400, 3),
        "a_million_a_day_in_batches_cores": round(min(batches) * DAY / 86400, 4),
    }


def _asked(runner: asyncio.Runner, client: Client, meter: Meter, bodies: Sequence[Sequence[str]]) -> float:
    """CPU seconds of web and PostgreSQL for one subject."""
    before = meter.seconds()
    for codes in bodies:
        body = {"purpose": PURPOSE, "subjects": list(codes)}
        status, said = runner.run(client.json("POST", "/api/credit/checks", body))
        if status != 200 or len(said) != len(codes):
            raise RuntimeError(f"a check was answered {status} {said}")
    used = spent(before, meter.seconds())
    return (used[WEB] + used[POSTGRES]) / sum(map(len, bodies))


def _check(ground: _Ground, codes: Sequence[str]) -> int:
    return len(actions.check_many(usccs=codes, purpose=PURPOSE, by=ground.officer, at=timezone.now()))


def _select(sql: str, value: str | list[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        cursor.fetchall()
    return 1


def _best(work: Callable[[], int], ground: _Ground, rounds: int) -> float:
    found = []
    for _ in range(rounds):
        begun = cpu_seconds(ground.backend)
        done = work()
        found.append(done / max(cpu_seconds(ground.backend) - begun, 0.01))
    return max(found)


def _singles(codes: Sequence[str], count: int) -> list[str]:
    return random.Random(1).choices(codes, k=count)


def _batches(codes: Sequence[str], count: int) -> list[list[str]]:
    chance = random.Random(2)
    return [chance.sample(codes, BATCH) for _ in range(count)]


def _ground(at: datetime) -> _Ground:
    unit = orgs.of_kind("health")[0]
    firms = list(_firms(unit.region_code))
    registries.load(firms=firms, by=SYSTEM, at=at)
    codes = tuple(firm.uscc for firm in firms)
    records = list(_records(codes[::3], unit.name, at.date()))
    for start in range(0, len(records), BATCH):
        told = actions.take_records(source=SOURCE, records=records[start : start + BATCH], by=SYSTEM, at=at)
        if told.problems:
            raise RuntimeError(f"records were refused: {dict(told.problems)}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    return _Ground(codes, _officer(unit.id, at), backend)


def _officer(org_id: int, at: datetime) -> Actor:
    since = at - timedelta(days=1)
    post = NewPost(org_id, "credit-officer", "信用管理员")
    (account,) = people.create_staff(
        staff=[NewStaff(OFFICER, "测速员", (post,), make_password(PASSWORD))], by=SYSTEM, at=since
    )
    return people_read.actor_of(account.id, at=at)


def _firms(region_code: str) -> Iterator[LegalPersonRecord]:
    for serial in range(FIRMS):
        yield LegalPersonRecord(
            uscc=firm_code(serial),
            name=f"测速第{serial}有限公司",
            kind="有限责任公司",
            legal_representative="测速",
            representative_key="",
            region_code=region_code,
            address="测速路1号",
            industry="测速",
            established_on=date(2019, 5, 1),
            capital_fen=100_000_00,
        )


def _records(codes: Sequence[str], authority: str, today: date) -> Iterator[NewRecord]:
    grades = tuple(Severity)
    for place, code in enumerate(codes):
        for which in range(2):
            yield NewRecord(
                number=f"{place}-{which}",
                kind=RecordKind.LICENCE if place % 3 else RecordKind.PENALTY,
                uscc=code,
                title="测速决定",
                decided_on=today - timedelta(days=30 + place % 400),
                authority=authority,
                severity=None if place % 3 else grades[place // 3 % len(grades)],
            )
