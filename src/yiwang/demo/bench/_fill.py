"""A million cases with their tasks, clocks and events, by COPY: spread over offices, steps and dues as a place has them.

Written past the engine, straight into its tables, which nobody but a bench in a database of its own may do.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Any

from django.db import connection

from yiwang.demo.bench._copying import Row, bytes_, code, copy, drawn
from yiwang.demo.bench._people import REGION, SMALL, People
from yiwang.demo.bench.contracts import Tell
from yiwang.kernel.base.sealing import seal
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit

FLOW = "standard.public-service"
_BATCH = 20_000
_TABLES = ("Case", "Task", "Clock", "CaseEvent")
_LIMITS = {"step:intake": (1, 0.8), "promised": (5, 4), "statutory": (20, 16)}
_IS_OPEN, _AT_INTAKE, _AT_APPLICANT = 0.3, 0.4, 0.1
_BUSY_SHARE = 0.2


@dataclass(slots=True)
class _Batch:
    """Rows to copy, by table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in _TABLES})

    def add(self, table: str, **values: Any) -> None:
        self.rows[table].append(values)


class Filler:
    """Adds rows to the tables of cases until there are as many as wanted."""

    def __init__(
        self,
        people: People,
        *,
        now: datetime,
        tell: Tell,
        cursor: Callable[[], AbstractContextManager[Any]] | None = None,
    ) -> None:
        """`cursor` opens one to copy through; by default through the connection of this process, which checks every key."""
        self._people, self._now, self._tell = people, now, tell
        self._cursor = cursor or connection.cursor
        self._random = Random(20261121)
        self._flow: Pack = packs.get("Flow", FLOW)
        self._done = 0
        self._subjects = [bytes_(seal(f"测速{n}".encode())) for n in range(200)]
        self._data = [
            bytes_(seal(json.dumps({"answers": {"words": "说明" * 40, "n": n}}).encode())) for n in range(200)
        ]

    def fill(self, rows: int) -> None:
        """Bring the number of filled cases to `rows`."""
        numbers = iter(range(self._done, rows))
        while batch := list(islice(numbers, _BATCH)):
            made = _Batch()
            ids = zip(batch, drawn("cases_case", len(batch)), drawn("cases_task", 2 * len(batch))[::2], strict=True)
            for n, case_id, task_id in ids:
                self._case(made, n, case_id, task_id)
            with self._cursor() as cursor:
                for table in _TABLES:
                    copy(cursor, f"cases.{table}", made.rows[table])
            self._done += len(batch)
            self._tell(f"{self._done:,} of {rows:,} cases filled in")

    def _case(self, made: _Batch, n: int, case_id: int, task_id: int) -> None:
        random = self._random
        is_open = n < SMALL or random.random() < (0.6 if n < 100 else _IS_OPEN)
        office = self._people.offices[0] if n < SMALL else self._office(n)
        age = random.random() * 12 if is_open else 14 + random.random() * 1000
        opened = (self._now - timedelta(days=age)).replace(microsecond=n % 1_000_000)
        applicant = self._people.applicants[n % len(self._people.applicants)]
        step = "intake" if n < SMALL else self._step() if is_open else ""
        closed = None if is_open else opened + timedelta(days=random.random() * 8)
        accepted = None if step in ("intake", "correction") else opened + timedelta(hours=3)
        made.add(
            "Case",
            id=case_id,
            number=f"{REGION[:6]}{opened:%Y%m%d}9{n:07d}",
            query_code=code(n),
            kind="application",
            title="经营备案" if n % 3 else "场所登记",
            subject=self._subjects[n % 200],
            flow_id=self._flow.id,
            flow_version=self._flow.version,
            flow_hash=self._flow.hash,
            status="open" if is_open else "closed",
            outcome="" if is_open else "granted" if n % 20 else "refused",
            org_id=office.id,
            region_code=REGION,
            applicant_id=applicant,
            opened_at=opened,
            accepted_at=accepted,
            decided_at=closed,
            closed_at=closed,
            version=1 if is_open else 2,
            limits='{"promised": "5 workdays", "statutory": "20 workdays"}',
            data=self._data[n % 200],
        )
        at = _Place(case_id, office.id, applicant, opened, accepted or opened + timedelta(hours=3), closed)
        self._tasks(made, at, task_id, step)
        self._clocks(made, at, task_id, step)
        self._events(made, at, step)

    def _office(self, n: int) -> Any:
        busy, offices, random = self._people.busy, self._people.offices, self._random
        if n < 100 or random.random() < _BUSY_SHARE:
            return busy[n % len(busy)]
        # A few offices have most of the work: the share falls with the square.
        return offices[1 + len(busy) + int((len(offices) - 1 - len(busy)) * random.random() ** 2)]

    def _step(self) -> str:
        drawn = self._random.random()
        if drawn < _AT_INTAKE:
            return "intake"
        return "correction" if drawn < _AT_INTAKE + _AT_APPLICANT else "handle"

    def _tasks(self, made: _Batch, at: "_Place", task_id: int, step: str) -> None:
        if step != "intake":
            choice = "correct" if step == "correction" else "accept"
            made.add("Task", **at.task(task_id, "intake", until=at.accepted, choice=choice, limit="step:intake"))
        if step == "correction":
            made.add("Task", **at.task(task_id + 1, step, kind="applicant", post="", applicant_id=at.applicant))
        elif step == "intake":
            made.add("Task", **at.task(task_id, step, limit="step:intake"))
        else:
            until = at.closed
            made.add(
                "Task", **at.task(task_id + 1, "handle", post="reviewer", until=until, choice="done", limit="promised")
            )

    def _clocks(self, made: _Batch, at: "_Place", task_id: int, step: str) -> None:
        stopped = None if step == "intake" else at.accepted
        made.add("Clock", **at.clock("step:intake", at.opened, stopped, self._now, task_id=task_id))
        if step in ("handle", ""):
            for name in ("promised", "statutory"):
                made.add("Clock", **at.clock(name, at.accepted, at.closed, self._now))

    def _events(self, made: _Batch, at: "_Place", step: str) -> None:
        happened = [("opened", "", "", at.opened)]
        if step != "intake":
            happened.append(("advanced", "intake", "correct" if step == "correction" else "accept", at.accepted))
        if at.closed:
            happened += [("advanced", "handle", "done", at.closed), ("ran", "issue", "", at.closed)]
            happened += [("closed", "", "", at.closed)]
        for kind, where, choice, when in happened:
            made.add(
                "CaseEvent",
                case_id=at.case_id,
                kind=kind,
                step=where,
                choice=choice,
                actor_kind="staff",
                org_id=at.org_id,
                effective_at=when,
                recorded_at=when,
            )


