"""Whole lives over HTTP on the shipped public-service flow: file, accept, decide, find again by number."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import connection
from django.test import Client as InProcess
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yiwang.demo.bench._http import Client
from yiwang.demo.bench._measure import least_and_median
from yiwang.demo.bench._meter import JOBS, OTHERS, POSTGRES, WEB, Meter, spent
from yiwang.demo.bench._people import DESKS, PASSWORD, People
from yiwang.demo.bench.contracts import Figures, Installation, Tell
from yiwang.kernel.base import outbox
from yiwang.kernel.workdays.queries import legal_day
from yiwang.services.matters import queries as matters

MATTER = "bench.registration"
STEADY = 8
_WARM = 16
_DRAIN_SECONDS = 60
_FIND = "/desk/search?q="
_ADVANCE = "/api/cases/{id}/advance"


@dataclass(frozen=True, slots=True)
class _Desk:
    """The sittings of one office and its matter's code; connections are each client's own."""

    code: str
    residents: tuple[Client, ...]
    clerk: Client
    reviewer: Client


@dataclass(slots=True)
class _Tally:
    """What happened, whoever did it."""

    done: int = 0
    seconds: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


class Lives:
    """Clients that live through cases at the desks of several offices."""

    def __init__(self, site: Installation, people: People, meter: Meter, tell: Tell) -> None:
        self._site, self._people, self._meter, self._tell = site, people, meter, tell
        self._numbers = count(1)
        self._run = secrets.token_hex(4)

    def measure(self, *, rounds: int, each: int, clients: int) -> Figures:
        """CPU of creating one, then lives a second: a few clients for long, and many at once."""
        with asyncio.Runner() as runner:
            codes = [_code(office.id) for office in self._people.busy[:DESKS]]
            desks = [runner.run(self._sign_in(n, code)) for n, code in enumerate(codes)]
            runner.run(self._flock(desks, STEADY, _WARM))
            create = [runner.run(self._creating(desks, each)) for _ in range(rounds)]
            statements = self._statements(desks[0])
            self._drained()
            steady = [self._rate(runner, desks, STEADY, each * 5) for _ in range(rounds)]
            burst = [self._rate(runner, desks, clients, clients) for _ in range(rounds)]
        return {
            "create_cpu_ms": least_and_median([sum(one) for one in create]),
            "create_cpu_ms_by": {
                group: least_and_median([one[place] for one in create]) for place, group in enumerate((WEB, POSTGRES))
            },
            "create_round_trips": statements,
            "steady": _summary(steady),
            f"{clients}_at_once": _summary(burst),
        }

    async def _sign_in(self, n: int, code: str) -> _Desk:
        return _Desk(
            code=code,
            residents=tuple([await self._seat(each, "person") for each in self._people.residents[n::DESKS]]),
            clerk=await self._seat(f"bench.clerk.{n + 1}", "staff"),
            reviewer=await self._seat(f"bench.reviewer.{n + 1}", "staff"),
        )

    async def _seat(self, username: str, door: str) -> Client:
        client = Client(self._site.url)
        await client.sign_in(username, PASSWORD, door)
        await client.close()
        return client

    async def _creating(self, desks: Sequence[_Desk], times: int) -> tuple[float, float]:
        """CPU ms of web workers and of PostgreSQL for one filing, one after the other on two connections."""
        clients = [Client(self._site.url), Client(self._site.url)]
        for client in clients:
            await self._file(client, desks[0])
        before = self._meter.seconds()
        for n in range(times):
            await self._file(clients[n % 2], desks[n % len(desks)])
        used = spent(before, self._meter.seconds())
        for client in clients:
            await client.close()
        return used[WEB] * 1000 / times, used[POSTGRES] * 1000 / times

    def _statements(self, desk: _Desk) -> int:
        """Round trips of one filing by Django's log in this process, with BEGIN and COMMIT; a savepoint kept back is none."""
        seat = desk.residents[0]
        client = InProcess(SERVER_NAME="127.0.0.1")
        client.cookies.load(seat.cookies)
        for _ in range(2):
            with CaptureQueriesContext(connection) as asked:
                answer = client.post(
                    f"/api/applications/matters/{desk.code}/filings",
                    {"answers": {"reason": "数一数"}},
                    content_type="application/json",
                    headers={"Idempotency-Key": f"bench-{secrets.token_hex(8)}", "X-CSRFToken": seat.token},
                )
            if answer.status_code != 201:
                raise RuntimeError(f"filing in process answered {answer.status_code}")
        return sum(bool(query["sql"]) for query in asked.captured_queries)

    def _rate(self, runner: asyncio.Runner, desks: Sequence[_Desk], clients: int, lives: int) -> Figures:
        before, begun = self._meter.seconds(), time.monotonic()
        tally = runner.run(self._flock(desks, clients, lives))
        seconds = time.monotonic() - begun
        drained = self._drained()
        used = spent(before, self._meter.seconds())
        figures = {
            "per_s": tally.done / seconds,
            "cpu_ms": {group: used[group] * 1000 / max(tally.done, 1) for group in (WEB, POSTGRES, OTHERS, JOBS)},
            "slowest_s": max(tally.seconds, default=0.0),
            "drained_s": drained,
            "errors": dict(tally.errors),
        }
        self._tell(f"{clients} clients, {tally.done} lives: {figures['per_s']:.1f}/s, errors {figures['errors']}")
        return figures

    async def _flock(self, desks: Sequence[_Desk], clients: int, lives: int) -> _Tally:
        """All clients begin at the same moment and share the lives among them."""
        tally, left = _Tally(), iter(range(lives))

        async def one(number: int) -> None:
            client = Client(self._site.url)
            for _ in left:
                begun = time.monotonic()
                wrong = await self._life(client, desks[number % len(desks)])
                tally.seconds.append(time.monotonic() - begun)
                tally.done += not wrong
                if wrong:
                    tally.errors[wrong] += 1
            await client.close()

        await asyncio.gather(*(one(number) for number in range(clients)))
        return tally

    async def _life(self, client: Client, desk: _Desk) -> str:
        """What went wrong, or nothing."""
        try:
            case = await self._file(client, desk)
            await _move(client.seated(desk.clerk), case["id"], "intake", "accept")
            await _move(client.seated(desk.reviewer), case["id"], "handle", "done")
            status, _ = await client.seated(desk.clerk).request("GET", _FIND + case["number"])
            return "" if status == 302 else f"find {status}"
        except _Refused as refused:
            return str(refused)
        except (OSError, asyncio.IncompleteReadError, TimeoutError) as broken:
            await client.close()
            return type(broken).__name__

    async def _file(self, client: Client, desk: _Desk) -> dict[str, Any]:
        number = next(self._numbers)
        body = {"answers": {"reason": f"第{number}件"}}
        path = f"/api/applications/matters/{desk.code}/filings"
        resident = desk.residents[number // DESKS % len(desk.residents)]
        status, said = await client.seated(resident).json(
            "POST", path, body, Idempotency_Key=f"bench-{self._run}-{number}"
        )
        if status != 201:
            raise _Refused(f"file {status} {said}")
        return dict(said)

    def _drained(self) -> float:
        """Seconds until the worker has delivered all events."""
        begun = time.monotonic()
        while _events_waiting():
            if time.monotonic() - begun > _DRAIN_SECONDS:
                raise RuntimeError("the worker does not get through the events")
            time.sleep(0.1)
        return time.monotonic() - begun


class _Refused(Exception):
    """A request was not answered as it should be."""


def _code(org_id: int) -> str:
    return matters.implementation(MATTER, on=legal_day(timezone.now()), org_id=org_id).code


async def _move(client: Client, case_id: int, step: str, choice: str) -> None:
    status, said = await client.json("POST", _ADVANCE.format(id=case_id), {"step": step, "choice": choice})
    if status != 200:
        raise _Refused(f"{choice} {status} {said}")


def _events_waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            # Text messages to outside lines wait for their hours; events are what follows an action.
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'events' AND status IN ('todo', 'doing')"
        )
        return int(cursor.fetchone()[0]) + outbox.waiting()[0]


def _summary(rounds: Sequence[Figures]) -> Figures:
    """Least and median of every figure; errors of all rounds together."""
    errors: Counter[str] = Counter()
    for each in rounds:
        errors.update(each["errors"])
    groups = {group: least_and_median([each["cpu_ms"][group] for each in rounds]) for group in rounds[0]["cpu_ms"]}
    plain = {name: least_and_median([each[name] for each in rounds]) for name in ("per_s", "slowest_s", "drained_s")}
    return {**plain, "most_per_s": round(max(each["per_s"] for each in rounds), 1), "cpu_ms": groups} | {
        "errors": dict(errors)
    }
