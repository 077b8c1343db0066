"""`yiwang seed`: the demo place in an empty database."""

import time

import click

from yiwang.site.cli._django import records
from yiwang.site.cli.demo import play_past


@click.command()
@click.option("--residents", default=80_000, show_default=True, type=click.IntRange(100, 20_000_000))
@click.option("--firms", default=6_000, show_default=True, type=click.IntRange(0, 5_000_000))
@click.option("--seed", default=20261121, show_default=True, help="The same seed makes the same people.")
@click.option(
    "--history", default=0, type=click.IntRange(0, 250), help="Past work days to play, so that lists have life."
)
def command(*, residents: int, firms: int, seed: int, history: int) -> None:
    """Make the demo place 安澜市: bodies, staff, residents in households, firms. Everything is made up."""
    begun = time.monotonic()

    def tell(what: str, done: int, of: int) -> None:
        click.echo(f"yiwang: {what} {done:,}/{of:,}", err=True)

    with records():
        from django.utils import timezone

        from yiwang.demo.place import actions
        from yiwang.kernel.base.contracts import SYSTEM

        made = actions.seed(residents=residents, firms=firms, seed=seed, by=SYSTEM, at=timezone.now(), tell=tell)
        if history:
            play_past(history, seed)
    click.echo(
        f"演示地已建好：{made.people:,} 人、{made.households:,} 户、{made.firms:,} 家企业、"
        f"{made.bodies} 个单位、{made.staff} 个工作人员账号，用时 {time.monotonic() - begun:.0f} 秒。"
    )
