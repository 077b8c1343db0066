"""The supervisor outlives what it looks after, and what it cannot do just now."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from yiwang.site.postgres.server import PostgresFailed
from yiwang.site.supervisor import Program, Supervisor

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def _own_handlers() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(programs: list[Program], logs: Path, watch: Callable[[], None], until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS

    def is_enough() -> bool:
        assert time.monotonic() < deadline
        return until()

    Supervisor(programs, logs=logs, watch=watch).run(
        ready=is_enough, announce=lambda: os.kill(os.getpid(), signal.SIGTERM)
    )


def test_a_database_that_cannot_start_now_does_not_end_the_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def watch() -> None:
        raise PostgresFailed("PostgreSQL did not start.")

    made = tmp_path / "made"
    program = Program("web", [sys.executable, "-c", f"open({str(made)!r}, 'w'); import time; time.sleep(600)"])
    run([program], tmp_path, watch, made.exists)
    assert "PostgreSQL did not start. Trying again" in capfd.readouterr().err


def test_a_program_that_cannot_be_started_now_is_tried_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logs, said = tmp_path / "logs", [""]
    logs.mkdir()
    # As a full disk does: when it is to be started again its log cannot be opened.
    ends = Program("jobs", [sys.executable, "-c", f"import shutil; shutil.rmtree({str(logs)!r})"])

    def is_tried_and_back() -> bool:
        said[0] += capfd.readouterr().err
        if "No such file" in said[0] and not logs.exists():
            logs.mkdir()
        return said[0].count("jobs ended (exit code") > 1

    run([ends], logs, lambda: None, is_tried_and_back)
    assert "jobs ended (No such file or directory), starting it again" in said[0]
    shutil.rmtree(logs, ignore_errors=True)
