"""The database gone for a minute, standing still for a minute: visitors are told in time, and nothing is lost."""

import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil
import pytest

from tests.outage import books
from tests.outage.crowd import Crowd
from tests.outage.site import Site

AWAY_SECONDS = 60
# Far above what the site promises: a connection is waited for 10 s, a statement for 20.
TOLD_SECONDS = 55
WAYS = ("gone", "standing still", "taking no connections")

Tell = Callable[[dict[str, Any]], None]


@pytest.mark.slow
def test_a_minute_without_the_database(site: Site, tell: Tell) -> None:
    crowd, seen = Crowd(site, filers=6), {}
    with crowd.at_work():
        for way in WAYS:
            crowd.wait_for_more(5)
            seen[way] = _away(site, crowd, way)
    settled = books.settle(site)
    found = books.findings(site, crowd.acknowledged)
    tell(
        {"trial": "database away", "seconds": AWAY_SECONDS, "ways": seen, "settled_seconds": round(settled, 1)}
        | crowd.report()
        | {"kept": books.tally(site), "does_not_hold": found}
    )
    assert not found
    assert not crowd.wrong
    for way, figures in seen.items():
        assert figures["readyz"] == ([200] if way == WAYS[2] else [503]) or way == WAYS[2], figures
        assert figures["healthz_late"] == [200], figures
        assert max(figures["slowest_seconds"].values()) < TOLD_SECONDS, figures


def _away(site: Site, crowd: Crowd, way: str) -> dict[str, Any]:
    crowd.slowest.clear()
    before = dict(crowd.answers)
    back = _take_away(site, way)
    try:
        late = _ask(site, AWAY_SECONDS)
    finally:
        back()
    begun = time.monotonic()
    crowd.wait_for_more(1)
    return {
        "served_again_after": round(time.monotonic() - begun, 1),
        "threads": [worker.num_threads() for worker in site.processes("web-worker")],
        "answers": {what: count - before.get(what, 0) for what, count in sorted(crowd.answers.items())},
        "slowest_seconds": {what: round(seconds, 1) for what, seconds in sorted(crowd.slowest.items())},
        **late,
    }


def _ask(site: Site, seconds: float) -> dict[str, Any]:
    """What a load balancer hears in the second half of it, when everybody has learnt that it is away."""
    begun, heard = time.monotonic(), {"healthz_late": set(), "readyz": set()}
    with site.client(timeout=50) as client:
        while time.monotonic() - begun < seconds:
            time.sleep(1)
            if time.monotonic() - begun > seconds / 2:
                heard["healthz_late"].add(client.get("/healthz").status_code)
                heard["readyz"].add(client.get("/readyz?check=database").status_code)
    return {what: sorted(statuses) for what, statuses in heard.items()}


def _take_away(site: Site, way: str) -> Callable[[], None]:
    """Take the database away; what brings it back."""
    master = site.processes("postmaster")[0]
    if way == WAYS[0]:
        hidden = site.cluster.data.with_name("data-away")
        # The folder first: the one who looks after PostgreSQL must not find it.
        site.cluster.data.rename(hidden)
        master.send_signal(signal.SIGQUIT)
        site.until(lambda: not master.is_running() or master.status() == psutil.STATUS_ZOMBIE, "it is gone")
        return lambda: _put_back(site, hidden)
    standing = [master] if way == WAYS[2] else [master, *master.children(recursive=True)]
    for process in standing:
        with suppress(psutil.Error):
            process.suspend()
    return lambda: [process.resume() for process in standing if process.is_running()] and None


def _put_back(site: Site, hidden: Any) -> None:
    assert not site.cluster.data.exists(), "an empty database was made in place of the one that was away"
    hidden.rename(site.cluster.data)
