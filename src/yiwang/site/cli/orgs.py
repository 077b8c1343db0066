"""`yiwang orgs`: regions and organisations of a place from lists."""

from pathlib import Path

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Import regions and organisations (行政区划、组织机构)."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Add the regions (code,name) or organisations (uscc,name,kind,region_code,…) of a CSV file. Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.orgs import actions

        report = actions.import_list(path=file, by=SYSTEM, at=timezone.now())
    click.echo(f"新增行政区划 {report.regions} 个、单位 {report.organisations} 个，已有 {report.known} 个未变。")
