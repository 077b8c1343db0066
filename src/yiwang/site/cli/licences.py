"""`yiwang licences`: the keys that sign credentials for wallets."""

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Licences (电子证照): keys of credentials for wallets."""


@command.command("roll-keys")
@click.option("--now", "at_once", is_flag=True, help="The old key leaked: believe nothing that it signed.")
def roll_keys(*, at_once: bool) -> None:
    """Draw the next key; it is published at once (/.well-known/did.json) and signs after a day."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.licences import actions

        click.echo(actions.roll_credential_key(at_once=at_once, by=SYSTEM, at=timezone.now()))
