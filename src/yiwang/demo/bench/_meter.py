"""CPU time and memory of an installation's processes, by what they are for.

Counted is the time the kernel charged to each process and to those of its children that have ended: work done, not
time waited, so a busy machine shows in the seconds a run takes and hardly here.
"""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil

from yiwang.demo.bench.contracts import Installation

WEB, POSTGRES, OTHERS = "web", "postgres", "others"
_LOOK_SECONDS = 2.0
_KIB = 1024


class Meter:
    """Looks at the programs that `yiwang up` runs: the web workers, PostgreSQL, and everything else."""

    def __init__(self, site: Installation) -> None:
        self._roots = {POSTGRES: [site.postgres_pid], WEB: [], OTHERS: []}
        for child in psutil.Process(site.up_pid).children():
            if child.pid == site.postgres_pid:
                continue
            self._roots[WEB if "gunicorn" in child.cmdline() else OTHERS].append(child.pid)

    def seconds(self) -> dict[str, float]:
        """CPU seconds so far, by group."""
        return {group: sum(_seconds(process) for process in self._of(group)) for group in self._roots}

    def memory_mib(self) -> int:
        """Memory in use now; what processes share is counted once."""
        kib = sum(_pss_kib(process.pid) for group in self._roots for process in self._of(group))
        return kib // _KIB

    def _of(self, group: str) -> Iterator[psutil.Process]:
        for pid in self._roots[group]:
            try:
                root = psutil.Process(pid)
                yield from (root, *root.children(recursive=True))
            except psutil.NoSuchProcess:
                continue


class Peak:
    """Watches memory for the length of a `with` block."""

    def __init__(self, meter: Meter) -> None:
        self.mib = 0
        self._meter = meter
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *wrong: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while True:
            self.mib = max(self.mib, self._meter.memory_mib())
            if self._stop.wait(_LOOK_SECONDS):
                return


def spent(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    return {group: after[group] - before[group] for group in before}


def _seconds(process: psutil.Process) -> float:
    try:
        return float(sum(process.cpu_times()[:4]))
    except psutil.NoSuchProcess:
        return 0.0


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
