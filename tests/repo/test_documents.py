"""Documents say what is so: their commands exist, their words are used, their links lead somewhere."""

import re
import shlex

import click
import pytest

from tests.repo import house
from yiwang.site import paths
from yiwang.site.cli import Commands

BLOCK = re.compile(r"^```(?:sh|bash|shell|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
ROW = re.compile(r"^\|\s*[^|]+\|\s*`?([a-z][\w.-]*)`?\s*\|", re.MULTILINE)
GLOSSARY = paths.ROOT / "docs" / "GLOSSARY.md"
DOCUMENTS = house.tracked("*.md")


def _lines() -> list[tuple[str, str]]:
    return [
        (house.short(path), line.strip().removeprefix("$ "))
        for path in DOCUMENTS
        for block in BLOCK.findall(path.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if re.match(r"\s*(?:\$ )?(?:\w+=\S+ )*(?:\./)?yiwang\b", line)
    ]


@pytest.mark.parametrize(("document", "line"), _lines())
def test_command_in_a_document_exists(document: str, line: str) -> None:
    words = [word for word in shlex.split(line, comments=True) if "=" not in word or word.startswith("-")]
    command: click.Command = Commands()
    given = words[1:]
    while given and isinstance(command, click.Group) and not given[0].startswith("-"):
        found = command.get_command(click.Context(command), given[0])
        assert found is not None, f"{document}: `{line}`: there is no command {given[0]}"
        command, given = found, given[1:]
    if command.ignore_unknown_options or "--help" in given:
        return
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in given if word.startswith("--") and word.split("=")[0] not in options]
    assert not unknown, f"{document}: `{line}`: no such option {unknown}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=house.short)
def test_links_in_a_document_lead_somewhere(path: "house.Path") -> None:
    dead = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()]
    assert not dead


def test_glossary_words_are_used() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in house.SOURCE.rglob("*.py"))
    source += "\n".join(path.read_text(encoding="utf-8") for path in (paths.ROOT / "packs").rglob("*.yaml"))
    unused = [word for word in ROW.findall(GLOSSARY.read_text(encoding="utf-8")) if not _is_used(word, source)]
    assert not unused, f"in docs/GLOSSARY.md but nowhere in the code: {unused}"


def test_every_app_is_in_the_glossary() -> None:
    words = set(ROW.findall(GLOSSARY.read_text(encoding="utf-8")))
    missing = [app for app in house.apps() if app.rsplit(".", 1)[1] not in words]
    assert not missing, f"give each app its row in docs/GLOSSARY.md: {missing}"


def test_every_command_has_help() -> None:
    silent: list[str] = []
    _collect_silent(Commands(), "yiwang", silent)
    assert not silent, f"a docstring or help= for: {silent}"


def _collect_silent(command: click.Command, name: str, silent: list[str]) -> None:
    if isinstance(command, click.Group):
        for inner in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), inner)
            assert found is not None
            _collect_silent(found, f"{name} {inner}", silent)
    elif not command.help:
        silent.append(name)


def _is_used(word: str, source: str) -> bool:
    # `journey` counts as used by `journeys` or `Journey`; word parts may be joined by - . or _.
    pattern = re.sub(r"[-._]", "[-._]?", word)
    return re.search(pattern, source, re.IGNORECASE) is not None
