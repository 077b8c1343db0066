"""`yiwang data demo`: the whole way from departments' files to a registry, an objection and its correction."""

from pathlib import Path

import click

from yiwang.site.cli._django import records

SEED = 20261122


@click.group()
def command() -> None:
    """Show the data foundation at work."""


@command.command()
@click.option(
    "--from", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A list of real firms instead of made-up ones (columns as in ../shared/data/enterprises).",
)  # fmt: skip
@click.option("--firms", default=2000, show_default=True, type=click.IntRange(10, 200_000), help="Made-up firms.")
@click.option("--seed", default=SEED, show_default=True, help="The same seed makes the same files.")
def demo(path: Path | None, firms: int, seed: int) -> None:
    """Walk from catalogue entry over ingest, quality report and registry to an objection and its correction at the source."""
    with records():
        from django.conf import settings
        from django.utils import timezone

        from yiwang.demo.place import actions
        from yiwang.kernel.base.contracts import SYSTEM

        steps = actions.walk_data(
            folder=Path(settings.YIWANG_HOME) / "data-demo",
            given=path,
            firms=firms,
            seed=seed,
            by=SYSTEM,
            at=timezone.now(),
        )
        for number, step in enumerate(steps, 1):
            click.echo(f"{number}. {step.title}")
            for line in step.lines:
                click.echo(f"   {line}")
            click.echo(f"   → {step.where}")
