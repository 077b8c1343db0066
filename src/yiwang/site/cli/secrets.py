"""`yiwang secrets`: what is secret here, and changing it."""

import stat
from datetime import UTC, datetime

import click

from yiwang.site import secrets
from yiwang.site.cli import load_django
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Keys and passwords in var/secrets (密钥): list, rotate, seal anew."""


@command.command("list")
def list_all() -> None:
    """Name, rights, age in days and purpose of each; never a value."""
    load_django()
    from yiwang.site.rotation import PURPOSES

    now = datetime.now(UTC)
    for path in secrets.kept():
        found = path.stat()
        days = (now - datetime.fromtimestamp(found.st_mtime, UTC)).days
        name, _, retired = path.name.partition(".retired-")
        purpose = "retired" if retired else PURPOSES.get(name, "")
        click.echo(f"{stat.S_IMODE(found.st_mode):04o}  {days:5} d  {path.name:45} {purpose}")


@command.command()
@click.argument("name")
def rotate(*, name: str) -> None:
    """Change the secret NAME; what the old one opened stays open."""
    with records("owner"):
        from django.utils import timezone

        from yiwang.kernel.audit import actions as audit
        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.site import rotation

        said = rotation.rotate(name, at=timezone.now())
        audit.record("site.secret.rotated", target=f"secret:{name}", by=SYSTEM, at=timezone.now())
        click.echo(said)


@command.command()
def reseal() -> None:
    """Seal under the key in use what another key sealed; may be interrupted and run again."""
    with records("owner"):
        from yiwang.site import rotation

        for done in rotation.reseal():
            click.echo(f"{done.where}: {done.resealed}")
        click.echo("everything is sealed under the key in use 已全部换封")
