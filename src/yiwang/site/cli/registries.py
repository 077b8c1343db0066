"""`yiwang registries`: bring registries up to date from the lake, see what was taken in and what changed."""

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Files of persons, firms, places and what joins them, built from the lake (基础库)."""


@command.command(name="list")
def list_() -> None:
    """List registries, the table that feeds each, and the newest intakes."""
    with records():
        from yiwang.data.registries import queries

        sizes, behind = queries.sizes(), set(queries.behind())
        for each in queries.registries():
            late = "，有新快照" if each.id in behind else ""
            click.echo(f"{each.id}  {each.title}  {each.table or '—'}  变更号 {sizes.get(each.id, 0)}{late}")
            for intake in queries.intakes(each.id, size=3).items:
                where = (
                    f"{intake.table} 第{intake.snapshot}个快照" if intake.table else intake.case_number or "直接移交"
                )
                click.echo(f"    {intake.taken_at:%Y-%m-%d %H:%M}  {where}  {_sums(intake)}")


@command.command()
@click.argument("registry", required=False)
@click.option("--all", "is_all", is_flag=True, help="Every one whose table has a newer snapshot.")
@click.option("--force", "is_forced", is_flag=True, help="Even where the snapshot lacks more than the pack allows.")
def take(registry: str | None, is_all: bool, is_forced: bool) -> None:
    """Take the newest snapshot of REGISTRY's table in (入库); once, and goes on where it was cut off."""
    if (registry is None) == (not is_all):
        raise Stop("请写一个基础库的编号，或 --all。")
    with records():
        from django.utils import timezone

        from yiwang.data.registries import actions, queries
        from yiwang.kernel.base.contracts import SYSTEM

        for one in [registry] if registry else queries.behind():
            done = actions.take_over(registry=one, is_forced=is_forced, by=SYSTEM, at=timezone.now())
            click.echo(f"{one}: {done.table} 第{done.snapshot}个快照，{_sums(done)}")


@command.command()
def fill() -> None:
    """Hand what an earlier release kept in tables over to the registries, and place older entries in their region; once, after an upgrade."""
    with records():
        from django.utils import timezone

        from yiwang.data.registries import actions
        from yiwang.kernel.base.contracts import SYSTEM

        click.echo(f"已核对 {actions.fill(by=SYSTEM, at=timezone.now())} 条。")


@command.command()
@click.argument("registry")
@click.option("--after", default=0, show_default=True, help="The number of the last change that is known already.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
def changes(registry: str, after: int, limit: int) -> None:
    """Entries of REGISTRY that changed after a number, each once; keys, no values."""
    with records():
        from yiwang.data.registries import queries
        from yiwang.kernel.base.contracts import SYSTEM

        for each in queries.changes(registry, after, limit=limit, by=SYSTEM):
            click.echo(
                f"{each.number}  {each.recorded_at:%Y-%m-%d %H:%M}  {each.kind.label}  {each.key[:16]}  {'、'.join(each.columns)}"
            )


def _sums(intake: object) -> str:
    from yiwang.data.registries.contracts import IntakeView

    assert isinstance(intake, IntakeView)
    sums = f"读 {intake.read} = 新增 {intake.added} + 变更 {intake.changed} + 未变 {intake.kept}"
    return f"{sums} + 无主键 {intake.unkeyed} + 重复 {intake.twice}；不再报送 {intake.gone}"
