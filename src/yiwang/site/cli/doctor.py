"""`yiwang doctor`: what is as it should be on this machine, and what to do about the rest."""

import os
import platform
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from yiwang.site import assets, database, paths, secrets
from yiwang.site.cli import Stop, load_django
from yiwang.site.postgres import binaries

_FREE_GB_LEAST = 2


@dataclass(frozen=True)
class Finding:
    """One thing looked at: fine, or with a sentence that says what to do."""

    what: str
    is_fine: bool
    say: str


@click.command()
def command() -> None:
    """Look at everything Yiwang needs and say what to do where something is missing."""
    findings = [finding for check in _CHECKS for finding in _look(check)]
    for finding in findings:
        click.echo(f"{'ok  ' if finding.is_fine else 'FAIL'} {finding.what}: {finding.say}")
    failed = sum(not finding.is_fine for finding in findings)
    if failed:
        raise Stop(f"{failed} of {len(findings)} need attention; each line marked FAIL says what to do.")


def _look(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 a check that breaks is itself a finding
        yield Finding(
            check.__name__.removeprefix("_"), False, str(error).splitlines()[0] if str(error) else repr(error)
        )


def _machine() -> Iterator[Finding]:
    yield Finding(
        "python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.platform(terse=True)}"
    )
    free = shutil.disk_usage(paths.HOME).free // 10**9
    yield Finding(
        "disk", free >= _FREE_GB_LEAST, f"{free} GB free at {paths.HOME}; at least {_FREE_GB_LEAST} GB are needed"
    )
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium") or shutil.which("chromium-browser")
    missing = "not installed; only browser tests need it (apt-get install chromium-headless-shell)"
    yield Finding("chromium", True, chromium or missing)


def _environment() -> Iterator[Finding]:
    lock = paths.ROOT / "requirements.lock"
    installed = paths.HOME / "env" / "requirements.lock"
    is_current = installed.is_file() and installed.read_bytes() == lock.read_bytes()
    yield Finding("packages", is_current, "as locked" if is_current else "not as in requirements.lock; run ./yiwang up")
    ready = assets.are_ready()
    yield Finding("front-end files", ready, "as locked" if ready else "not as in package-lock.json; run ./yiwang up")


def _secret_files() -> Iterator[Finding]:
    for path in map(secrets.file, secrets.NAMES):
        if not path.exists():
            yield Finding(
                f"secret {path.name}",
                False,
                f"{path} is missing; restore var/secrets, or run ./yiwang up if this is new",
            )
    folder = paths.HOME / "secrets"
    for path in (folder, *secrets.kept()):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path == folder else "600"
            yield Finding(f"secret {path.name}", False, f"others can read it; run chmod {mode} {path}")
    yield Finding("secrets", True, f"{len(secrets.NAMES)} looked at in {paths.HOME / 'secrets'}")


def _postgres() -> Iterator[Finding]:
    if database.is_outside():
        yield Finding("postgresql", True, "outside, by YIWANG_DATABASE_URL")
        return
    found = binaries.find()
    sentence = (
        f"{found.version} at {found.folder}"
        if found
        else "none runs here; apt-get install postgresql, or set YIWANG_DATABASE_URL"
    )
    yield Finding("postgresql programs", found is not None, sentence)
    pid = database.cluster().pid()
    yield Finding("postgresql server", True, f"running, process {pid}" if pid else "not running; it starts when needed")


def _records() -> Iterator[Finding]:
    from yiwang.site.cli._django import records

    if not database.is_outside() and not database.cluster().exists():
        yield Finding("database", True, "none yet; ./yiwang up makes it")
        return
    with records():
        from django.db import connection
        from django.db.migrations.executor import MigrationExecutor

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('server_version_num')::int / 10000, rolsuper FROM pg_roles WHERE rolname = current_user"
            )
            major, is_superuser = cursor.fetchone()
        yield Finding(
            "database version", major >= binaries.OLDEST, f"PostgreSQL {major}; {binaries.OLDEST} or newer is needed"
        )
        sentence = (
            "the site runs as superuser; give it a role of its own"
            if is_superuser
            else "the site's role is no superuser"
        )
        yield Finding("database role", not is_superuser, sentence)
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        yield Finding(
            "structure", not waiting, f"{waiting} migrations wait; run ./yiwang migrate" if waiting else "current"
        )


def _packs() -> Iterator[Finding]:
    load_django()
    from yiwang.kernel.packs import queries

    problems = queries.check(paths.ROOT / "packs")
    yield Finding(
        "packs", not problems, f"{len(problems)} problems; run ./yiwang packs check" if problems else "no problems"
    )


def _settings() -> Iterator[Finding]:
    from yiwang.kernel.files import queries as files

    scanner = files.scanner()
    yield Finding(
        "virus scanner", True, scanner or "none: uploads are not scanned; set YIWANG_CLAMD to the address of a clamd"
    )
    secure = os.environ.get("YIWANG_TLS") == "1"
    yield Finding(
        "cookies", True, "for TLS only" if secure else "for plain HTTP too; set YIWANG_TLS=1 behind a TLS proxy"
    )


_CHECKS = (_machine, _environment, _secret_files, _postgres, _records, _packs, _settings)
