"""The bench of tickets: lists of a filled hotline, taking down over HTTP, suggestions, topics, and a day of a large province."""

import asyncio
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from django.utils import timezone

from yiwang.demo.bench import _centre, _said
from yiwang.demo.bench._centre import CLERK, LEADER, OPERATOR, Centre
from yiwang.demo.bench._ground import load_packs, machine, past_checks, tidy
from yiwang.demo.bench._http import Client
from yiwang.demo.bench._lists import Lists, Viewer, work
from yiwang.demo.bench._measure import least_and_median, rate, yardstick_ms
from yiwang.demo.bench._meter import POSTGRES, WEB, Meter, Peak, spent
from yiwang.demo.bench._people import PASSWORD, REGION
from yiwang.demo.bench._ticket_fill import RECENT, RECENT_DAYS, TicketFiller
from yiwang.demo.bench.contracts import Effort, Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.base.paging import Page
from yiwang.services.hotline import actions as hotline
from yiwang.services.hotline import queries as tickets

DAY, MINUTES = 110_000, 10
"""The requests that a large province's hotline has in a day, and the time to take them in."""
SMALL_ROWS, CLIENTS, LEARNT_FROM = 100, 16, 6_000
LINES, HANDED_TOGETHER, ONE_BY_ONE_SHARE = 4, 500, 50
"""Lines that hand over what they took down, how much at a time; and the part of the day that is taken in one by one beside it."""
_TICKETS = "/api/desk/hotline/tickets"