@dataclass(frozen=True, slots=True)
class _Place:
    """A case while its rows are written."""

    case_id: int
    org_id: int
    applicant: int
    opened: datetime
    accepted: datetime
    closed: datetime | None

    def task(self, task_id: int, step: str, *, until: datetime | None = None, choice: str = "", **more: Any) -> Row:
        limit = more.pop("limit", None)
        due, yellow = _dues(self.opened if limit == "step:intake" else self.accepted, limit) if limit else (None, None)
        row = {
            "id": task_id,
            "case_id": self.case_id,
            "step": step,
            "kind": "post",
            "org_id": self.org_id,
            "post": "window-clerk",
            "applicant_id": self.applicant,
            "case_kind": "application",
            "status": "done" if until else "open",
            "opened_at": self.opened if step == "intake" else self.accepted,
            "closed_at": until,
            "how": "taken" if until else "",
            "choice": choice if until else "",
            **more,
        }
        return row | ({"due_at": due, "yellow_at": yellow} if due else {})

    def clock(self, name: str, since: datetime, stopped: datetime | None, now: datetime, **more: Any) -> Row:
        due, yellow = _dues(since, name)
        fires = None if stopped or due <= now else due if yellow <= now else yellow
        return {
            "case_id": self.case_id,
            "name": name,
            "n": _LIMITS[name][0],
            "unit": "workday",
            "started_at": since,
            "due_at": due,
            "yellow_at": yellow,
            "fires_at": fires,
            "yellow_fired_at": yellow if yellow <= now else None,
            "due_fired_at": due if due <= now and not stopped else None,
            "stopped_at": stopped,
            "used": 1 if stopped else None,
            **more,
        }


def _dues(since: datetime, name: str) -> tuple[datetime, datetime]:
    n, share = _LIMITS[name]
    due = _due(workdays.legal_day(since), n)
    return due, max(since, due - timedelta(days=n - share))


@lru_cache(maxsize=10_000)
def _due(day: date, n: int) -> datetime:
    return workdays.due(day, Limit.parse(f"{n} workdays")).at
