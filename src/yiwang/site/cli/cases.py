"""`yiwang cases`: flows for other tools, and what an operator does to running cases."""

from pathlib import Path

import click

from yiwang.site import paths
from yiwang.site.cli import Stop, load_django
from yiwang.site.cli._django import records

SHOWN_MAX = 50


@click.group()
def command() -> None:
    """Flows for other tools, running cases (办件) for the operator."""


@command.command()
@click.argument("flow")
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file instead of the terminal."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=paths.ROOT / "packs",
    help="The packs folder.",
)
def bpmn(flow: str, out: Path | None, root: Path) -> None:
    """Write FLOW (such as standard.permit) as a BPMN 2.0 file; reads the packs folder, needs no database."""
    load_django()
    from yiwang.kernel.cases import queries
    from yiwang.kernel.packs import queries as packs

    with packs.using(root):
        text = queries.flow_bpmn(flow)
    if out is None:
        click.echo(text)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"已写入 {out}")


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
