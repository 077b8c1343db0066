"""Grid workers of the demo place on a working day: they report, desks file and send, units put right, grid workers look again."""

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from PIL import Image, ImageDraw

from yiwang.data.places import queries as places
from yiwang.data.places.contracts import GridView
from yiwang.demo.place._play_kinds import GridDay
from yiwang.governance.incidents import actions as incidents
from yiwang.governance.incidents import queries as found
from yiwang.governance.incidents.contracts import IncidentRow, IncidentView, NewReport
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import WorkRow
from yiwang.kernel.files import actions as files
from yiwang.kernel.orgs import queries as orgs
from yiwang.kernel.people import queries as people

DESK, WORKER = "street-command", "grid-worker"
SLOW_EVERY, QUICK, SLOW = 7, 0.8, 0.15
PAGES_MAX = 5
JITTER = 0.0015
Try = Callable[[str, Callable[[], object]], None]


@dataclass
class GridPlayer:
    """Plays the grids' part of a turn; it keeps nothing but who walks where."""

    day: GridDay
    _walks: list[tuple[int, list[GridView]]] = field(default_factory=list)

    def turn(self, share: float, chance: random.Random, at: datetime, attempt: Try) -> None:
        """What is open goes on, then some report anew; `share` is the turn's part of a day."""
        for row in list(self._open(at)):
            for step in row.steps:
                if chance.random() < (SLOW if step.org_id % SLOW_EVERY == 0 else QUICK):
                    self._go_on(row.incident, step, chance, at, attempt)
        wanted = self.day.a_day * share
        for _ in range(int(wanted) + (chance.random() < wanted % 1)):
            attempt("上报", lambda: self._report(chance, at))

    def _open(self, at: datetime) -> Iterator[IncidentRow]:
        cursor: str | None = None
        for _ in range(PAGES_MAX):
            page = found.listed(SYSTEM, at=at, cursor=cursor, size=100)
            yield from page.items
            cursor = page.next_cursor
            if cursor is None:
                return

    def _report(self, chance: random.Random, at: datetime) -> None:
        if not self._walks:
            self._walks = [walk for desk in orgs.of_kind(DESK) for walk in _walks_of(desk.id, at)]
        if not self._walks:
            return
        account_id, grids = chance.choice(self._walks)
        by, grid = people.actor_of(account_id, at=at), chance.choice(grids)
        kind = chance.choices(self.day.types, [each.weight for each in self.day.types])[0]
        lon, lat = _spot(grid, chance, at)
        at_once = found.types()[kind.type].may_self_handle and chance.random() < self.day.self_handled
        new = NewReport(
            type_key=kind.type,
            lon=lon,
            lat=lat,
            seen_at=at,
            photos=(_photo(chance, by, at),),
            photos_after=(_photo(chance, by, at),) if at_once else (),
            words=chance.choice(kind.words or ("",)),
            is_self_handled=at_once,
        )
        key = f"demo-{at:%Y%m%d%H%M%S}-{chance.randrange(10**9):09d}"
        incidents.report(new=new, key=key, by=by, at=at)

    def _go_on(self, incident: IncidentView, step: WorkRow, chance: random.Random, at: datetime, attempt: Try) -> None:
        holders = people.holders(step.post, step.org_id, at=at) if step.assignee_id is None else []
        account = step.assignee_id or (chance.choice(holders).id if holders else None)
        if account is None:
            return
        by = people.actor_of(account, at=at)
        choice = self.day.pick(chance, step.step)
        if choice is None:
            return

        def deed() -> None:
            if step.assignee_id is None:
                engine.sign_for(task_id=step.task_id, by=by, at=at)
            if (step.step, choice) == ("dispatch", "whistle"):
                units = [each.id for each in found.units_at(incident.region_code)]
                called = chance.sample(units, min(2, len(units)))
                incidents.dispatch(code=incident.code, step=step.step, org_ids=called, whistle=True, by=by, at=at)
                return
            there = (incident.lon, incident.lat) if incident.lon is not None and incident.lat is not None else None
            incidents.act(
                code=incident.code,
                step=step.step,
                choice=choice,
                words=chance.choice(self.day.grounds.get(choice) or ("",)),
                photos=(_photo(chance, by, at),) if (step.step, choice) == ("handle", "done") else (),
                position=there if step.step == "whistle" else None,
                by=by,
                at=at,
            )

        attempt(f"{step.step_name}", deed)


def _walks_of(org_id: int, at: datetime) -> Iterator[tuple[int, list[GridView]]]:
    for holder in people.holders(WORKER, org_id, at=at):
        grids = places.grids_of(holder.id)
        if grids:
            yield holder.id, grids


def _spot(grid: GridView, chance: random.Random, at: datetime) -> tuple[float, float]:
    """Somewhere in the grid; its inner point where chance misses it."""
    lon = round(grid.lon + chance.uniform(-JITTER, JITTER), 6)
    lat = round(grid.lat + chance.uniform(-JITTER, JITTER), 6)
    there = places.grid_at(lon, lat)
    return (lon, lat) if there is not None and there.code == grid.code else (grid.lon, grid.lat)


def _photo(chance: random.Random, by: Actor, at: datetime) -> int:
    kept = files.store(
        stream=io.BytesIO(_picture(chance.randrange(6))),
        filename="photo.jpg",
        purpose="incident-photo",
        owner_party_id=None,
        by=by,
        at=at,
    )
    return kept.id


@lru_cache(maxsize=6)
def _picture(number: int) -> bytes:
    """A drawn street, no photograph of any place."""
    chance, picture = random.Random(number), Image.new("RGB", (480, 360), "#c9d6e6")
    pen = ImageDraw.Draw(picture)
    for n in range(6):
        left, height = n * 80, chance.randrange(90, 200)
        pen.rectangle((left, 240 - height, left + 76, 240), fill=f"#{chance.randrange(0x707880, 0xB0B8C0):06x}")
    pen.rectangle((0, 240, 480, 360), fill="#6f7580")
    for _ in range(14):
        x, y = chance.randrange(120, 360), chance.randrange(270, 340)
        pen.ellipse(
            (x, y, x + chance.randrange(12, 46), y + chance.randrange(10, 26)),
            fill=f"#{chance.randrange(0x303030, 0xC0A080):06x}",
        )
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=70)
    return stream.getvalue()
