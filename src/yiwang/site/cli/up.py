"""`yiwang up`: from whatever state the machine is in to a running site, and down again cleanly."""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import click

from yiwang.site import database, paths, settled
from yiwang.site.cli import Stop
from yiwang.site.prepare import prepare
from yiwang.site.programs import counts, programs
from yiwang.site.progress import step
from yiwang.site.supervisor import Supervisor

_START_SECONDS = 90
# What looks after PostgreSQL looks after the other programs too, and comes back.
_AGAIN_SECONDS = 15


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1.")
@click.option("--residents", type=click.IntRange(100), help="Size of the demo place when it is created.")
@click.option("--demo/--no-demo", default=True, help="Create the demo place in an empty database.")
@click.option(
    "--history",
    default=5,
    show_default=True,
    type=click.IntRange(0, 250),
    help="Past work days to play when the demo place is created.",
)
def command(*, port: int, residents: int | None, demo: bool, history: int) -> None:
    """Prepare everything, then serve until Ctrl-C."""
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, _interrupt)
    os.environ["YIWANG_DEMO"] = "1" if demo else "0"
    with _only_one(port):
        _check_port(port)
        prepare()
        _serve(port, residents, history, demo=demo, begun=begun)
    click.echo("yiwang: stopped 已停止")


def _serve(port: int, residents: int | None, history: int, *, demo: bool, begun: float) -> None:
    with _database():
        accounts = _settle(residents, history, demo=demo)
        supervisor = Supervisor(programs(port=port, demo=demo), logs=paths.folder("logs"), watch=_watch())
        with _counting():
            supervisor.run(ready=_readiness(port), announce=lambda: _announce(port, time.monotonic() - begun, accounts))


@contextlib.contextmanager
def _counting() -> Iterator[None]:
    # What earlier processes counted is over: counters start anew with the installation.
    shutil.rmtree(counts(), ignore_errors=True)
    counts().mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(counts(), ignore_errors=True)


@contextlib.contextmanager
def _only_one(port: int) -> Iterator[None]:
    with open(paths.folder() / "up", "a+") as running:
        try:
            fcntl.flock(running, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running.seek(0)
            raise Stop(
                f"already running ({running.read().strip()}). Stop that one first, or set YIWANG_HOME."
            ) from None
        running.truncate(0)
        running.write(f"process {os.getpid()}, http://127.0.0.1:{port}/")
        running.flush()
        yield


@contextlib.contextmanager
def _database() -> Iterator[None]:
    if database.is_outside():
        yield
        return
    with contextlib.ExitStack() as stack:
        with step("starting PostgreSQL 启动数据库"):
            stack.enter_context(database.cluster().running())
        yield


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Stop(
                f"port {port} is not free ({error.strerror}). Choose another: yiwang up --port {port + 1}"
            ) from None


def _settle(residents: int | None, history: int, *, demo: bool) -> str:
    known = settled.recall(demo=demo)
    if known is not None:
        return known
    size = ["--history", str(history), *(["--residents", str(residents)] if residents else [])]
    command = [sys.executable, "-m", "yiwang", "settle", "--demo" if demo else "--no-demo", *size]
    environment = os.environ | {"YIWANG_LOG_LEVEL": "WARNING"}
    with step("preparing records 准备数据"):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Stop("the records could not be prepared; the reason is above.")
    settled.remember(done.stdout, demo=demo)
    return done.stdout


def _watch() -> Callable[[], None]:
    cluster = None if database.is_outside() else database.cluster()

    def look() -> None:
        if cluster is not None and cluster.pid() is None:
            with contextlib.suppress(OSError):
                sys.stderr.write("yiwang: PostgreSQL is gone, starting it again\n")
            cluster.ensure(seconds=_AGAIN_SECONDS, may_be_new=False)

    return look


def _readiness(port: int) -> Callable[[], bool]:
    deadline = time.monotonic() + _START_SECONDS

    def is_ready() -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz?check=database", timeout=2) as answer,
        ):
            return bool(answer.status == 200)
        if time.monotonic() > deadline:
            raise Stop(f"the site did not answer within {_START_SECONDS} s; see {paths.HOME / 'logs' / 'web.log'}")
        return False

    return is_ready


def _announce(port: int, seconds: float, accounts: str) -> None:
    click.echo(f"\nYiwang 一网 is ready after {seconds:.1f} s 已就绪\n")
    click.echo(f"  网站 site    http://127.0.0.1:{port}/")
    click.echo(f"  接口 API     http://127.0.0.1:{port}/api/openapi.json")
    click.echo(f"  日志 logs    {paths.HOME / 'logs'}")
    rows = [line.split("\t") for line in accounts.splitlines() if line.count("\t") == 2]
    if rows:
        click.echo(f"\n  演示账号 demo accounts, password 密码 {rows[0][1]}")
    for username, _, who in rows:
        click.echo(f"    {username:<20} {who}")
    click.echo("\nCtrl-C to stop 按 Ctrl-C 停止\n")


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
