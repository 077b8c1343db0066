"""A disk that is full for a while: the files' first, then the one with everything on it; nothing acknowledged is lost."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.outage import books
from tests.outage.crowd import Crowd
from tests.outage.site import Site, copy_of

FULL_SECONDS = 40
HOME_MEGABYTES, FILES_MEGABYTES = 700, 8

Tell = Callable[[dict[str, Any]], None]


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[None]:
    """A disk of our own in memory; the machine's own is not filled."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(at)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


@pytest.fixture
def cramped(settled_home: Path) -> Iterator[Site]:
    if os.geteuid():
        pytest.skip("only root may mount a small disk")
    disk = Path(tempfile.mkdtemp(prefix="yiwang-outage-"))
    with small_disk(disk, HOME_MEGABYTES):
        home = copy_of(settled_home, below=disk)
        files, kept = home / "files", home / "files-kept"
        files.rename(kept)
        files.mkdir(mode=0o700)
        with small_disk(files, FILES_MEGABYTES):
            shutil.copytree(kept, files, dirs_exist_ok=True)
            site = Site(home)
            try:
                site.start()
                yield site
            finally:
                site.stop()
    disk.rmdir()


@pytest.mark.slow
def test_a_disk_that_is_full_for_a_while(cramped: Site, tell: Tell) -> None:
    crowd, seen = Crowd(cramped), {}
    with crowd.at_work():
        for name, folder in (("files", cramped.home / "files"), ("everything", cramped.home)):
            crowd.wait_for_more(5)
            seen[name] = _full(cramped, crowd, folder)
    settled = books.settle(cramped)
    found = books.findings(cramped, crowd.acknowledged)
    tell(
        {"trial": "disk full", "seconds": FULL_SECONDS, "disks": seen, "settled_seconds": round(settled, 1)}
        | crowd.report()
        | {"kept": books.tally(cramped), "does_not_hold": found}
    )
    assert not found
    assert not crowd.wrong
    assert all(disk["told"] for disk in seen.values())


def _full(site: Site, crowd: Crowd, folder: Path) -> dict[str, Any]:
    before = dict(crowd.answers)
    ballast = folder / "ballast"
    health: set[int] = set()
    try:
        begun = time.monotonic()
        while time.monotonic() - begun < FULL_SECONDS:
            _fill(ballast)
            with site.client(timeout=60) as client:
                health.add(client.get("/healthz").status_code)
            time.sleep(0.5)
    finally:
        ballast.unlink(missing_ok=True)
    begun = time.monotonic()
    crowd.wait_for_more(2)
    answers = {what: count - before.get(what, 0) for what, count in sorted(crowd.answers.items())}
    return {
        "served_again_after": round(time.monotonic() - begun, 1),
        "healthz": sorted(health),
        "told": sum(count for what, count in answers.items() if what.endswith(" 503")),
        "answers": {what: count for what, count in answers.items() if count},
    }


def _fill(ballast: Path) -> None:
    """To the last page, and again what was let go since."""
    with suppress(OSError), open(ballast, "ab", buffering=0) as out:
        for size in (1 << 20, 1 << 12):
            with suppress(OSError):
                while out.write(bytes(size)) == size:
                    pass
