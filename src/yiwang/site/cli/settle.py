"""`yiwang settle`: what follows a migration: static files collected, packs loaded, the demo place in an empty database."""

import click

from yiwang.site.cli._django import records


@click.command(hidden=True)
@click.option("--residents", type=int)
@click.option("--demo/--no-demo", default=True)
def command(*, residents: int | None, demo: bool) -> None:
    """Bring pages, packs and the demo place up to date (part of `yiwang up`)."""
    with records():
        from yiwang.site import static

        static.collect()
