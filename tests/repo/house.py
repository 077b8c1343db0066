"""Finds the house's parts for the tests about the repository."""

import ast
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from yiwang.site import paths

SOURCE = paths.ROOT / "src" / "yiwang"
NOT_RINGS = {"site", "standins"}


def apps() -> list[str]:
    """Every app as a dotted name: a package two levels below the house that has an apps.py."""
    found = (path.parent for path in SOURCE.glob("*/*/apps.py") if path.parts[-3] not in NOT_RINGS)
    return sorted(".".join(path.relative_to(SOURCE.parent).parts) for path in found)


def room(app: str, name: str) -> ModuleType | None:
    """A room of an app, or None when the app has no such room."""
    folder = SOURCE.parent.joinpath(*app.split("."))
    exists = (folder / f"{name}.py").exists() or (folder / name / "__init__.py").exists()
    return importlib.import_module(f"{app}.{name}") if exists else None


def actions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public action with its dotted name."""
    for app in apps():
        module = room(app, "actions")
        for name in _offered(module) if module else ():
            member = getattr(module, name)
            if inspect.isfunction(member):
                yield f"{app}.actions.{name}", member


def _offered(module: ModuleType) -> list[str]:
    # Defined here, or shown here on purpose (`from … import x as x`, `__all__`); a plain import is for inside use.
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    imports = [alias for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    shown = [alias.name for alias in imports if alias.asname == alias.name]
    names = {*defined, *shown, *getattr(module, "__all__", ())}
    return sorted(name for name in names if not name.startswith("_"))


def trees() -> Iterator[ast.Module]:
    """The syntax trees of all modules of all apps."""
    for path in sorted(SOURCE.glob("*/*/**/*.py")):
        if "migrations" not in path.parts:
            yield ast.parse(path.read_text(encoding="utf-8"))


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout that fit a pattern, without what the checkout ignores."""
    ignored = {"var", ".git", "node_modules", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".venv"}
    # What is ignored is not walked at all: databases of other tests come and go in it.
    tops = [path for path in paths.ROOT.iterdir() if path.name not in ignored]
    nested = (path for top in tops if top.is_dir() for pattern in patterns for path in top.rglob(pattern))
    at_the_top = (path for path in tops for pattern in patterns if path.match(pattern))
    return sorted({path for path in (*nested, *at_the_top) if path.is_file()})


def short(path: Path) -> str:
    """A path as it is written in the checkout."""
    return str(path.relative_to(paths.ROOT))
