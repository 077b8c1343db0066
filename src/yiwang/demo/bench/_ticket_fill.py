"""A million tickets with their cases, open tasks and events, by COPY: the newest are of the last month and each says something else."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from random import Random
from typing import Any

from django.db import connection

from yiwang.demo.bench import _said
from yiwang.demo.bench._centre import Centre
from yiwang.demo.bench._copying import Row, bytes_, code, copy, drawn
from yiwang.demo.bench._people import REGION
from yiwang.demo.bench.contracts import Tell
from yiwang.kernel.base.sealing import seal
from yiwang.kernel.packs import queries as packs
from yiwang.services.hotline.contracts import Channel, TicketKind

FLOW = "national.hotline.ticket"
RECENT, RECENT_DAYS = 100_000, 30
"""So many of the tickets are of the last days: those that are gathered into topics."""
_OLD_DAYS = 1_000
_POOL = 2_000
_BATCH = 20_000
_OPEN_OF_RECENT = 0.5
_TABLES = ("cases.Case", "cases.Task", "cases.CaseEvent", "hotline.Ticket")
_KINDS = (*(kind.value for kind in TicketKind if kind is not TicketKind.REPORT), "help", "complaint")
_CHANNELS = (Channel.PHONE.value, Channel.PHONE.value, Channel.WEB.value, Channel.PHONE_APP.value)


class TicketFiller:
    """Adds tickets until there are as many as wanted."""

    def __init__(
        self,
        centre: Centre,
        *,
        now: datetime,
        tell: Tell,
        cursor: Callable[[], AbstractContextManager[Any]] | None = None,
    ) -> None:
        """`cursor` opens one to copy through; by default through the connection of this process, which checks every key."""
        self._centre, self._now, self._tell = centre, now, tell
        self._cursor = cursor or connection.cursor
        self._random = Random(20261122)
        self._flow = packs.get("Flow", FLOW)
        self._done = 0
        self._callers = [
            bytes_(seal(json.dumps({"name": f"赵{n}", "phone": f"139{n:08d}"}).encode())) for n in range(200)
        ]
        self._old = [bytes_(seal(_said.message(-n - 1).encode())) for n in range(_POOL)]
        self._data = bytes_(seal(json.dumps({"kind": "help"}).encode()))

    def fill(self, rows: int) -> None:
        """Bring the number of filled tickets to `rows`."""
        numbers = iter(range(self._done, rows))
        while batch := list(islice(numbers, _BATCH)):
            made: dict[str, list[Row]] = {name: [] for name in _TABLES}
            ids = zip(batch, drawn("cases_case", len(batch)), drawn("hotline_ticket", len(batch)), strict=True)
            for n, case_id, ticket_id in ids:
                self._ticket(made, n, case_id, ticket_id)
            with self._cursor() as cursor:
                for table in _TABLES:
                    copy(cursor, table, made[table])
            self._done += len(batch)
            self._tell(f"{self._done:,} of {rows:,} tickets filled in")

    def _ticket(self, made: dict[str, list[Row]], n: int, case_id: int, ticket_id: int) -> None:
        random, centre = self._random, self._centre
        is_recent = n < RECENT
        age = random.random() * RECENT_DAYS if is_recent else RECENT_DAYS + random.random() * _OLD_DAYS
        taken = (self._now - timedelta(days=age)).replace(microsecond=n % 1_000_000)
        is_open = is_recent and random.random() < _OPEN_OF_RECENT
        unit = centre.units[int(len(centre.units) * random.random() ** 2)]
        step = "desk" if is_open and random.random() < 0.1 else "handle" if is_open else ""
        due = taken + timedelta(days=7)
        closed = None if is_open else taken + timedelta(days=3)
        number = f"{REGION[:6]}{taken:%Y%m%d}8{n:07d}"
        kind = _KINDS[n % len(_KINDS)]
        made["cases.Case"].append(
            {
                "id": case_id, "number": number, "query_code": code(n), "kind": "ticket", "title": "求助：路灯照明",
                "subject": self._callers[n % 200], "flow_id": self._flow.id, "flow_version": self._flow.version,
                "flow_hash": self._flow.hash, "status": "open" if is_open else "closed", "outcome": "" if is_open else "solved",
                "org_id": centre.office.id, "region_code": REGION, "opened_at": taken, "closed_at": closed,
                "version": 1, "limits": "{}", "data": self._data,
            }
        )  # fmt: skip
        made["hotline.Ticket"].append(
            {
                "id": ticket_id, "case_id": case_id, "number": number, "org_id": centre.office.id, "kind": kind,
                "channel": _CHANNELS[n % len(_CHANNELS)], "category": centre.categories[n % len(centre.categories)],
                "content": bytes_(seal(_said.message(n).encode())) if is_recent else self._old[n % _POOL],
                "caller": self._callers[n % 200], "phone_index": f"{n % 50_000:064x}", "region_code": REGION,
                "intake_key": f"bench{n:059d}", "intake_digest": "", "received_at": taken,
                "sketch": "{}", "bands": "{}",
                "lead_org_id": None if step == "desk" else unit.id, "dispatched_at": None if step == "desk" else taken,
                "respond_due_at": due, "due_at": due, "moved_at": taken, "finished_at": closed,
                "responded_at": closed, "contacted": None if is_open else "t", "solved": None if is_open else "t",
                "satisfaction": None if is_open else 1 + n % 4,
            }
        )  # fmt: skip
        if step:
            made["cases.Task"].append(self._task(case_id, step, unit.id, taken, due))
        event: Callable[..., Row] = partial(
            dict, case_id=case_id, step="", choice="", actor_kind="staff", org_id=centre.office.id
        )
        made["cases.CaseEvent"].append(event(kind="opened", effective_at=taken, recorded_at=taken))
        if closed:
            made["cases.CaseEvent"].append(event(kind="closed", effective_at=closed, recorded_at=closed))

    def _task(self, case_id: int, step: str, unit_id: int, taken: datetime, due: datetime) -> Row:
        at_desk = step == "desk"
        return {
            "case_id": case_id, "step": step, "kind": "post", "org_id": self._centre.office.id if at_desk else unit_id,
            "post": "hotline-operator" if at_desk else "unit-clerk", "instance": "" if at_desk else str(unit_id),
            "case_kind": "ticket", "status": "open", "opened_at": taken, "due_at": due, "yellow_at": due - timedelta(days=1),
        }  # fmt: skip
