"""`yiwang incidents`: the census of components."""

from pathlib import Path

import click

from yiwang.site.cli import _problems
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Components of the city (城市部件) that incidents name."""


@command.group()
def components() -> None:
    """The census of components."""


@components.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Take in components: CSV (mark,lon,lat[,name,owner]) or GeoJSON points with the same properties. Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.governance.incidents import actions
        from yiwang.kernel.base.contracts import SYSTEM

        report = actions.import_census(path=file, by=SYSTEM, at=timezone.now())
    more = _problems.tell(report.problems)
    click.echo(
        f"新增 {report.created}，更新 {report.changed}，未变 {report.unchanged}，退回 {len(report.problems)}{more}"
    )
