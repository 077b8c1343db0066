"""`yiwang up` as an operator meets it: up, killed, up again, down."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.patience import PATIENCE_SECONDS, free_port, until
from yiwang.site import paths
from yiwang.site.postgres import Cluster


@pytest.fixture
def home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="yiwang-up-"))
    for name in ("assets", "static-vendor"):
        shutil.copytree(paths.HOME / name, made / name)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def start(home: Path, port: int) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    started: list[subprocess.Popen[str]] = []

    def starter(*options: str) -> "subprocess.Popen[str]":
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("YIWANG_CLUSTER", "DJANGO_SETTINGS_MODULE")
        }
        environment |= {"YIWANG_HOME": str(home), "YIWANG_WORKERS": "1", "PYTHONPATH": str(paths.ROOT / "src")}
        command = [sys.executable, "-m", "yiwang", "up", "--port", str(port), *options]
        process = subprocess.Popen(
            command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        started.append(process)
        return process

    yield starter
    for process in started:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
    Cluster(home / "pg").stop()


def test_operator_starts_kills_and_stops(start: Callable[..., "subprocess.Popen[str]"], home: Path, port: int) -> None:
    first = start("--no-demo")
    _until(lambda: _answers(port), first)

    refused = start()
    said, _ = refused.communicate(timeout=PATIENCE_SECONDS)
    assert (refused.returncode, said.count("\n")) == (1, 1)
    assert "already running" in said

    cluster = Cluster(home / "pg")
    killed = cluster.pid()
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    _until(lambda: cluster.pid() not in (None, killed) and _answers(port), first)

    web = next(child for child in _children(first) if "gunicorn" in child.info["cmdline"])
    web.kill()
    _until(lambda: not web.is_running() and _answers(port), first)

    children = [child for child in _children(first) if child.info["name"] != "postgres"]
    first.kill()
    first.wait()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE_SECONDS)
    assert not alive

    second = start("--no-demo")
    _until(lambda: _answers(port), second)
    second.send_signal(signal.SIGINT)
    said, _ = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == 0, said
    assert "stopped" in said
    assert cluster.pid() is None
    assert not _answers(port)


def _children(process: "subprocess.Popen[str]") -> list[psutil.Process]:
    """Those that still are when asked what they are: one may end between the list and the question."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.info = {"name": child.name(), "cmdline": " ".join(child.cmdline())}  # type: ignore[attr-defined]
            found.append(child)
    return found


def _answers(port: int) -> bool:
    with (
        suppress(OSError),
        urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz?check=database", timeout=30) as answer,
    ):
        return bool(answer.status == 200)
    return False


def _until(holds: Callable[[], bool], process: "subprocess.Popen[str] | None" = None) -> None:
    def seen() -> bool:
        if process is not None and process.poll() is not None:
            raise AssertionError(process.communicate()[0])
        return holds()

    until(seen)
