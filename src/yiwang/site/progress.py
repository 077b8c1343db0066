"""Tells the operator what is going on once it has taken two seconds."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

PATIENCE = 2.0


@contextlib.contextmanager
def step(label: str) -> Iterator[None]:
    """Print `label` if the block takes longer than two seconds, count the seconds on a terminal, say when it is done."""
    begun, over = time.monotonic(), threading.Event()
    teller = threading.Thread(target=_tell, args=(label, begun, over), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        seconds = time.monotonic() - begun
        if seconds > PATIENCE:
            _write(f"\r· {label}: {seconds:.1f} s\n" if sys.stderr.isatty() else f"· {label}: {seconds:.1f} s\n")


def _tell(label: str, begun: float, over: threading.Event) -> None:
    if over.wait(PATIENCE):
        return
    if not sys.stderr.isatty():
        _write(f"· {label} …\n")
        return
    while not over.wait(1.0):
        _write(f"\r· {label} … {time.monotonic() - begun:.0f} s")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
