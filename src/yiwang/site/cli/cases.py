"""`yiwang cases`: what can be had of cases and flows without a page."""

from pathlib import Path

import click

from yiwang.site import paths
from yiwang.site.cli import load_django


@click.group()
def command() -> None:
    """Flows and cases for other tools."""


@command.command()
@click.argument("flow")
@click.option(
    "--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file instead of the terminal."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=paths.ROOT / "packs",
    help="The packs folder.",
)
def bpmn(flow: str, out: Path | None, root: Path) -> None:
    """Write FLOW (such as standard.permit) as a BPMN 2.0 file; reads the packs folder, needs no database."""
    load_django()
    from yiwang.kernel.cases import queries
    from yiwang.kernel.packs import queries as packs

    with packs.using(root):
        text = queries.flow_bpmn(flow)
    if out is None:
        click.echo(text)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"已写入 {out}")
