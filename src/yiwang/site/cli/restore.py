"""`yiwang restore`: an installation back from its backup."""

from datetime import UTC, datetime
from pathlib import Path

import click

from yiwang.site.backup import manifest
from yiwang.site.cli._passphrase import passphrase_option


@click.command()
@click.argument("source", metavar="SRC", type=click.Path(exists=True, file_okay=False, path_type=Path))
@passphrase_option
@click.option("--force", is_flag=True, help="Set aside what YIWANG_HOME holds, in a folder replaced-…")
@click.option("--check", is_flag=True, help="Only read the whole backup and compare it with its sums.")
def command(source: Path, *, passphrase: str | None, force: bool, check: bool) -> None:
    """Put the backup SRC into an empty YIWANG_HOME, and prove it: sums, rows, files, ledger."""
    if check:
        click.echo(f"{source}: {manifest.check(source)} files are as they were written 完好")
        return
    from yiwang.site.backup.restore import restore

    click.echo(restore(source, passphrase=passphrase, force=force, at=datetime.now(UTC)))
    click.echo(f"{source} is back in place 已恢复; start it with `yiwang up`")
