"""`yiwang migrate`: bring the database to the current structure and set what the app role may do."""

import click

from yiwang.site import database
from yiwang.site.cli._django import records


@click.command()
def command() -> None:
    """Bring the database to the current structure, as its owner, and renew the app role's rights."""
    with records("owner"):
        from django.core.management import call_command

        from yiwang.site.grants import apply_grants

        call_command("migrate", verbosity=0, interactive=False)
        role = database.app_role()
        if role:
            apply_grants(role)
