"""The operator's commands: each lives in a module of its own name here and is imported only when it is called."""

import importlib
import os
import pkgutil
import sys

import click

from yiwang.site.assets import AssetsFailed
from yiwang.site.postgres import PostgresFailed
from yiwang.site.postgres.account import Unreachable
from yiwang.site.secrets import SecretsLost

_EXPECTED = (AssetsFailed, PostgresFailed, SecretsLost, Unreachable)


class Stop(click.ClickException):
    """An expected failure: one line that says what to do."""


def load_django() -> None:
    """Load settings and apps, for commands that need no database."""
    import django

    django.setup()


class _Commands(click.Group):
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


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def _yiwang() -> None:
    """Yiwang 一网: run a place's digital government."""


def main() -> None:
    """Run the command line; what is expected to go wrong ends in one line and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yiwang.site.settings")
    try:
        _yiwang(prog_name="yiwang", standalone_mode=True)
    except _EXPECTED as error:
        _give_up(str(error))
    except Exception as error:
        hint = _spoken(error)
        if hint is None:
            raise
        _give_up(hint)


def _spoken(error: Exception) -> str | None:
    # The kernel's own errors carry a sentence and a hint; anything else is a fault of ours and keeps its traceback.
    if not any(kind.__name__ == "YiwangError" for kind in type(error).__mro__):
        return None
    return " ".join(part for part in (getattr(error, "message", ""), getattr(error, "hint", "")) if part)


def _give_up(message: str) -> None:
    click.echo(f"yiwang: {message}", err=True)
    sys.exit(1)
