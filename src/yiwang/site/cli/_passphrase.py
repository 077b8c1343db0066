"""The passphrase of a backup: from a file or the environment, never from an argument that others can read."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from yiwang.site.cli import Stop


def passphrase_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --passphrase-file and hands on `passphrase` (YIWANG_BACKUP_PASSPHRASE without it; None without either)."""
    return click.option(
        "--passphrase-file",
        "passphrase",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        callback=_read,
        help="File whose first line seals the keys (or YIWANG_BACKUP_PASSPHRASE).",
    )(command)


def _read(context: click.Context, parameter: click.Parameter, value: Path | None) -> str | None:
    from yiwang.site.backup.vault import PASSPHRASE_SIGNS_LEAST

    if value is None:
        given = os.environ.get("YIWANG_BACKUP_PASSPHRASE")
    else:
        with click.open_file(str(value), encoding="utf-8") as stream:
            given = stream.readline().rstrip("\r\n")
    if given is not None and len(given) < PASSPHRASE_SIGNS_LEAST:
        raise Stop(f"the passphrase is too short: {PASSPHRASE_SIGNS_LEAST} signs at least.")
    return given
