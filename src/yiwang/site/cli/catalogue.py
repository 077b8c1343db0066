"""`yiwang catalogue`: a department's entries from a file."""

from pathlib import Path

import click

from yiwang.site.cli import _problems
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Import departments' data catalogues (数据目录)."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Take in a CSV file, one line an item (columns: docs/how-to/import-a-catalogue.md). Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.data.catalogue import actions
        from yiwang.kernel.base.contracts import SYSTEM

        report = actions.import_file(path=file, by=SYSTEM, at=timezone.now())
    more = _problems.tell(report.problems)
    click.echo(
        f"新增 {report.created}，修订 {report.revised}，未变 {report.unchanged}，问题 {len(report.problems)}{more}"
    )
