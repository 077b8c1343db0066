"""`yiwang revive`: the part of `yiwang restore` that works on records, in the home that is being built."""

from pathlib import Path

import click

from yiwang.site.cli._django import become_app_role, records


@click.command(hidden=True)
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(source: Path) -> None:
    """Read a backup's database in, bring it up to date and prove it."""
    with records("owner"):
        from django.utils import timezone

        from yiwang.site import structure
        from yiwang.site.backup import manifest, revive

        revive.load(source, manifest.read(source))
        structure.bring_up_to_date()
        become_app_role()
        click.echo(revive.prove(source, at=timezone.now()))