def run(*, site: Installation, rows: int, day: int, effort: Effort, plans: Path, tell: Tell) -> Figures:
    """Fill the installation with `rows` tickets and measure it; `day` requests are taken in over HTTP. Writes query plans to `plans`."""
    begun, now = time.monotonic(), timezone.now()
    load_packs(site.home)
    centre = _centre.make(now)
    meter = Meter(site)
    viewers = (
        *(_hotline(*one) for one in (("operator", OPERATOR), ("leader", LEADER))),
        work("clerk", CLERK, "todo", "ticket"),
    )
    lists = Lists(site, meter, viewers, effort=effort, tell=tell)
    filler = TicketFiller(centre, now=now, tell=tell, cursor=partial(past_checks, site))
    yardstick = [yardstick_ms()]
    figures: Figures = {"bench": "tickets", "rows": rows, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with Peak(meter) as peak:
        filler.fill(min(rows, SMALL_ROWS))
        tidy(site)
        figures["lists_at_100"] = lists.measure("100 rows")
        filler.fill(rows)
        tidy(site)
        figures["filled_s"] = round(time.monotonic() - begun)
        figures["lists"] = lists.measure(f"{rows:,} rows")
        yardstick.append(yardstick_ms())
        intake = Intake(site, centre, meter, tell)
        figures["create"] = intake.created(effort.rounds, effort.each)
        figures["suggestions_per_cpu_second"] = _suggestions(effort, tell)
        figures["topics"] = _topics(min(rows, RECENT), now, tell)
        figures["day"] = intake.day(day)
        figures["day_one_by_one"] = intake.day_one_by_one(max(1, day // ONE_BY_ONE_SHARE))
    yardstick.append(yardstick_ms())
    figures |= {"yardstick_ms": yardstick, "peak_memory_mib": peak.mib, "plans": str(plans), "machine": machine()}
    plans.write_text("\n".join(lists.plans), encoding="utf-8")
    return figures | {"seconds": round(time.monotonic() - begun)}


def _hotline(name: str, username: str) -> Viewer:
    """The list of open tickets."""
    forms = {
        "json": f"{_TICKETS}?state=open&cursor={{cursor}}",
        "html": "/desk/hotline/tickets?show=open&cursor={cursor}",
    }

    def page(by: Actor, cursor: str | None, size: int) -> Page[Any]:
        return tickets.rows(by, state="open", cursor=cursor, size=size)

    return Viewer(name, username, forms, page, "hotline_ticket")


class Intake:
    """Operators who take calls down over HTTP, each call another one."""

    def __init__(self, site: Installation, centre: Centre, meter: Meter, tell: Tell) -> None:
        self._site, self._centre, self._meter, self._tell = site, centre, meter, tell
        self._numbers = count(10_000_000)
        self.repeated = 0

    def created(self, rounds: int, each: int) -> Figures:
        """CPU of one call taken down, by processes, one after the other on two connections."""
        found = [asyncio.run(self._one_by_one(each)) for _ in range(rounds)]
        figures: Figures = {"cpu_ms": least_and_median([sum(one) for one in found])}
        figures["cpu_ms_by"] = {
            name: least_and_median([one[at] for one in found]) for at, name in enumerate((WEB, POSTGRES))
        }
        self._tell(f"create: {figures}")
        return figures

    def day(self, wanted: int) -> Figures:
        """So many calls handed over in batches by lines that are all at it."""
        return self._measured("day", wanted, self._lines)

    def day_one_by_one(self, wanted: int) -> Figures:
        """So many calls, each a request of its own, by operators who are all at it."""
        return self._measured("day, one by one", wanted, self._crowd)

    def _measured(self, name: str, wanted: int, work: Callable[[int], Coroutine[Any, Any, Counter[str]]]) -> Figures:
        """`per_s_needed` is a day of a large province in ten minutes."""
        begun, before, repeated = time.monotonic(), self._meter.seconds(), self.repeated
        errors = asyncio.run(work(wanted))
        seconds = time.monotonic() - begun
        used = spent(before, self._meter.seconds())
        found: Figures = {
            "requests": wanted,
            "seconds": round(seconds, 1),
            "per_s": round(wanted / seconds, 1),
            "per_s_needed": round(DAY / MINUTES / 60, 1),
            "minutes_for_a_day": round(DAY / (wanted / seconds) / 60, 1),
            "cpu_ms_each": {group: round(1000 * used[group] / wanted, 2) for group in used},
            "errors": dict(errors),
            "repeated_on_a_new_connection": self.repeated - repeated,
        }
        self._tell(f"{name}: {found}")
        return found

    async def _one_by_one(self, times: int) -> tuple[float, float]:
        clients = [await self._seated(name) for name in self._centre.operators[:2]]
        for client in clients:
            await self._take(client, Counter())
        before = self._meter.seconds()
        errors: Counter[str] = Counter()
        for n in range(times):
            await self._take(clients[n % 2], errors)
        used = spent(before, self._meter.seconds())
        for client in clients:
            await client.close()
        if errors:
            raise RuntimeError(f"taking a call down failed: {dict(errors)}")
        return used[WEB] * 1000 / times, used[POSTGRES] * 1000 / times

    async def _crowd(self, wanted: int) -> Counter[str]:
        errors: Counter[str] = Counter()
        left = iter(range(wanted))
        clients = [await self._seated(name) for name in self._centre.operators[:CLIENTS]]

        async def at_it(client: Client) -> None:
            for _ in left:
                await self._take(client, errors)
            await client.close()

        await asyncio.gather(*(at_it(client) for client in clients))
        return errors

    async def _lines(self, wanted: int) -> Counter[str]:
        errors: Counter[str] = Counter()
        left = iter(range(0, wanted, HANDED_TOGETHER))
        clients = [await self._seated(name) for name in self._centre.operators[:LINES]]

        async def at_it(client: Client) -> None:
            for begin in left:
                calls = [self._call() for _ in range(min(HANDED_TOGETHER, wanted - begin))]
                tickets = [{**call, "key": f"bench-{secrets.token_hex(8)}"} for call in calls]
                status, said = await self._sent(client, f"{_TICKETS}/batch", {"tickets": tickets})
                if status == 200:
                    errors.update(answer["code"] for answer in said["answers"] if "code" in answer)
                else:
                    errors[str(status)] += len(calls)
            await client.close()

        await asyncio.gather(*(at_it(client) for client in clients))
        return errors

    async def _seated(self, username: str) -> Client:
        client = Client(self._site.url)
        await client.sign_in(username, PASSWORD, "staff")
        # While the others sign in the server would close it.
        await client.close()
        return client

    async def _take(self, client: Client, errors: Counter[str]) -> None:
        key = f"bench-{secrets.token_hex(8)}"
        status, said = await self._sent(client, _TICKETS, self._call(), Idempotency_Key=key)
        if status != 201:
            errors[f"{status} {said.get('type', '') if isinstance(said, dict) else ''}".strip()] += 1

    async def _sent(self, client: Client, path: str, body: object, **headers: str) -> tuple[int, Any]:
        """A worker that was replaced closes its connections: the same keys again are the same calls."""
        try:
            return await client.json("POST", path, body, **headers)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.repeated += 1
            return await client.json("POST", path, body, **headers)

    def _call(self) -> dict[str, object]:
        n = next(self._numbers)
        return {
            "kind": "help", "content": _said.message(n), "name": "赵一鸣", "phone": f"139{n % 10**8:08d}", "place": "望湖路3号",
            "region_code": REGION, "category": self._centre.categories[n % len(self._centre.categories)],
        }  # fmt: skip


def _suggestions(effort: Effort, tell: Tell) -> Figures:
    """Suggestions for one text at a time: by the tree's words, then by a model trained on made-up messages; and a bound.

    The bound is to cut the same texts into their three-sign pieces in plain Python, which any classifier of texts has to do somehow.
    """
    texts = [_said.message(n) for n in range(max(effort.each * 10, 50))]

    def every(work: Callable[[str], object]) -> int:
        for text in texts:
            work(text)
        return len(texts)

    found: Figures = {"untrained": _rate(every, lambda text: tickets.suggest(text=text), effort.rounds)}
    _train()
    found["trained"] = _rate(every, lambda text: tickets.suggest(text=text), effort.rounds)
    found["bound_pieces_of_three_signs"] = _rate(every, _pieces, effort.rounds)
    tell(f"suggestions: {found}")
    return found


def _rate(
    every: Callable[[Callable[[str], object]], int], work: Callable[[str], object], rounds: int
) -> dict[str, float]:
    every(work)
    found = rate(lambda: every(work), rounds)
    return least_and_median(found, 0)


def _train() -> None:
    """A model of the tree's first-level topics over made-up messages: how fast it answers is measured, not how right it is."""
    tops = [node.name.zh for node in tickets.categories().children()]
    lines = [f"{_said.message(n)}\t{tops[_said.hash_of(_said.message(n)[:6]) % len(tops)]}" for n in range(LEARNT_FROM)]
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
        file.write("\n".join(["text,label", *(line.replace(",", "，").replace("\t", ",") for line in lines)]))
        file.flush()
        hotline.train(messages=tickets.labelled(Path(file.name)), source="bench", by=SYSTEM, at=timezone.now())


def _topics(messages: int, now: datetime, tell: Tell) -> Figures:
    """The messages of a month signed and gathered into topics, then gathered again; beside reading each for its pieces in plain Python."""
    look_back = timedelta(days=RECENT_DAYS + 1)
    found: Figures = {"messages": messages}
    for name in ("signed_and_gathered", "gathered_again"):
        begun, spent_before = time.monotonic(), time.process_time()
        done = hotline.find_topics(by=SYSTEM, at=now, look_back=look_back)
        used, seconds = time.process_time() - spent_before, time.monotonic() - begun
        found[name] = {
            "seconds": round(seconds, 1),
            "cpu_s": round(used, 1),
            "signed": done.signed,
            "topics": done.topics,
        }
    begun_cpu = time.process_time()
    for n in range(messages):
        _pieces(_said.message(n))
    found["bound_pieces_of_three_signs_cpu_s"] = round(time.process_time() - begun_cpu, 1)
    tell(f"topics: {found}")
    return found


def _pieces(text: str) -> Sequence[str]:
    return sorted({text[at : at + 3] for at in range(len(text) - 2)})
