"""`yiwang credit`: take a lake table of credit records in."""

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Public credit (公共信用): records of firms."""


@command.command()
@click.argument("table")
def take(table: str) -> None:
    """Take the newest snapshot of a lake TABLE in; its name is the source. Columns as POST /api/credit/records has them."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.credit import actions

        report = actions.take_table(table=table, by=SYSTEM, at=timezone.now())
        for number, said in report.problems.items():
            click.echo(f"{number}：{said}", err=True)
        click.echo(f"新收{report.created}条，更新{report.changed}条，没有变化{report.unchanged}条。")
