"""`yiwang bench`: measure the engines on this machine; one line of JSON on standard output, progress on standard error."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from yiwang.site import assets, database, paths
from yiwang.site.cli import Stop
from yiwang.site.cli._django import records
from yiwang.site.supervisor import die_with_parent

if TYPE_CHECKING:
    from yiwang.demo.bench.contracts import Figures, Installation

_HOME = "YIWANG_BENCH_HOME"
_NOT_OURS = ("YIWANG_DATABASE_URL", "YIWANG_DATABASE_OWNER_URL", "YIWANG_DATABASE_NAME", "YIWANG_CLUSTER")
_START_SECONDS, _STOP_SECONDS = 600, 60
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The names of demo.bench.queries.TRUST, which needs Django to be read.
_TRUST_BY_ITSELF, _TRUST_ON_A_SITE = ("seals", "codes"), ("batch", "verify", "credit", "logins", "campaign")


_DATA = ("quality", "entities", "registries", "ingest", "catalogue", "scans")


@click.group()
def command() -> None:
    """Measure the engines on this machine."""


@command.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(10, 20_000_000))
@click.option(
    "--clients", default=250, show_default=True, type=click.IntRange(1, 900), help="Clients that come at once."
)
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 50), help="Rounds of each measure.")
@click.option("--each", default=40, show_default=True, type=click.IntRange(1, 1000), help="Requests in a round.")
@click.option("--plans", type=click.Path(dir_okay=False, path_type=Path), help="Where query plans are kept.")
def cases(*, rows: int, clients: int, rounds: int, each: int, plans: Path | None) -> None:
    """Cases over HTTP on an installation of its own in a temporary folder, with SpiffWorkflow beside it."""
    with _own_installation() as site:
        from yiwang.demo.bench import queries
        from yiwang.demo.bench.contracts import Effort

        effort = Effort(rounds=rounds, each=each, clients=clients)
        _print(queries.cases(site=site, rows=rows, effort=effort, plans=_kept(plans), tell=_tell))


@command.command()
@click.option("--rows", default=1_000_000, show_default=True, type=click.IntRange(10, 20_000_000))
@click.option("--day", default=110_000, show_default=True, type=click.IntRange(1), help="Requests of the day taken in.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(1, 50), help="Rounds of each measure.")
@click.option("--each", default=40, show_default=True, type=click.IntRange(1, 1000), help="Requests in a round.")
@click.option("--plans", type=click.Path(dir_okay=False, path_type=Path), help="Where query plans are kept.")
def tickets(*, rows: int, day: int, rounds: int, each: int, plans: Path | None) -> None:
    """Hotline tickets on an installation of its own: lists, taking down, suggestions, topics, a day of a large province."""
    with _own_installation() as site:
        from yiwang.demo.bench import queries
        from yiwang.demo.bench.contracts import Effort

        effort = Effort(rounds=rounds, each=each)
        _print(queries.tickets(site=site, rows=rows, day=day, effort=effort, plans=_kept(plans), tell=_tell))


@command.command()
@click.option("--rules", "rules_count", default=300, show_default=True, type=click.IntRange(1, 2000))
@click.option("--firms", default=100_000, show_default=True, type=click.IntRange(1000, 20_000_000))
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 50), help="Rounds; the least is told.")
def rules(*, rules_count: int, firms: int, threads: int, rounds: int) -> None:
    """Rules over a population in DuckDB and over one record, beside the same by hand; needs no database."""
    import django

    django.setup()
    from yiwang.demo.bench import queries

    _print(queries.rules(rules_count=rules_count, firms=firms, threads=threads, rounds=rounds))


@command.command()
@click.option("--each", default=1000, show_default=True, type=click.IntRange(10, 100_000), help="Calls in a round.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1, 50), help="Rounds; the best is told.")
@click.option("--part", type=click.Choice([*_TRUST_BY_ITSELF, *_TRUST_ON_A_SITE]), help="Only this part.")
@click.option(
    "--lines",
    default=20_000,
    show_default=True,
    type=click.IntRange(10, 100_000),
    help="Licences of a batch, recipients of a campaign.",
)
def trust(*, each: int, rounds: int, part: str | None, lines: int) -> None:
    """What every service leans on, a CPU second, each beside its bound: bare calls, gmssl (extra `bench`), bare SQL, empty requests.

    `seals` and `codes` by themselves need no database; the other parts run on an installation of its own in a temporary folder.
    """
    parts = [part] if part else [*_TRUST_BY_ITSELF, *_TRUST_ON_A_SITE]
    with contextlib.nullcontext() if part in _TRUST_BY_ITSELF else _own_installation() as site:
        import django

        django.setup()
        from yiwang.demo.bench import queries
        from yiwang.demo.bench.contracts import TrustEffort

        effort = TrustEffort(each=each, rounds=rounds, lines=lines)
        _print({name: queries.TRUST[name](site, effort, _tell) for name in parts})


@command.command()
@click.option("--part", "parts", type=click.Choice(_DATA), multiple=True, help="Only this part; may be given again.")
@click.option(
    "--rows",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1000, 100_000_000),
    help="Rows that rules judge, or that a registry holds.",
)
@click.option(
    "--records", default=100_000, show_default=True, type=click.IntRange(1000, 10_000_000), help="Records of people."
)
@click.option("--threads", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option(
    "--rounds", default=3, show_default=True, type=click.IntRange(1, 50), help="Rounds of rules; the least is told."
)
@click.option("--stock/--no-stock", default=True, show_default=True, help="Splink's stock comparisons beside ours.")
@click.option(
    "--reads", default=5000, show_default=True, type=click.IntRange(100, 1_000_000), help="Files that are read."
)
@click.option(
    "--peers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The Python of an environment with great_expectations, cuallee, soda-core-duckdb or pyspark in it.",
)
@click.option("--peer-rows", default=1_000_000, show_default=True, type=click.IntRange(1000, 100_000_000))
@click.option(
    "--entries", default=100_000, show_default=True, type=click.IntRange(100, 1_000_000), help="Of a catalogue."
)
@click.option("--pages", default=20, show_default=True, type=click.IntRange(1, 2000), help="Scans of each quality.")
def data(
    *, parts: tuple[str, ...], rows: int, records: int, threads: int, rounds: int, stock: bool, reads: int,
    peers: Path | None, peer_rows: int, entries: int, pages: int,
) -> None:  # fmt: skip
    """Thirty quality rules in one scan, who is who among made-up people, and files of a registry, each beside others.

    `quality`, `entities` and `scans` (extra `ocr`) by themselves need no database; `registries` runs on an installation of its own in a temporary folder.
    """
    wanted = set(parts or _DATA)
    with _own_installation() if wanted & {"registries", "ingest", "catalogue"} else contextlib.nullcontext() as site:
        import django

        django.setup()
        from yiwang.demo.bench import queries
        from yiwang.kernel.packs import queries as packs

        found: dict[str, Figures] = {}
        shared = paths.SHARED / "data" if paths.SHARED.is_dir() else None
        if "quality" in wanted:
            found["quality"] = queries.quality(
                rows=rows, threads=threads, rounds=rounds, python=peers, peer_rows=peer_rows, tell=_tell
            )
        if "entities" in wanted:
            with packs.using(paths.ROOT / "packs"):
                found["entities"] = queries.entities(
                    records=records, threads=threads, seed=1, stock=stock, shared=shared, tell=_tell
                )
        if "scans" in wanted:
            with packs.using(paths.ROOT / "packs"):
                found["scans"] = queries.scans(pages=pages, tell=_tell)
        if site is not None and "registries" in wanted:
            found["registries"] = queries.registries(
                rows=rows, reads=reads, settle=partial(_tidied, site), site=site, tell=_tell
            )
        if site is not None and "ingest" in wanted:
            found["ingest"] = queries.ingest(rows=rows, tell=_tell)
        if site is not None and "catalogue" in wanted:
            found["catalogue"] = queries.catalogue(site=site, entries=entries, searches=300, shared=shared, tell=_tell)
    _print(found)


def _tidied(site: "Installation") -> None:
    """What the server would do by itself a little later."""
    with site.superuser() as connection:
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE registries_entry")


@contextlib.contextmanager
def _own_installation() -> Iterator["Installation"]:
    """An installation in a temporary folder, by running this very command once more there; ended whichever way the bench ends."""
    if os.environ.get(_HOME) != str(paths.HOME):
        sys.exit(_elsewhere())
    for number in _ENDINGS:
        signal.signal(number, _end_orderly)
    with _installation() as site:
        yield site


def _kept(plans: Path | None) -> Path:
    return plans or Path(tempfile.mkstemp(prefix="yiwang-plans-", suffix=".txt")[1])


def _print(figures: "Figures") -> None:
    click.echo(json.dumps(figures, ensure_ascii=False))


def _tell(sentence: str) -> None:
    click.echo(f"· {sentence}", err=True)


def _elsewhere() -> int:
    """Run this same command once more with a YIWANG_HOME of its own, and leave nothing behind."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        # PostgreSQL may run as an account of its own, which must be able to reach its data.
        home.chmod(0o755)
        for known in (assets.served_folder(), assets.test_folder()):
            if assets.are_ready() and known.is_dir():
                shutil.copytree(known, home / known.relative_to(paths.HOME))
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_OURS}
        environment |= {"YIWANG_HOME": folder, _HOME: folder, "YIWANG_LOG_LEVEL": "WARNING"}
        command = [sys.executable, "-m", "yiwang", *sys.argv[1:]]
        bench = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
        for number in _ENDINGS:
            signal.signal(number, lambda *_: bench.terminate())
        return bench.wait()


