"""What a page of a list costs: CPU of web workers and PostgreSQL over HTTP, queries, and their plans."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client as InProcess
from django.test.utils import CaptureQueriesContext

from yiwang.demo.bench._http import Client
from yiwang.demo.bench._measure import least_and_median
from yiwang.demo.bench._meter import POSTGRES, WEB, Meter, spent
from yiwang.demo.bench._people import PASSWORD
from yiwang.demo.bench.contracts import Effort, Figures, Installation, Tell
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import WorkRow
from yiwang.kernel.people import queries as people

ROWS, FAR = 20, 1_000
# What the same servers take for a route with nothing in it, asked by a stranger and in a sitting.
EMPTY, SEATED, _NOTHING = "floor.empty", "floor.signed_in", "/healthz"
_WARM = 16
_LONG_LIST = re.compile(r"'\{[^']{200,}\}'")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks at which list: its addresses by form (with `{cursor}`), the same page read in this process, the table of its plan."""

    name: str
    username: str
    forms: Mapping[str, str]
    page: Callable[[Actor, str | None, int], Page[Any]]
    table: str

    def read(self, cursor: str, size: int) -> Page[Any]:
        by = people.actor_of(people.accounts_named(self.username)[0].id)
        return self.page(by, cursor or None, size)


def work(name: str, username: str, box: str, kind: str = "") -> Viewer:
    """One box of the work list."""
    also = f"&kind={kind}" if kind else ""
    forms = {
        "json": f"/api/cases/work?box={box}{also}&cursor={{cursor}}",
        "html": f"/desk?box={box}{also}&cursor={{cursor}}",
    }

    def page(by: Actor, cursor: str | None, size: int) -> Page[WorkRow]:
        return cases.work_list(by, box=box, kind=kind or None, cursor=cursor, size=size)

    return Viewer(name, username, forms, page, "cases_task")


# A leader looks at the whole unit, the others at what they may take.
OF_CASES = (
    work("leader", "bench.leader", "unit"),
    work("few", "bench.few", "todo"),
    work("forty", "bench.forty", "todo"),
)


@dataclass(frozen=True, slots=True)
class _View:
    name: str
    client: Client
    path: str
    rows: int
    table: str = ""


class Lists:
    """The lists of some people, measured as often as asked; plans are gathered on the way."""

    def __init__(
        self, site: Installation, meter: Meter, viewers: Sequence[Viewer], *, effort: Effort, tell: Tell
    ) -> None:
        self._site, self._meter, self._viewers, self._tell = site, meter, viewers, tell
        self._rounds, self._each = effort.rounds, effort.each
        self.plans: list[str] = []

    def measure(self, size: str) -> Figures:
        """CPU ms and queries of every list, as it is now."""
        found: Figures = {}
        stranger = Client(self._site.url)
        with asyncio.Runner() as runner:
            for viewer in self._viewers:
                client = Client(self._site.url)
                runner.run(client.sign_in(viewer.username, PASSWORD, "staff"))
                floors = [] if found else [_View(EMPTY, stranger, _NOTHING, 0), _View(SEATED, client, _NOTHING, 0)]
                for view in (*floors, *_views(viewer, client)):
                    figures = {"rows": view.rows, "queries": self._queries(view, f"{size}, {view.name}")}
                    found[view.name] = figures | runner.run(self._measured(view))
                    found[view.name]["times_floor"] = _ratio(found[view.name], found[EMPTY])
                    self._tell(f"list {view.name} at {size}: {found[view.name]}")
                runner.run(client.close())
            runner.run(stranger.close())
        return found

    async def _measured(self, view: _View) -> Figures:
        # Two connections, so that both workers answer.
        clients = [view.client, view.client.again()]
        await _ask(clients, view.path, _WARM)
        rounds = []
        for _ in range(self._rounds):
            before = self._meter.seconds()
            await _ask(clients, view.path, self._each)
            used = spent(before, self._meter.seconds())
            rounds.append((used[WEB] + used[POSTGRES]) * 1000 / self._each)
        await clients[1].close()
        return {"cpu_ms": least_and_median(rounds)}

    def _queries(self, view: _View, title: str) -> int:
        """The queries of the same request, by Django's own log in this process."""
        client = InProcess(SERVER_NAME="127.0.0.1")
        client.cookies.load(view.client.cookies)
        client.get(view.path)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(view.path)
        if answer.status_code != 200:
            raise RuntimeError(f"{view.path} answered {answer.status_code} in process")
        selects = [query["sql"] for query in asked.captured_queries if query["sql"].lstrip().startswith("SELECT")]
        if ".json." in view.name:
            self.plans += [_plan(title, sql) for sql in selects if view.table in sql]
        return len(asked)


def _ratio(view: Figures, floor: Figures) -> float:
    # A clock tick of the kernel is the least that can be told.
    return round(float(view["cpu_ms"]["median"]) / max(float(floor["cpu_ms"]["median"]), 0.01), 1)


def _views(viewer: Viewer, client: Client) -> Iterator[_View]:
    pages = {"first": ("", 0)} | _far(viewer)
    for form, path in viewer.forms.items():
        for name, (cursor, _) in pages.items():
            rows = len(viewer.read(cursor, ROWS).items)
            yield _View(f"{viewer.name}.{form}.{name}", client, path.format(cursor=cursor), rows, viewer.table)


def _far(viewer: Viewer) -> dict[str, tuple[str, int]]:
    """Where the thousandth page begins; nothing where there are fewer."""
    cursor, left = "", ROWS * (FAR - 1)
    while left:
        size = min(100, left)
        page = viewer.read(cursor, size)
        if page.next_cursor is None:
            return {}
        cursor, left = page.next_cursor, left - size
    return {f"page_{FAR}": (cursor, FAR)}


async def _ask(clients: list[Client], path: str, times: int) -> None:
    for n in range(times):
        status, _ = await clients[n % len(clients)].request("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")


def _plan(title: str, sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}".replace("%", "%%"))
        lines = "\n".join(line for (line,) in cursor.fetchall())
    short = _LONG_LIST.sub("ARRAY(…)", sql)
    return f"== {title}\n{short[:2000]}\n\n{lines}\n"
