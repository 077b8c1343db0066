"""`yiwang migrate`: bring the database to the current structure and set what the app role may do."""

import click

from yiwang.site.cli._django import records


@click.command()
def command() -> None:
    """Bring the database to the current structure, as its owner, and renew the app role's rights."""
    with records("owner"):
        from yiwang.site import structure

        structure.bring_up_to_date()
