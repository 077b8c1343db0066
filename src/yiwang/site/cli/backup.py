"""`yiwang backup`: the whole installation into one folder, while it runs."""

from pathlib import Path

import click

from yiwang.site.cli._django import records
from yiwang.site.cli._passphrase import passphrase_option


@click.command()
@click.argument("target", metavar="DEST", type=click.Path(path_type=Path))
@passphrase_option
@click.option("--secrets/--no-secrets", default=True, help="Leave the keys out, when they are kept elsewhere.")
def command(target: Path, *, passphrase: str | None, secrets: bool) -> None:
    """Write database, files, keys, packs and the ledger's checkpoint to the new folder DEST."""
    with records("owner"):
        from django.utils import timezone

        from yiwang.site.backup.make import make

        made, digest = make(target.absolute(), passphrase=passphrase, with_secrets=secrets, at=timezone.now())
    click.echo(f"{target}: {sum(made.tables.values()):,} rows, ledger of {made.tree_size:,} leaves 已备份")
    click.echo(f"manifest {digest}")
    if made.secrets == "plain":
        click.echo(
            "yiwang: the keys are inside unsealed: whoever has this folder can read everything. "
            "Keep it locked away, or give --passphrase-file.",
            err=True,
        )