def _end_orderly(number: int, frame: object) -> NoReturn:
    """Leave by way of every `finally`, so that nothing runs on; once is enough."""
    for each in _ENDINGS:
        signal.signal(each, signal.SIG_IGN)
    sys.exit(128 + number)


@contextlib.contextmanager
def _installation() -> Iterator["Installation"]:
    """`yiwang up` in our YIWANG_HOME, and Django in this process on the same records."""
    port = _free_port()
    with open(paths.folder("logs") / "up.log", "w") as log:
        command = [sys.executable, "-m", "yiwang", "up", "--port", str(port), "--residents", "200", "--history", "0"]
        up = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with_parent)
    try:
        _wait_until_it_answers(up, port)
        with records():
            from yiwang.demo.bench.contracts import Installation

            cluster = database.cluster()
            yield Installation(
                url=f"http://127.0.0.1:{port}",
                home=paths.HOME,
                up_pid=up.pid,
                postgres_pid=cluster.pid() or 0,
                superuser=lambda: cluster.connect(database.name()),
            )
    finally:
        _end(up)


def _wait_until_it_answers(up: "subprocess.Popen[bytes]", port: int) -> None:
    _tell("starting an installation in a temporary folder")
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and up.poll() is None:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise Stop(f"the installation did not start:\n{(paths.HOME / 'logs' / 'up.log').read_text()[-2000:]}")


def _end(up: "subprocess.Popen[bytes]") -> None:
    if up.poll() is None:
        up.send_signal(signal.SIGTERM)
    try:
        up.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        up.kill()
        up.wait()
    # An `up` that was killed leaves its server behind.
    if database.cluster().pid() is not None:
        database.cluster().stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
