"""The operator's commands: each lives in a module of its own name here and is imported only when it is called."""

import importlib
import os
import pkgutil
import sys
from typing import IO

import click

from yiwang.site import heap
from yiwang.site.failures import Failed


class Stop(click.ClickException):
    """An expected failure: one line that says what to do."""

    def show(self, file: IO[str] | None = None) -> None:
        """Print it under our name."""
        click.echo(f"yiwang: {self.message}", file=file, err=True)


def load_django() -> None:
    """Load settings and apps, for commands that need no database."""
    import django

    django.setup()


class Commands(click.Group):
    """Finds `yiwang NAME` as the click command `command` of the module `yiwang.site.cli.NAME`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all command modules."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one module that is called."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command = importlib.import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def _yiwang() -> None:
    """Yiwang 一网: run a place's digital government."""


def main() -> None:
    """Run the command line; what is expected to go wrong ends in one line and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.site.settings")
    heap.grow()
    try:
        _yiwang(prog_name="yiwang", standalone_mode=True)
    except Exception as error:
        said = str(error) if isinstance(error, Failed) else _spoken(error)
        if said is None:
            raise
        click.echo(f"yiwang: {said}", err=True)
        sys.exit(1)


def _spoken(error: Exception) -> str | None:
    # Not imported on top: the kernel and Django would double the time that `yiwang --help` takes.
    from django.db import OperationalError, ProgrammingError

    from yiwang.kernel.base.contracts import YiwangError

    if isinstance(error, YiwangError):
        return " ".join(part for part in (error.message, error.hint) if part)
    if isinstance(error, OperationalError):
        return f"the database does not answer ({_first_line(error)}). Run `yiwang doctor`."
    if isinstance(error, ProgrammingError) and "does not exist" in str(error):
        return f"the database has no such table yet ({_first_line(error)}). Run `yiwang migrate` first."
    return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no message"])[0]
