"""An installation of a trial's own: `yiwang up` in a folder, the processes it runs, and the operator's way into its database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import yaml

from yiwang.site import paths
from yiwang.site.postgres import Cluster

PATIENCE_SECONDS = 900
PARTS = ("web-worker", "web-master", "jobs", "sequencer", "clock", "stand-ins", "postmaster", "backend")
_COMMANDS = {
    "web-master": "gunicorn",
    "jobs": "yiwang jobs",
    "sequencer": "ledger sequence",
    "clock": "yiwang clock",
    "stand-ins": "yiwang.standins",
}
_NOT_OURS = ("YIWANG_CLUSTER", "DJANGO_SETTINGS_MODULE", "YIWANG_DATABASE_URL", "YIWANG_DATABASE_NAME")
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE usename = 'yiwang_app' ORDER BY state <> 'active', pid"


def new_home(below: Path | None = None) -> Path:
    """A folder with the front-end files of this checkout in it, so that nothing is fetched."""
    home = Path(tempfile.mkdtemp(prefix="yiwang-outage-", dir=below))
    for name in ("assets", "static-vendor"):
        shutil.copytree(paths.HOME / name, home / name)
    return home


def copy_of(settled: Path, below: Path | None = None) -> Path:
    """The same installation in another folder, each file its owner's still: PostgreSQL insists."""
    home = Path(tempfile.mkdtemp(prefix="yiwang-outage-", dir=below))
    subprocess.run(["cp", "-a", f"{settled}/.", str(home)], check=True)
    return home


class Site:
    """Starts and stops `yiwang up`, and knows which process is which; touches no process but those."""

    def __init__(self, home: Path, *, environment: dict[str, str] | None = None) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.home, self.base = home, f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        self.environment |= {"YIWANG_HOME": str(home), "YIWANG_WORKERS": "2", "PYTHONPATH": str(paths.ROOT / "src")}
        self.environment |= environment or {}
        self.cluster = Cluster(home / "pg")
        self.process: subprocess.Popen[str] | None = None
        demo = yaml.safe_load((paths.ROOT / "packs/anlan/demo/place.yaml").read_text("utf-8"))
        self.password = str(demo["password"])
        self.residents = [row["username"] for row in demo["residents"] if row["username"] != "agent"]
        self.phones = {row["username"]: row["phone"] for row in demo["residents"]}

    def start(self) -> None:
        """Until it answers; what it says is in `up.txt`."""
        with open(self.home / "up.txt", "a", encoding="utf-8") as said:
            size = ("--residents", "100", "--history", "0")
            self.process = self._yiwang(subprocess.Popen, "up", "--port", str(self.port), *size, stdout=said)
        self.until(self.is_ready, "the site answers")

    def stop(self) -> None:
        """All of it, in order; what does not end by itself is ended."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=120)
        finally:
            self.cluster.stop()

    def said(self) -> str:
        return (self.home / "up.txt").read_text("utf-8")

    def is_ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.base}/readyz?check=database", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def until(self, holds: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> float:
        """Wait for it; how long that took. The installation itself must live on."""
        begun = time.monotonic()
        while not holds():
            assert self.process is None or self.process.poll() is None, f"`yiwang up` ended:\n{self.said()[-3000:]}"
            passed = time.monotonic() - begun
            assert passed < seconds, f"not within {seconds:.0f} s: {what}\n{self.said()[-3000:]}"
            time.sleep(0.1)
        return time.monotonic() - begun

    def processes(self, part: str) -> list[psutil.Process]:
        """The live processes of a part."""
        if part == "postmaster":
            pid = self.cluster.pid()
            return [psutil.Process(pid)] if pid else []
        if part == "backend":
            return [psutil.Process(row[0]) for row in self.sql(_BACKENDS) if psutil.pid_exists(row[0])]
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        if part == "web-worker":
            return [worker for master in self.processes("web-master") for worker in master.children()]
        return [child for child in children if _COMMANDS[part] in _command(child)]

    def everything(self) -> list[psutil.Process]:
        """The installation's processes, PostgreSQL's too."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the installation's database as its superuser."""
        password = (self.home / "secrets/database-superuser").read_text("ascii").strip()
        where = {"host": str(self.cluster.socket), "user": "postgres", "dbname": "yiwang", "password": password}
        with psycopg.connect(autocommit=True, connect_timeout=20, **where) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def client(self, username: str = "", *, timeout: float = 60) -> httpx.Client:
        """Somebody's browser: signed in, or a stranger's."""
        client = httpx.Client(base_url=self.base, trust_env=False, timeout=timeout)
        if username:
            client.headers["X-CSRFToken"] = client.get("/api/login/whoami").json()["csrf_token"]
            door = "person" if username in self.residents else "staff"
            body = {"door": door, "identifier": username, "password": self.password}
            answer = client.post("/api/login/session", json=body)
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRFToken"] = answer.json()["csrf_token"]
        return client

    def command(self, *arguments: str) -> str:
        """What an operator's command says; it must end well."""
        done = self._yiwang(subprocess.run, *arguments, stdout=subprocess.PIPE)
        assert done.returncode == 0, done.stdout
        return str(done.stdout)

    def _yiwang(self, run: Callable[..., Any], *arguments: str, **more: Any) -> Any:
        command = [sys.executable, "-m", "yiwang", *arguments]
        return run(command, env=self.environment, text=True, stderr=subprocess.STDOUT, **more)


def _command(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline())
    return ""
