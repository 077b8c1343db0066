"""`yiwang entities`: resolve registers, list pairs, show an entity with where each value is from."""

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Which records are the same person or firm (实体归一)."""


@command.command()
@click.argument("model")
def run(model: str) -> None:
    """Resolve all sources of MODEL (an EntityModel pack): entities with numbers that stay, pairs for people to judge."""
    with records():
        from django.utils import timezone

        from yiwang.data.entities import actions
        from yiwang.kernel.base.contracts import SYSTEM

        found = actions.resolve(model_id=model, by=SYSTEM, at=timezone.now())
        click.echo(f"{found.records}条记录，{found.entities}个实体，{found.pairs}对算同一个，待判断 {found.waiting}对")
        click.echo(f"并入 {found.merged}，拆出 {found.split}；没有留下明细的 {found.left_out}对")


@command.command()
@click.argument("model")
@click.option(
    "--verdict",
    default="waiting",
    show_default=True,
    type=click.Choice(["waiting", "taken", "same", "different", "later"]),
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
def pairs(model: str, verdict: str, limit: int) -> None:
    """Pairs of MODEL with what speaks for and against; values are masked, each can be opened at /desk/entities."""
    with records():
        from yiwang.data.entities import queries
        from yiwang.data.entities.contracts import Verdict
        from yiwang.kernel.base.contracts import SYSTEM

        for pair in queries.pairs(SYSTEM, Verdict(verdict), model_id=model, size=limit).items:
            click.echo(f"{pair.id}  {pair.bits:.1f}比特  {pair.sources[0]} / {pair.sources[1]}")
            for role, one, other in pair.values:
                click.echo(f"    {role:<10} {one or '—'}  |  {other or '—'}")
            click.echo("    " + "；".join(f"{each.level} {each.bits:+.1f}" for each in pair.evidence))


@command.command()
@click.argument("model")
@click.argument("entity", type=int)
def show(model: str, entity: int) -> None:
    """One entity: its records, and each surviving value with its source and day. For the operator: nothing is masked."""
    with records():
        from yiwang.data.entities import queries
        from yiwang.kernel.base.contracts import SYSTEM

        found = queries.entity(model, entity)
        for change in queries.history(model, entity, SYSTEM):
            click.echo(f"{change.at:%Y-%m-%d}  {change.kind}  {', '.join(map(str, change.others))}")
        if found is None:
            raise Stop("没有这个实体（可能已并入另一个，见上）。")
        for value in found.values:
            click.echo(f"{value.role:<10} {value.value}  （{value.source} {value.seen_on}）")
        click.echo("、".join(f"{source}:{key}" for source, key in found.members))
