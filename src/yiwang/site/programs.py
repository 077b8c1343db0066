"""What `yiwang up` keeps running besides PostgreSQL."""

import hashlib
import os
import sys
from pathlib import Path

from yiwang.site import paths
from yiwang.site.supervisor import Program

THREADS = 8
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, closed to others


def programs(*, port: int, demo: bool) -> tuple[Program, ...]:
    """The programs of an installation, and in the demo place those that play the outside world."""
    counting = {"PROMETHEUS_MULTIPROC_DIR": str(counts())}
    always = (
        Program("web", _web(port), counting | {"YIWANG_POOL_SIZE": str(THREADS)}),
        Program("jobs", _yiwang("jobs"), counting),
        Program("sequencer", _yiwang("ledger", "sequence", "--loop"), counting),
        Program("clock", _yiwang("clock"), counting),
    )
    outside_world = (Program("standins", _standins(port)),)
    return always + outside_world if demo else always


def counts() -> Path:
    """Where processes count what they do, for as long as the installation is up.

    In memory: they write to mapped files, and the system ends (SIGBUS) whoever does so on a disk that is full.
    """
    if not os.access(_MEMORY, os.W_OK):
        return paths.HOME / "metrics"
    return _MEMORY / f"yiwang-{os.geteuid()}-{hashlib.sha256(os.fsencode(paths.HOME)).hexdigest()[:12]}"


def web_workers() -> int:
    """YIWANG_WORKERS, else two for a small machine and one per core for a larger one."""
    return int(os.environ.get("YIWANG_WORKERS") or max(2, os.cpu_count() or 2))


def _web(port: int) -> list[str]:
    options = ["--bind", f"127.0.0.1:{port}", "--workers", str(web_workers()), "--threads", str(THREADS)]
    return [sys.executable, "-m", "gunicorn", "--config", "python:yiwang.site.gunicorn", *options, "yiwang.site.wsgi"]


def _standins(port: int) -> list[str]:
    # Any free ports: they write down where they listen, and two installations on one machine do not collide.
    return _yiwang("standins", "run", "--port-base", "0", "--platform", f"http://127.0.0.1:{port}")


def _yiwang(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "yiwang", *arguments]
