"""Waiting in tests: for what is to be seen, never for a length of time."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

# Long enough for the slowest machine that is busy with something else; nothing waits longer than it must.
PATIENCE_SECONDS = 180


def until(holds: Callable[[], bool], what: str = "", *, pause: Callable[[float], object] = time.sleep) -> None:
    """Wait until `holds`; says `what` did not come about when patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, what or "it did not come about"
        pause(0.05)


def free_port() -> int:
    """A port for a server that must be told its own, below those that the system gives to connections."""
    for port in range(10_000 + os.getpid() % 20_000, 32_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no free port")
