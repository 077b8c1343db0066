"""`yiwang lock`: write both lock files anew from pyproject.toml and package.json."""

import os
import subprocess
import sys

import click

from yiwang.site import assets, paths
from yiwang.site.cli import Stop

_OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--all-extras",
    "--generate-hashes",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--custom-compile-command=./yiwang lock",
    "--quiet",
)


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest versions that pyproject.toml allows.")
@click.option("--assets/--no-assets", "with_assets", default=False, help="Lock the front-end files too.")
def command(*, upgrade: bool, with_assets: bool) -> None:
    """Write requirements.lock (and with --assets package-lock.json) anew: hashes of every file, names of no host."""
    output = paths.ROOT / "requirements.lock"
    more = ["--upgrade"] if upgrade else []
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "pyproject.toml",
        *_OPTIONS,
        *more,
        f"--output-file={output}",
    ]
    if subprocess.run(command, cwd=paths.ROOT, env=os.environ, check=False).returncode:
        raise Stop("uv could not resolve pyproject.toml; what it said is above.")
    if with_assets:
        assets.lock()
