"""kill -9 of every process there is, fifty times under load: nothing lost, nothing twice, nobody has to help."""

from collections.abc import Callable
from random import Random
from typing import Any

import psutil
import pytest

from tests.outage import books
from tests.outage.crowd import Crowd
from tests.outage.site import PARTS, Site

KILLS = 50
SEED = 20261122

Tell = Callable[[dict[str, Any]], None]


@pytest.mark.slow
def test_fifty_kills_under_load(site: Site, tell: Tell) -> None:
    random = Random(SEED)
    order = [PARTS[number % len(PARTS)] for number in range(KILLS)]
    random.shuffle(order)
    killed: list[dict[str, Any]] = []
    crowd = Crowd(site, filers=8, pause=6)
    with crowd.at_work():
        crowd.wait_for_more(5)
        for part in order:
            ended = kill(site, part, random)
            killed.append(ended | {"served_again_after": round(crowd.wait_for_more(2), 1)})
    settled = books.settle(site)
    found = books.findings(site, crowd.acknowledged)
    tell(
        {
            "trial": "kill -9",
            "seed": SEED,
            "kills": len(killed),
            "back_seconds": slowest(killed, "back_after"),
            "served_seconds": slowest(killed, "served_again_after"),
            "settled_seconds": round(settled, 1),
            **crowd.report(),
            "kept": books.tally(site),
            "does_not_hold": found,
        }
    )
    assert not found
    assert not crowd.wrong


def kill(site: Site, part: str, random: Random) -> dict[str, Any]:
    """One process of a part, and wait until another stands in its place."""
    site.until(site.is_ready, "the site answers")
    known: set[int] = set()
    site.until(lambda: known.update(_killed(site, part, random)) or known, f"there is a {part} to kill")
    return {"part": part, "back_after": round(site.until(lambda: _is_back(site, part, known), f"{part} is back"), 1)}


def _killed(site: Site, part: str, random: Random) -> set[int]:
    """The processes of the part until now, one of which was killed; none when it was not there any more."""
    try:
        known = site.processes(part)
        random.choice(known).kill()
    except (psutil.Error, IndexError):
        return set()
    return {process.pid for process in known}


def _is_back(site: Site, part: str, known: set[int]) -> bool:
    if part == "backend":
        return site.is_ready()
    try:
        return bool({process.pid for process in site.processes(part)} - known)
    except psutil.Error:
        return False


def slowest(killed: list[dict[str, Any]], what: str) -> dict[str, float]:
    """The longest of each part."""
    return {part: max((each[what] for each in killed if each["part"] == part), default=0.0) for part in PARTS}
