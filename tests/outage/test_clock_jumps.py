"""The machine's clock jumps while everybody works: nothing lost, nothing twice, and all is served again when it is right."""

import mmap
import shutil
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.outage import books
from tests.outage.crowd import Crowd
from tests.outage.site import Site, copy_of

# What a clock that is set by hand or by a server gone mad has done: seconds against the right time, one after the other.
JUMPS = {"an hour back": -3_600, "a day ahead": 86_400}
WRONG_SECONDS = 15
# What was open while the clock said tomorrow was warned of; true to that clock, and nobody takes it back.
WARNED = "[('event due-soon', 1)] instead of []"
_PUT_OFF = "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' AND scheduled_at > now() + interval '1 hour' GROUP BY 1"

Tell = Callable[[dict[str, Any]], None]


class Clock:
    """The time that the processes of an installation are told (`jumping.c`)."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        assert compiler, "no C compiler (apt-get install gcc libc6-dev)"
        self._library, self._page = folder / "jumping.so", folder / "clock"
        source = Path(__file__).with_name("jumping.c")
        subprocess.run([compiler, "-shared", "-fPIC", "-O", "-o", self._library, source, "-ldl"], check=True)
        self._page.write_bytes(struct.pack("q", 0))
        # PostgreSQL runs under an account of its own, which must reach both.
        for path, mode in ((folder, 0o755), (self._library, 0o755), (self._page, 0o644)):
            path.chmod(mode)

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "JUMPING_CLOCK": str(self._page)}

    def jump(self, seconds: int) -> None:
        """So many seconds away from the right time, for everybody at once."""
        with open(self._page, "r+b") as file, mmap.mmap(file.fileno(), 8) as page:
            page[:] = struct.pack("q", seconds)


@pytest.fixture
def clock() -> Iterator[Clock]:
    # Not tmp_path: pytest's folders are closed to other accounts.
    folder = Path(tempfile.mkdtemp(prefix="yiwang-clock-"))
    yield Clock(folder)
    shutil.rmtree(folder)


@pytest.fixture
def clocked(settled_home: Path, clock: Clock) -> Iterator[Site]:
    home = copy_of(settled_home)
    site = Site(home, environment=clock.environment)
    try:
        site.start()
        yield site
    finally:
        site.stop()
        shutil.rmtree(home)


@pytest.mark.slow
def test_a_clock_that_jumps(clocked: Site, clock: Clock, tell: Tell) -> None:
    crowd, seen = Crowd(clocked), {}
    assert _away(clocked) < 30
    with crowd.at_work():
        for name, seconds in JUMPS.items():
            crowd.wait_for_more(5)
            seen[name] = _jumped(clocked, clock, crowd, seconds)
    settled = books.settle(clocked)
    all_of_it = list(books.findings(clocked, crowd.acknowledged))
    found = [line for line in all_of_it if not line.endswith(WARNED)]
    tell(
        {"trial": "clock jumps", "seconds": WRONG_SECONDS, "jumps": seen, "settled_seconds": round(settled, 1)}
        | crowd.report()
        | {"kept": books.tally(clocked), "put_off": dict(clocked.sql(_PUT_OFF)), "warned": len(all_of_it) - len(found)}
        | {"does_not_hold": found}
    )
    assert not found
    assert clocked.is_ready()
    assert not crowd.wrong


def _jumped(site: Site, clock: Clock, crowd: Crowd, seconds: int) -> dict[str, Any]:
    before = dict(crowd.answers)
    clock.jump(seconds)
    try:
        assert abs(_away(site) - abs(seconds)) < 30, "PostgreSQL keeps the machine's time: the trial tries nothing"
        while_wrong = crowd.wait_for_more(1)
        time.sleep(WRONG_SECONDS)
    finally:
        clock.jump(0)
    back = crowd.wait_for_more(2)
    answers = {what: count - before.get(what, 0) for what, count in sorted(crowd.answers.items())}
    return {
        "served_while_wrong_after": round(while_wrong, 1),
        "served_again_after": round(back, 1),
        "answers": {what: count for what, count in answers.items() if count},
    }


def _away(site: Site) -> float:
    """How far PostgreSQL's clock is from ours, in seconds."""
    return abs(float(site.sql("SELECT extract(epoch FROM clock_timestamp())")[0][0]) - time.time())
