"""`yiwang matters`: item lists into the records, matters of packs to their organisations, codes taken apart."""

from datetime import datetime
from pathlib import Path

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Import item lists (事项清单), publish the packs' matters, explain item codes."""


@command.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--effective", type=click.DateTime(["%Y-%m-%d"]), help="First day on which the list holds; today if not given."
)
@click.option("--quiet", is_flag=True, help="Only the counts, not every problem.")
def import_(file: Path, effective: datetime | None, quiet: bool) -> None:
    """Carry a CSV item list into the records; each problem as `file:line: what. what to do`. Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.services.matters import actions

        report = actions.import_list(
            path=file, by=SYSTEM, at=timezone.now(), effective_on=effective.date() if effective else None
        )
    if not quiet:
        for line in report.lines():
            click.echo(line)
    click.echo(
        f"读入 {report.read} 行：新增 {report.created}，更新 {report.updated}，未变 {report.unchanged}，"
        f"搁置 {report.set_aside}；新增单位 {report.organisations_created}，问题 {len(report.problems)} 处。"
    )
    if not report.is_reconciled:
        raise Stop("行数对不上，请把清单和这条输出交给开发者。")


@command.command()
def publish() -> None:
    """Give every organisation of the right kind its list for each matter that packs define. Safe to repeat."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.services.matters import actions

        report = actions.publish(by=SYSTEM, at=timezone.now())
    click.echo(
        f"新增 {report.created} 项，更新 {report.updated} 项，未变 {report.unchanged} 项，停用 {report.ended} 项。"
    )


@command.command()
@click.argument("text")
def code(text: str) -> None:
    """Take an item code apart: every part with its name."""
    import django

    django.setup()
    from yiwang.services.matters import queries

    for part in queries.parse_code(text).components:
        click.echo(f"{part.title}\t{part.value}")
