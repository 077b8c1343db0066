"""`yiwang quality`: inspect resources, print how they stand."""

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """How good the data are (数据质量)."""


@command.command()
@click.argument("resource", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every resource with data that no report is about yet.")
def inspect(resource: str | None, is_all: bool) -> None:
    """Inspect the newest data of RESOURCE (a code of the catalogue): report, problems to their source, corrections verified."""
    if (resource is None) == (not is_all):
        raise Stop("请写一个资源代码，或 --all。")
    with records():
        from django.utils import timezone

        from yiwang.data.quality import actions, queries
        from yiwang.kernel.base.contracts import SYSTEM, YiwangError

        failed = 0
        for code in [resource] if resource else queries.inspectable():
            try:
                found = actions.inspect(resource=code, by=SYSTEM, at=timezone.now())
            except YiwangError as error:
                failed += 1
                click.echo(f"{code}: {error.message}{error.hint}", err=True)
                continue
            click.echo(
                f"{code}  {found.title}  得分 {found.score}  {found.rows}行，有问题的 {found.faulty_rows}行  报告 {found.id}"
            )
            for one in found.findings:
                if one.failed:
                    click.echo(f"    {one.failed:>9} / {one.judged:<9} {one.sentence}")
    if failed:
        raise Stop(f"{failed}项资源没有检查成。")


@command.command()
def report() -> None:
    """How every inspected resource stands, the worst first, and each unit's mean."""
    with records():
        from yiwang.data.quality import queries
        from yiwang.kernel.base.contracts import SYSTEM

        totals = queries.totals(SYSTEM)
        click.echo(f"资源 {totals.resources}，待更正 {totals.problems}，待答复的异议 {totals.objections}")
        cursor = None
        while True:
            page = queries.worst(SYSTEM, cursor, size=200)
            for one in page.items:
                click.echo(
                    f"{one.report.score or '—':>6}  {one.resource}  {one.title}（{one.org_name}）有问题的 {one.report.faulty_rows} / {one.report.rows}行"
                )
            cursor = page.next_cursor
            if cursor is None:
                break
        for unit in queries.by_org(SYSTEM):
            click.echo(f"{unit.score:>6.2f}  {unit.name}：{unit.resources}项，待更正 {unit.problems}件")
