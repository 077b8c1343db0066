"""`yiwang jobs`: run the jobs of the queue."""

import click

from yiwang.site.cli._django import records


@click.command()
@click.option("--concurrency", default=4, show_default=True, help="Jobs that run at the same moment.")
def command(*, concurrency: int) -> None:
    """Run the jobs of the queue until stopped (`yiwang up` does this for you)."""
    with records():
        from django.core.management import call_command

        from yiwang.site.watch import tracing

        tracing.start("jobs")

        call_command("procrastinate", "worker", concurrency=concurrency, shutdown_graceful_timeout=15)
