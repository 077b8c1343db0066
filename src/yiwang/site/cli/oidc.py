"""`yiwang oidc`: the keys of the place's one login, and clients from the command line."""

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """The place's one login (统一身份认证): keys, clients."""


@command.command()
def keys() -> None:
    """List the published signing keys."""
    with records():
        from django.utils import timezone

        from yiwang.support.oidc import queries

        for row in queries.keys(at=timezone.now()):
            click.echo(
                f"{row.kid[:16]}  {'签名中' if row.is_signing else '已公布'}  启用 {row.signs_from:%Y-%m-%d %H:%M}"
            )


@command.command("roll-keys")
@click.option("--now", "at_once", is_flag=True, help="Sign with the new key at once: the old one leaked.")
def roll_keys(*, at_once: bool) -> None:
    """Draw a new signing key; it signs after two hours, when clients have seen it."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.oidc import actions

        made = actions.roll_keys(by=SYSTEM, at=timezone.now(), at_once=at_once)
        click.echo(f"新密钥 {made.kid[:16]}，{made.signs_from:%Y-%m-%d %H:%M}（UTC）起签名。")
