"""`yiwang accounts`: the first administrator of a place, lost passwords, tokens of machines."""

from datetime import timedelta

import click

from yiwang.site.cli import Stop
from yiwang.site.cli._django import records

_PASSWORD = click.password_option(help="Asked for when not given.")


@click.group()
def command() -> None:
    """Create staff accounts, set passwords, issue machine tokens (账号)."""


@command.command()
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--org", "uscc", required=True, help="Credit code of the organisation.")
@click.option(
    "--post", "post_type", default="office-admin", show_default=True, help="Type of post, as packs define it."
)
@_PASSWORD
def create(username: str, name: str, uscc: str, post_type: str, password: str) -> None:
    """Create a staff account USERNAME and appoint it at an organisation from today."""
    with records():
        from django.db import transaction
        from django.utils import timezone

        from yiwang.kernel.access import actions as access
        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.orgs import queries as orgs
        from yiwang.kernel.people import actions as people
        from yiwang.kernel.people.contracts import AccountKind

        at = timezone.now()
        with transaction.atomic():
            account = people.create_account(
                kind=AccountKind.STAFF, username=username, name=name, password=password, by=SYSTEM, at=at
            )
            holding = access.appoint(
                account_id=account.id,
                org_id=orgs.by_uscc(uscc).id,
                post_type=post_type,
                since=timezone.localdate(at),
                by=SYSTEM,
                at=at,
            )
    click.echo(f"账号 {username} 已建立，岗位：{holding.post.title}。")


@command.command()
@click.argument("username")
@_PASSWORD
def password(username: str, password: str) -> None:
    """Set a new password for the staff account USERNAME; its sittings end."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.people import actions

        actions.set_password(account_id=_account_id(username), password=password, by=SYSTEM, at=timezone.now())
    click.echo(f"账号 {username} 的密码已更改。")


@command.command()
@click.argument("username")
@click.option("--title", required=True, help="What the token is for.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 730), help="How long it is good for.")
@click.option("--org", "uscc", default="", help="Credit code of the organisation where it gets the post.")
@click.option("--post", "post_type", default="", help="Type of post that it gets, such as code-reader.")
def token(username: str, title: str, days: int, uscc: str, post_type: str) -> None:
    """Print a bearer token for the machine account USERNAME, made if it is new. It is not shown again."""
    if bool(uscc) != bool(post_type):
        raise Stop("岗位要连同单位一起写：--org 和 --post。")
    with records():
        from django.utils import timezone

        from yiwang.kernel.access import actions as access
        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.orgs import queries as orgs
        from yiwang.kernel.people import actions as people
        from yiwang.kernel.people import queries
        from yiwang.kernel.people.contracts import AccountKind
        from yiwang.support.login import actions

        at = timezone.now()
        if not queries.accounts_named(username):
            people.create_account(kind=AccountKind.MACHINE, username=username, name=title, by=SYSTEM, at=at)
        expires_on = timezone.localdate(at) + timedelta(days=days)
        account_id = _account_id(username)
        if post_type:
            access.appoint(
                account_id=account_id,
                org_id=orgs.by_uscc(uscc).id,
                post_type=post_type,
                since=timezone.localdate(at),
                by=SYSTEM,
                at=at,
            )
        click.echo(actions.issue_token(account_id=account_id, title=title, expires_on=expires_on, by=SYSTEM, at=at))


def _account_id(username: str) -> int:
    from yiwang.kernel.people import queries

    found = queries.accounts_named(username)
    if len(found) != 1:
        raise Stop(f"没有账号 {username}，请核对工号。")
    return found[0].id
