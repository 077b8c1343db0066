"""`yiwang lake`: tables of the lake, their snapshots, questions to them, and letting go of old ones."""

import csv
import json
import sys

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Look into the lake (数据湖) and keep it tidy."""


@command.command()
@click.option("--layer", type=click.Choice(["raw", "standard", "registry", "topic"]), help="Only this layer.")
def tables(layer: str | None) -> None:
    """List every table with its newest snapshot, rows, files, bytes and columns."""
    with records():
        from yiwang.data.engine import queries

        found = queries.tables(layer)
    for table in found:
        names = ", ".join(f"{column.name} {column.type}" for column in table.columns)
        click.echo(
            f"{table.name}\t第{table.number}版\t{table.rows}行\t{table.files}个文件\t{table.size_bytes}字节\t{names}"
        )
    if not found:
        click.echo("数据湖里还没有表。")


@command.command()
@click.argument("table")
@click.option("--size", default=20, show_default=True, type=click.IntRange(1, 200))
def snapshots(table: str, size: int) -> None:
    """List the newest snapshots of TABLE: number, time, rows, files, what made it."""
    with records():
        from yiwang.data.engine import queries

        found = queries.snapshots(table, size=size)
    for each in found.items:
        click.echo(f"{each.number}\t{each.created_at.isoformat()}\t{each.rows}行\t{each.files}个文件\t{each.made_by}")


@command.command()
@click.argument("sql")
@click.option("--most", default=100, show_default=True, type=click.IntRange(1, 100_000), help="Rows at most.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a row instead of CSV.")
def query(sql: str, most: int, as_json: bool) -> None:
    """Answer one SELECT over the newest snapshots, such as 'select count(*) from raw.firms'.

    For the operator of this machine: nothing is masked or narrowed to a unit. That it was asked, and of which tables,
    is written into the audit trail.
    """
    with records():
        from django.utils import timezone

        from yiwang.data.engine import actions
        from yiwang.kernel.base.contracts import SYSTEM

        answer = actions.ask(sql=sql, most=most, by=SYSTEM, at=timezone.now())
    names = [column.name for column in answer.columns]
    if as_json:
        for row in answer.rows:
            click.echo(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=str))
    else:
        csv.writer(sys.stdout, lineterminator="\n").writerows([names, *answer.rows])
    if answer.is_cut:
        click.echo(f"只列前{most}行。", err=True)


@command.command()
@click.option("--keep", default=5, show_default=True, type=click.IntRange(1, 10_000), help="Snapshots of each table.")
@click.option("--hours", default=24.0, show_default=True, type=click.FloatRange(0), help="What is younger stays.")
def expire(keep: int, hours: float) -> None:
    """Let go of old snapshots, and of files that no snapshot lists."""
    from datetime import timedelta

    with records():
        from django.utils import timezone

        from yiwang.data.engine import actions
        from yiwang.kernel.base.contracts import SYSTEM

        done = actions.expire(keep=keep, grace=timedelta(hours=hours), by=SYSTEM, at=timezone.now())
    click.echo(
        f"过期快照 {done.snapshots} 个，删除文件 {done.files} 个、无主文件 {done.strays} 个，共 {done.size_bytes} 字节"
    )


@command.command()
@click.argument("table")
def compact(table: str) -> None:
    """Write the newest snapshot of TABLE as one file."""
    with records():
        from django.utils import timezone

        from yiwang.data.engine import actions
        from yiwang.kernel.base.contracts import SYSTEM

        done = actions.compact(table=table, by=SYSTEM, at=timezone.now())
    click.echo(f"{done.table} 第{done.number}版：{done.rows}行，{done.files}个文件")
