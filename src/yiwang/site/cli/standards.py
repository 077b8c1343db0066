"""`yiwang standards`: items and code lists of national standards from files."""

from datetime import datetime
from pathlib import Path

import click

from yiwang.site.cli import _problems
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Import data standards (数据标准)."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The day from which changes hold; today.")
def import_(file: Path, since: datetime | None) -> None:
    """Take in a standard (JSON: source, tables of {name, fmt, note}, codes). Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.data.standards import actions
        from yiwang.kernel.base.contracts import SYSTEM

        day = since.date() if since else None
        report = actions.import_document(path=file, since=day, by=SYSTEM, at=timezone.now())
    more = _problems.tell(report.problems)
    click.echo(
        f"{report.standard}：条目新增 {report.created}，变更 {report.changed}，未变 {report.unchanged}，停用 {report.ended}；"
        f"代码集新增 {report.lists_created}，变更 {report.lists_changed}，未变 {report.lists_unchanged}；退回 {len(report.problems)}{more}"
    )
