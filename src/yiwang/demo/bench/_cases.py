"""The bench of cases: a filled database, the lists of three people, whole lives over HTTP, and SpiffWorkflow beside it."""

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from django.utils import timezone

from yiwang.demo.bench import _ledger, _pairs, _people, _pure
from yiwang.demo.bench._fill import Filler
from yiwang.demo.bench._ground import load_packs, machine, past_checks, tidy
from yiwang.demo.bench._lists import OF_CASES, Lists
from yiwang.demo.bench._lives import Lives
from yiwang.demo.bench._measure import yardstick_ms
from yiwang.demo.bench._meter import Meter, Peak
from yiwang.demo.bench.contracts import Effort, Figures, Installation, Tell

SMALL_ROWS = 100


def run(*, site: Installation, rows: int, effort: Effort, plans: Path, tell: Tell) -> Figures:
    """Fill the installation with `rows` cases and measure it. Writes query plans to `plans`."""
    begun = time.monotonic()
    people = _people.make(timezone.now())
    load_packs(site.home)
    meter = Meter(site)
    lists = Lists(site, meter, OF_CASES, effort=effort, tell=tell)
    filler = Filler(people, now=timezone.now(), tell=tell, cursor=partial(past_checks, site))
    yardstick = [yardstick_ms()]
    figures: Figures = {"bench": "cases", "rows": rows, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    with Peak(meter) as peak:
        filler.fill(min(rows, SMALL_ROWS))
        tidy(site)
        figures["lists_at_100"] = lists.measure("100 rows")
        filler.fill(rows)
        tidy(site)
        figures["filled_s"] = round(time.monotonic() - begun)
        figures["lists"] = lists.measure(f"{rows:,} rows")
        yardstick.append(yardstick_ms())
        lives = Lives(site, people, meter, tell)
        figures["lives"] = lives.measure(rounds=effort.rounds, each=effort.each, clients=effort.clients)
        figures |= _engines(site, people, effort, tell)
    yardstick.append(yardstick_ms())
    figures |= {"yardstick_ms": yardstick, "peak_memory_mib": peak.mib, "plans": str(plans), "machine": machine()}
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
