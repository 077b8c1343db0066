"""`yiwang manage`: Django's own commands, for developers (makemigrations, shell, showmigrations …)."""

import click

from yiwang.site.cli._django import records


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.option("--owner", is_flag=True, help="As the database's owner instead of the app role.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(*, owner: bool, arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands (`yiwang manage makemigrations`)."""
    with records("owner" if owner else "app"):
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yiwang manage", *arguments])
