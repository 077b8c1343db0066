"""`yiwang codes`: the keys that sign codes, and checking one by hand."""

import click

from yiwang.site.cli._django import records


@click.group()
def command() -> None:
    """Signed codes (一码通): keys, checking a code."""


@command.command()
def keys() -> None:
    """List the published keys."""
    with records():
        from django.utils import timezone

        from yiwang.support.codes import queries

        for row in queries.keys(at=timezone.now()):
            state = "签名中" if row.is_signing else "已公布"
            click.echo(f"{row.kid}  {row.use.value:8}  {state}  启用 {row.signs_from:%Y-%m-%d %H:%M}")


@command.command("roll-keys")
@click.option("--plates", is_flag=True, help="The key of door plates instead of that of screens.")
@click.option("--now", "at_once", is_flag=True, help="The old key leaked: refuse its codes from now on.")
def roll_keys(*, plates: bool, at_once: bool) -> None:
    """Draw a new key; it signs after a day, when gates have seen it."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.support.codes import actions
        from yiwang.support.codes.contracts import KeyUse

        use = KeyUse.PLATES if plates else KeyUse.SHOWING
        made = actions.roll_keys(use=use, at_once=at_once, by=SYSTEM, at=timezone.now())
        click.echo(f"新密钥 {made.kid}，{made.signs_from:%Y-%m-%d %H:%M}（UTC）起签名。")
