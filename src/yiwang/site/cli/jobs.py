"""`yiwang jobs`: run the jobs of the queue, and deliver what waits in the outbox."""

import threading

import click

from yiwang.site.cli._django import records


@click.command()
@click.option("--concurrency", default=4, show_default=True, help="Jobs that run at the same moment.")
def command(*, concurrency: int) -> None:
    """Run the jobs of the queue and deliver events until stopped (`yiwang up` does this for you)."""
    with records():
        from yiwang.kernel.base.outbox import run_outbox
        from yiwang.site import heap, worker
        from yiwang.site.watch import tracing

        tracing.start("jobs")
        heap.settle()
        stopped = threading.Event()
        events = threading.Thread(target=run_outbox, kwargs={"wait": stopped.wait}, name="outbox")
        events.start()
        try:
            worker.run(concurrency=concurrency)
        finally:
            stopped.set()
            events.join()
