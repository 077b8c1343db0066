"""`yiwang test`: prepare and run the tests."""

import os
import subprocess
import sys

import click

from yiwang.site import paths
from yiwang.site.prepare import prepare


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run all tests, or those that pytest's arguments name (`yiwang test tests/unit/kernel -n0`)."""
    prepare()
    given = arguments
    workers = () if any(argument.startswith("-n") for argument in given) else ("-n", "2")
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *given], cwd=paths.ROOT, env=environment, check=False
    )
    sys.exit(done.returncode)
