"""CPU time and memory of an installation's processes, by what they are for.

Counted is the time the kernel charged to each process and to those of its children that have ended: work done, not
time waited, so a busy machine shows in the seconds a run takes and hardly here.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Self

import psutil

from yiwang.demo.bench.contracts import Installation

WEB, POSTGRES, OTHERS, JOBS = "web", "postgres", "others", "jobs"
# Each look walks the page tables of all processes: at two seconds it took a tenth of a core from what is measured.
_LOOK_SECONDS = 10.0
_KIB = 1024


class Meter:
    """Looks at the programs that `yiwang up` runs: the web workers, PostgreSQL, and everything else."""

    def __init__(self, site: Installation) -> None:
        self._roots = {POSTGRES: [site.postgres_pid], WEB: [], OTHERS: []}
        self._parts: dict[str, list[int]] = {JOBS: []}
        for child in psutil.Process(site.up_pid).children():
            if child.pid == site.postgres_pid:
                continue
            command = child.cmdline()
            self._roots[WEB if "gunicorn" in command else OTHERS].append(child.pid)
            if command[-1] == JOBS:
                self._parts[JOBS].append(child.pid)

    def seconds(self) -> dict[str, float]:
        """CPU seconds so far, by group; the job worker is counted among the others, and by itself."""
        found = self._roots | self._parts
        return {group: sum(_seconds(process) for process in _processes(roots)) for group, roots in found.items()}

    def memory_mib(self) -> int:
        """Memory in use now; what processes share is counted once."""
        kib = sum(_pss_kib(process.pid) for roots in self._roots.values() for process in _processes(roots))
        return kib // _KIB


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


def _processes(roots: Iterable[int]) -> Iterator[psutil.Process]:
    for pid in roots:
        try:
            root = psutil.Process(pid)
            yield from (root, *root.children(recursive=True))
        except psutil.NoSuchProcess:
            continue


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
