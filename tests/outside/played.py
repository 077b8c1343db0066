"""A played outside system as a separate process on a free port, and the mailbox its answers go to."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from django.test import Client

from tests.patience import PATIENCE_SECONDS, until
from yiwang.site import paths

CALM = {"refuse": 0, "duplicate": 0, "shuffle": 0, "lose": 0}


@dataclass
class Letter:
    """One callback as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.body)
        return content

    def hand_in(self, **changes: Any) -> Any:
        """Give it to the platform's real endpoint, as it came or with `body`, `timestamp` or `signature` changed."""
        return Client().post(
            self.path,
            changes.get("body", self.body),
            content_type="application/json",
            headers={
                "X-Yiwang-Timestamp": changes.get("timestamp", self.headers["X-Yiwang-Timestamp"]),
                "X-Yiwang-Signature": changes.get("signature", self.headers["X-Yiwang-Signature"]),
            },
        )


@dataclass
class Mailbox:
    """Stands where the platform would listen: keeps each callback for the test to hand in."""

    url: str = ""
    status: int = 200
    letters: list[Letter] = field(default_factory=list)


@dataclass
class Played:
    """The control of one running stand-in."""

    system: str
    url: str
    mailbox: Mailbox

    def control(self, **wishes: Any) -> dict[str, Any]:
        # Nothing is encrypted here: reading the authorities that vouch for addresses would cost more than the call.
        with httpx.Client(trust_env=False, verify=False, timeout=PATIENCE_SECONDS) as client:
            answer = client.post(f"{self.url}/control", json=wishes, headers={"X-Standin-Control": "1"})
        answer.raise_for_status()
        state: dict[str, Any] = answer.json()
        return state

    def work(self, minutes: float = 0) -> list[Letter]:
        """Let that much of its time pass, do what is due and carry the answers; returns those that came."""
        before = len(self.mailbox.letters)
        self.control(advance_minutes=minutes, work=True)
        return self.mailbox.letters[before:]

    def finish(self) -> list[Letter]:
        """Work until nothing is left to do."""
        letters: list[Letter] = []
        for _ in range(30):
            letters += self.work(minutes=24 * 60)
            state = self.control()
            if not state["working"] and not state["postings_waiting"]:
                return letters
        raise AssertionError(f"{self.system} does not finish")


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()

    class Slot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if box.status == 200:
                box.letters.append(Letter(self.path, dict(self.headers), body))
            self.send_response(box.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slot)
    box.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def played(system: str, home: Path, platform: Mailbox, *, by_itself: bool = False, **moods: int) -> Iterator[Played]:
    """Start one stand-in that works only when told to, or fast and by itself."""
    command = [sys.executable, "-m", "yiwang.standins", "--only", system, "--port-base", "0", "--home", str(home)]
    pace = ["--speed", "600"] if by_itself else ["--speed", "1", "--by-hand"]
    options = ["--platform", platform.url, *pace]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True, cwd=paths.ROOT / "src") as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split("\t")[1]
            wait_for(home / "standins" / "addresses.json")
            running = Played(system, url, platform)
            running.control(moods=CALM | moods)
            yield running
        finally:
            process.terminate()


def wait_for(path: Path) -> None:
    """Wait until a stand-in has written down where it listens."""
    until(path.exists, f"{path} was not written")
