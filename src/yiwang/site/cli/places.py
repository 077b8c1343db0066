"""`yiwang places`: grids and standard addresses from files."""

from pathlib import Path

import click

from yiwang.site.cli import _problems
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Import grids and standard addresses (网格、标准地址)."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Take in grids (GeoJSON: code, name) or addresses (CSV: text,region_code,lon,lat[,road,number,title]). Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.data.places import actions
        from yiwang.kernel.base.contracts import SYSTEM

        report = actions.import_file(path=file, by=SYSTEM, at=timezone.now())
    more = _problems.tell(report.problems)
    click.echo(
        f"新增 {report.created}，更新 {report.changed}，未变 {report.unchanged}，退回 {len(report.problems)}{more}"
    )
