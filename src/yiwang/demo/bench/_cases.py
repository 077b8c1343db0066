"""The bench of cases: a filled database, the lists of three people, whole lives over HTTP, and SpiffWorkflow beside it."""

import contextlib
import os
import platform
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from yiwang.demo.bench import _ledger, _pairs, _people, _pure
from yiwang.demo.bench._fill import Filler
from yiwang.demo.bench._lists import Lists
from yiwang.demo.bench._lives import Lives
from yiwang.demo.bench._measure import yardstick_ms
from yiwang.demo.bench._meter import Meter, Peak
from yiwang.demo.bench.contracts import Effort, Figures, Installation, Tell
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import actions as packs
from yiwang.services.matters import actions as matters

if TYPE_CHECKING:
    import psycopg

SMALL_ROWS = 100


def run(*, site: Installation, rows: int, effort: Effort, plans: Path, tell: Tell) -> Figures:
    """Fill the installation with `rows` cases and measure it. Writes query plans to `plans`."""
    begun = time.monotonic()
    people = _people.make(timezone.now())
    _load_packs(site.home)
    meter = Meter(site)
    lists = Lists(site, meter, rounds=effort.rounds, each=effort.each, tell=tell)
    filler = Filler(people, now=timezone.now(), tell=tell, cursor=partial(_past_checks, site))
    yardstick = [yardstick_ms()]
    figures: Figures = {"bench": "cases", "rows": rows, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with Peak(meter) as peak:
        filler.fill(min(rows, SMALL_ROWS))
        _tidy(site)
        figures["lists_at_100"] = lists.measure("100 rows")
        filler.fill(rows)
        _tidy(site)
        figures["filled_s"] = round(time.monotonic() - begun)
        figures["lists"] = lists.measure(f"{rows:,} rows")
        yardstick.append(yardstick_ms())
        lives = Lives(site, people, meter, tell)
        figures["lives"] = lives.measure(rounds=effort.rounds, each=effort.each, clients=effort.clients)
        figures |= _engines(site, people, effort, tell)
    yardstick.append(yardstick_ms())
    figures |= {"yardstick_ms": yardstick, "peak_memory_mib": peak.mib, "plans": str(plans), "machine": _machine()}
    plans.write_text("\n".join(lists.plans), encoding="utf-8")
    return figures | {"seconds": round(time.monotonic() - begun)}


def _engines(site: Installation, people: _people.People, effort: Effort, tell: Tell) -> Figures:
    found: Figures = {}
    found["due_dates"] = _pure.due_dates(effort.rounds, effort.pure)
    tell(f"due dates: {found['due_dates']}")
    found["ledger_leaves"] = _ledger.leaves(effort.rounds, effort.each * 5)
    tell(f"ledger: {found['ledger_leaves']}")
    found["transitions_beside_spiffworkflow"] = _pairs.transitions(effort.rounds, effort.each)
    tell(f"transitions: {found['transitions_beside_spiffworkflow']}")
    found["stored_beside_spiffworkflow"] = _pairs.stored(site, people.desk, effort.rounds, effort.each)
    tell(f"stored: {found['stored_beside_spiffworkflow']}")
    return found


def _load_packs(home: Path) -> None:
    """The place's packs and those of the bench, as one release."""
    root = home / "packs"
    shutil.copytree(settings.YIWANG_PACKS, root)
    shutil.copytree(Path(__file__).with_name("packs"), root / "anlan" / "bench")
    packs.load(root, by=SYSTEM, at=timezone.now())
    matters.publish(by=SYSTEM, at=timezone.now())


@contextlib.contextmanager
def _past_checks(site: Installation) -> Iterator["psycopg.Cursor[Any]"]:
    """A cursor that looks up no foreign key: that they fit is tested on a few hundred rows, and here takes longer than the rows."""
    with site.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor


def _tidy(site: Installation) -> None:
    """What autovacuum would do within minutes."""
    with site.superuser() as connection:
        connection.execute("VACUUM ANALYZE")


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
