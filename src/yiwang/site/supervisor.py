"""Keeps a fixed set of programs running: starts them, restarts what dies, stops all of them together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.site.failures import Failed

_PATIENCE_SECONDS = 20
_RESTART_SECONDS = (0.5, 1, 2, 5, 10, 30)
_STEADY_SECONDS = 60
_LOG_BYTES_MAX = 20 * 1024 * 1024
_WATCH_AGAIN_SECONDS = 5
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """One program to keep running, under a name that its log file bears too."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class _Child:
    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.failures = 0
        self.start_at = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))
        self.start_at = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.program.command,
                env=os.environ | self.program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def look(self) -> str | None:
        """Restart when dead and due; returns a sentence when something happened."""
        now = time.monotonic()
        if self.process is None:
            return self._try(now) if now >= self.start_at else None
        code = self.process.poll()
        if code is None:
            return None
        return self._again(now, _ending(code))

    def _try(self, now: float) -> str | None:
        try:
            self.start()
        except OSError as error:
            # No room for its log, no process to be had: that passes, and nobody else must end for it.
            return self._again(now, str(error.strerror))
        return None

    def _again(self, now: float, ending: str) -> str:
        self.failures = 0 if now - self.start_at > _STEADY_SECONDS else self.failures + 1
        wait = _RESTART_SECONDS[min(self.failures, len(_RESTART_SECONDS) - 1)]
        self.process, self.start_at = None, now + wait
        return f"{self.program.name} ended ({ending}), starting it again in {wait:g} s; see {self.log}"


class Supervisor:
    """Runs programs until told to stop."""

    def __init__(self, programs: Sequence[Program], *, logs: Path, watch: Callable[[], None]) -> None:
        self._children = [_Child(program, logs / f"{program.name}.log") for program in programs]
        self._watch = watch
        self._watch_at = 0.0
        self._stopping = False

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Start all, call `announce` once `ready` holds, look after them until SIGINT or SIGTERM, then stop all."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for child in self._children:
                child.start()
            is_announced = False
            while not self._stopping:
                self._look()
                if not is_announced and ready():
                    announce()
                    is_announced = True
                time.sleep(0.5 if is_announced else 0.1)
        finally:
            self._end()

    def _look(self) -> None:
        self._watch_over()
        for child in self._children:
            happened = child.look()
            if happened:
                _say(happened)

    def _watch_over(self) -> None:
        now = time.monotonic()
        if now < self._watch_at:
            return
        try:
            self._watch()
        except (Failed, OSError) as error:
            # What cannot be mended now (a full disk) may be mended later, and the others go on meanwhile.
            self._watch_at = now + _WATCH_AGAIN_SECONDS
            _say(f"{error} Trying again in {_WATCH_AGAIN_SECONDS} s.")

    def _stop(self, number: int, frame: object) -> None:
        self._stopping = True

    def _end(self) -> None:
        processes = [child.process for child in self._children if child.process is not None]
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _say(sentence: str) -> None:
    # Where this is written may be the disk that is full.
    with contextlib.suppress(OSError):
        sys.stderr.write(f"yiwang: {sentence}\n")
        sys.stderr.flush()


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def die_with_parent() -> None:
    """Between fork and exec: a parent that is killed with -9 must not leave its programs behind on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
