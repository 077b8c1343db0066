"""`yiwang clock`: let what falls due take effect, and push again what did not arrive."""

import signal
import threading

import click

from yiwang.site.cli._django import records


@click.command()
@click.option("--once", is_flag=True, help="Sweep once and say how many things took effect.")
def command(*, once: bool) -> None:
    """Watch the time limits of all cases until stopped."""
    with records():
        from django.utils import timezone

        from yiwang.kernel.base.contracts import SYSTEM
        from yiwang.kernel.cases import actions, jobs

        if once:
            click.echo(f"{actions.sweep(by=SYSTEM, at=timezone.now())} took effect")
            return
        stopped = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stopped.set())
        jobs.run_clock(wait=stopped.wait)
