"""`yiwang settle`: the part of `yiwang up` that works on records: structure, rights, pages, packs, demo place."""

import click

from yiwang.site.cli._django import become_app_role, records
from yiwang.site.cli.demo import play_past

_RESIDENTS, _FIRMS, _SEED = 80_000, 6_000, 20261121


@click.command(hidden=True)
@click.option("--residents", type=int, help="Size of the demo place.")
@click.option("--history", default=0, type=int, help="Past work days to play when it is created.")
@click.option("--demo/--no-demo", default=True, help="Create the demo place in an empty database.")
@click.option("--static/--no-static", "with_static", default=True, help="Collect static files.")
def command(*, residents: int | None, history: int, demo: bool, with_static: bool) -> None:
    """Bring structure, rights, pages, packs and the demo place up to date."""
    with records("owner"):
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.packs import actions as packs
        from yiwang.site import paths, static, structure

        structure.bring_up_to_date()
        become_app_role()
        if with_static:
            static.collect()
        packs.load(paths.ROOT / "packs", by=SYSTEM, at=timezone.now())
        if demo:
            _make_demo_place(residents or _RESIDENTS, history)


def _make_demo_place(residents: int, history: int) -> None:
    from django.utils import timezone

    from yiwang.demo.place import actions, queries
    from yiwang.kernel.base.contracts import SYSTEM

    if queries.may_be_made():
        click.echo(f"· making the demo place, {residents:,} residents 建立演示地", err=True)
        firms = max(10, residents * _FIRMS // _RESIDENTS)
        actions.seed(residents=residents, firms=firms, seed=_SEED, by=SYSTEM, at=timezone.now(), tell=_tell)
        if history:
            play_past(history, _SEED)
    for account in queries.sign_ins():
        click.echo(f"{account.username}\t{account.password}\t{account.who}")


def _tell(what: str, done: int, of: int) -> None:
    click.echo(f"·   {what} {done:,}/{of:,}", err=True)
