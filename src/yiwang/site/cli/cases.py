"""`yiwang cases`: what an operator does to running cases."""

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records

SHOWN_MAX = 50


@click.group()
def command() -> None:
    """Look after running cases (办件)."""


@command.command()
@click.argument("flow")
@click.option("--to", "version", type=click.IntRange(1, 9999), required=True, help="The version to move to.")
@click.option("--dry-run", is_flag=True, help="Only say what would move and what could not follow.")
def migrate(flow: str, version: int, *, dry_run: bool) -> None:
    """Move the running cases of FLOW to another version of it, and say which cannot follow and why."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.cases import actions
        from yiwang.kernel.packs.contracts import PackNotFound

        try:
            report = actions.migrate_version(flow=flow, to=version, by=SYSTEM, at=timezone.now(), dry_run=dry_run)
        except PackNotFound as wrong:
            raise Stop(f"{wrong.message}{wrong.hint}") from wrong
        click.echo(
            f"{'可以换到' if dry_run else '已换到'}第{version}版：{len(report.moved)}件；不能换：{len(report.stays)}件。"
        )
        for line in report.stays[:SHOWN_MAX]:
            click.echo(f"  {line.number}（第{line.from_version}版）：{'；'.join(line.reasons)}")
        if len(report.stays) > SHOWN_MAX:
            click.echo(f"  …… 另有{len(report.stays) - SHOWN_MAX}件")
