"""`yiwang transform`: make tables of the lake out of others, see how runs went and where columns come from."""

from typing import TYPE_CHECKING

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records

if TYPE_CHECKING:
    from yiwang.data.transform.contracts import RunView


@click.group()
def command() -> None:
    """Make tables of the lake out of others (治理加工)."""


@command.command()
@click.argument("transformation", required=False)
@click.option(
    "--all",
    "is_all",
    is_flag=True,
    help="Every one whose inputs have changed, in the order in which they feed each other.",
)
@click.option("--full", "is_full", is_flag=True, help="Read everything, even where only what is new would do.")
def run(transformation: str | None, is_all: bool, is_full: bool) -> None:
    """Run TRANSFORMATION; nothing is done where no input has changed, an interrupted run goes on."""
    if (transformation is None) == (not is_all):
        raise Stop("请写一个加工的编号，或 --all。")
    with records():
        from django.utils import timezone

        from yiwang.data.transform import actions, queries
        from yiwang.kernel.base.contracts import SYSTEM, YiwangError

        failed = 0
        for one in [transformation] if transformation else [each.id for each in queries.ordered()]:
            if is_all and not (is_full or queries.is_stale(one)):
                continue
            try:
                done = actions.run(transformation_id=one, is_full=is_full, by=SYSTEM, at=timezone.now())
            except YiwangError as error:
                failed += 1
                click.echo(f"{one}: {error.message}{error.hint}", err=True)
                continue
            failed += done.state == "failed"
            click.echo(_line(done))
    if failed:
        raise Stop(f"{failed}个加工没有做成。")


@command.command(name="list")
def list_() -> None:
    """List transformations in the order in which they feed each other, and the newest runs."""
    with records():
        from yiwang.data.transform import queries

        known, runs = queries.ordered(), queries.runs()
        stale = {each.id for each in known if queries.is_stale(each.id)}
    for each in known:
        waiting = "待更新" if each.id in stale else ""
        click.echo(f"{each.id}\t{each.title}\t{'、'.join(each.inputs.values())} → {each.table}\t{waiting}".rstrip())
    for one in runs.items:
        click.echo(_line(one))


@command.command()
@click.argument("table")
@click.option("--column", help="One column of it.")
def lineage(table: str, column: str | None) -> None:
    """Print where TABLE comes from, down to departments' files, and what is made of it: one edge a line."""
    with records():
        from yiwang.data.transform import queries

        found = queries.lineage(table, column)
    for edge in found.edges:
        to = f"{edge.to.table} {edge.to.column}".rstrip()
        click.echo(f"{edge.source.table} {edge.source.column} → {to}\t{edge.relation}\t{edge.via}")


def _line(one: "RunView") -> str:
    read = "、".join(f"{table}#{number}" for table, number in one.inputs.items())
    made = f"{one.table}#{one.snapshot}，{one.rows}行" if one.snapshot else one.words
    return f"第{one.id}次 {one.transformation_id} {one.state.label}（{one.way.label}）：{read} → {made}"
