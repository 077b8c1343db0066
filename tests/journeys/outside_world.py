"""The outside systems of a birth, played by one process of their own, and what carries messages to and fro."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.outside.played import CALM, Letter, Mailbox, Played, mailbox, wait_for
from yiwang.site import paths

SYSTEMS = ("household", "medical-insurance", "tax", "card-making")


@dataclass
class OutsideWorld:
    """All of them; they work only when told to."""

    systems: dict[str, Played]
    mailbox: Mailbox
    run_jobs: Callable[[], int]

    def letters(self) -> list[Letter]:
        """Push what waits, let everybody finish, and take the answers out of the mailbox."""
        self.run_jobs()
        for played in self.systems.values():
            played.finish()
        found, self.mailbox.letters = self.mailbox.letters, []
        return found

    def settle(self) -> int:
        """To and fro until nobody has anything to say; returns how many answers came."""
        heard = 0
        for _ in range(8):
            letters = self.letters()
            if not letters:
                return heard
            heard += len(letters)
            assert {letter.hand_in().status_code for letter in letters} == {200}
        raise AssertionError("the outside systems never finish")


@contextmanager
def outside_world(home: Path, run_jobs: Callable[[], int]) -> Iterator[OutsideWorld]:
    with mailbox() as box:
        only = [part for system in SYSTEMS for part in ("--only", system)]
        options = ["--port-base", "0", "--home", str(home), "--platform", box.url, "--speed", "1", "--by-hand"]
        command = [sys.executable, "-m", "yiwang.standins", *only, *options]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=paths.ROOT / "src") as process:
            try:
                yield OutsideWorld(_started(process, box, home), box, run_jobs)
            finally:
                process.terminate()


def _started(process: "subprocess.Popen[str]", box: Mailbox, home: Path) -> dict[str, Played]:
    assert process.stdout is not None
    lines = [process.stdout.readline().split("\t") for _ in SYSTEMS]
    wait_for(home / "standins" / "addresses.json")
    systems = {line[0]: Played(line[0], line[1], box) for line in lines}
    for played in systems.values():
        played.control(moods=CALM)
    return systems


def as_json(body: Any) -> dict[str, Any]:
    """What a Django test client needs to send JSON."""
    return {"data": json.dumps(body, ensure_ascii=False), "content_type": "application/json"}
