"""`yiwang journeys`: what a one-thing saves, and why another guide's figures differ."""

import click

from yiwang.site import paths


@click.group()
def command() -> None:
    """Explain one-things (一件事)."""


@command.command()
@click.argument("journey")
def explain(journey: str) -> None:
    """Print days, materials, fields and visits of JOURNEY, computed from the packs, against what its guide quotes."""
    import django

    django.setup()
    from yiwang.kernel.packs import queries as packs
    from yiwang.services.journeys import queries

    with packs.using(paths.ROOT / "packs"):
        click.echo("\n".join(queries.explanation_lines(queries.explain(journey))))
