"""`yiwang retention`: what is past its time, and its erasure."""

import click

from yiwang.site.cli._django import records

_UNITS = {"days": "天", "months": "个月", "years": "年"}


@click.group()
def command() -> None:
    """How long things are kept (保存期限): a dry run, and the erasure."""


@command.command()
def report() -> None:
    """Say per policy what would be erased now; change nothing."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.retention import queries

        for line in queries.due(timezone.now()):
            click.echo(
                f"{line.store}: {line.count} 件，{line.title}，自{line.since}起保存{_said(line.keep)}，"
                f"{line.before:%Y-%m-%d} 以前的到期；依据{'、'.join(line.basis)}（{line.policy}）"
            )


@command.command()
@click.option("--store", default="", help="Only of this store.")
def run(*, store: str) -> None:
    """Erase what is past its time, as the database's owner; each batch leaves an audit record and a ledger leaf."""
    with records("owner"):
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.retention import actions

        for line in actions.erase_due(by=SYSTEM, at=timezone.now(), store=store):
            click.echo(f"{line.store}: {line.count} 件已删除（{line.policy}）")


def _said(keep: str) -> str:
    number, unit = keep.split()
    return number + _UNITS[unit]
