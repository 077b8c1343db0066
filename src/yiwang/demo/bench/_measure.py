"""Repeating a piece of work and saying what it cost: the least and the median of several rounds."""

import os
import statistics
import time
from collections.abc import Callable, Sequence

import psutil


def cpu_seconds(*pids: int) -> float:
    """CPU seconds of this process and of others by number (a PostgreSQL backend)."""
    others = sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids if pid != os.getpid())
    return time.process_time() + float(others)


def least_and_median(values: Sequence[float], digits: int = 2) -> dict[str, float]:
    return {"min": round(min(values), digits), "median": round(statistics.median(values), digits)}


def most_and_median(values: Sequence[float], digits: int = 0) -> dict[str, float]:
    return {"max": round(max(values), digits), "median": round(statistics.median(values), digits)}


def rate(work: Callable[[], int], rounds: int) -> list[float]:
    """How many a CPU second, for each round; `work` answers how many it did."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        done = work()
        found.append(done / max(time.process_time() - begun, 1e-9))
    return found


def yardstick_ms() -> float:
    """CPU ms of a fixed piece of Python: how fast this machine is at this moment. A busy neighbour makes it slower."""
    begun = time.process_time()
    total = 0
    for n in range(300_000):
        total += n * n % 7
    return round((time.process_time() - begun) * 1000, 1) if total else 0.0
