"""`yiwang outside`: how the lines to outside systems stand, and comparing both sides by hand."""

import datetime
import sys

import click

from yiwang.site.cli._django import records

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Look after the lines to outside systems (外部系统)."""


@command.command()
def status() -> None:
    """How each line stands, a line each."""
    with records():
        from yiwang.support.connectors import queries

        lines = queries.lines()
    for line in lines:
        state = "正常" if line.is_up else f"自{line.down_since:%Y-%m-%d %H:%M}不可用({line.trouble})"
        click.echo(f"{line.system}\t{state}\t排队{line.waiting}\t差异{line.open_differences}\t{line.title}")


@command.command()
@click.argument("system", required=False)
@click.option("--date", "day", type=DAY, help="The day to compare (default: today, Asia/Shanghai).")
def reconcile(system: str | None, day: datetime.datetime | None) -> None:
    """Compare a day with SYSTEM, or with all; fetch missed answers, list what people must settle."""
    failed = False
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM, Unavailable
        from yiwang.support.connectors import actions, queries

        chosen = [queries.system(system)] if system else [each for each in queries.systems() if each.has_reconciliation]
        on = day.date() if day else timezone.localdate()
        for each in chosen:
            try:
                done = actions.reconcile(system=each.id, day=on, by=SYSTEM, at=timezone.now())
            except Unavailable as error:
                failed = True
                click.echo(f"{each.id}\t未能对账:{error.message}{error.hint}", err=True)
                continue
            click.echo(
                f"{each.id}\t{on}\t本方{done.ours}\t对方{done.theirs}\t补齐{done.repaired}\t差异{done.differences}"
            )
        for difference in queries.differences(size=200).items:
            if difference.system in {each.id for each in chosen}:
                click.echo(f"  差异 {difference.id}\t{difference.system}\t{difference.reference}\t{difference.title}")
    if failed:
        sys.exit(1)


@command.command()
@click.argument("system")
def push(system: str) -> None:
    """Carry what waits for SYSTEM now, without waiting for the worker."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.connectors import actions

        at = timezone.now()
        actions.try_now(system=system, by=SYSTEM, at=at)
        went = actions.pump(system=system, by=SYSTEM, at=at)
    click.echo(f"送达{went}件。")


@command.command()
@click.argument("system")
def key(system: str) -> None:
    """Where the key shared with SYSTEM lies; make one if there is none."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.connectors import actions, queries

        name = queries.system(system).id
        path, is_new = actions.ensure_key(system=name, by=SYSTEM, at=timezone.now())
    if is_new:
        click.echo("已生成新密钥,请通过安全渠道交给对方系统。", err=True)
    click.echo(str(path))
