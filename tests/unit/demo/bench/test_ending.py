"""A bench that is told to end takes its installation with it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from tests.patience import until

_PATIENCE_SECONDS = 120


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_no_installation_running(number: signal.Signals) -> None:
    # Short, because PostgreSQL's socket lies in it.
    # The last of the children may still write while it ends.
    with tempfile.TemporaryDirectory(prefix="yw", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "yiwang", "bench", "cases", "--rows", "10"]
        environment = os.environ | {"TMPDIR": folder}
        bench = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            up = int(_told(Path(folder), "up", r"process (\d+)"))
            bench.send_signal(number)
            assert bench.wait(_PATIENCE_SECONDS) != 0
            assert not psutil.pid_exists(up)
            assert list(Path(folder).iterdir()) == []
        finally:
            bench.kill()


def test_an_installation_that_was_killed_leaves_no_server() -> None:
    # The last of the children may still write while it ends.
    with tempfile.TemporaryDirectory(prefix="yw", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        command = [sys.executable, "-m", "yiwang", "bench", "cases", "--rows", "10"]
        environment = os.environ | {"TMPDIR": folder}
        bench = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            up = int(_told(Path(folder), "up", r"process (\d+)"))
            server = int(_told(Path(folder), "pg/data/postmaster.pid", r"(\d+)\n(?:.*\n)+ready"))
            os.kill(up, signal.SIGKILL)
            assert bench.wait(_PATIENCE_SECONDS) != 0
            until(lambda: not psutil.pid_exists(server), "the server ends when its supervisor was killed")
        finally:
            bench.kill()


def _told(folder: Path, file: str, pattern: str) -> str:
    """What a file of the installation says, once it says so."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for said in folder.glob(f"yiwang-bench-*/{file}"):
            found = re.match(pattern, said.read_text(encoding="utf-8"))
            if found:
                return found[1]
        time.sleep(0.1)
    raise AssertionError("the bench started no installation")
