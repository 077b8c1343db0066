"""Everything that changes something does it the same way: who and when are passed in, in one transaction, written down."""

import ast
import inspect
from collections.abc import Callable
from typing import Any

import pytest

from tests.repo import house

ACTIONS = dict(house.actions())
# They stand below kernel.audit, or are it.
BELOW_AUDIT = {"yiwang.kernel.base", "yiwang.kernel.design", "yiwang.kernel.packs", "yiwang.kernel.ledger"}
# Why an action may stay silent, one line each.
SILENT: dict[str, str] = {
    "yiwang.support.oidc.actions.give_tokens": "oauthlib calls back into _validator, which writes it down",
    "yiwang.support.oidc.actions.tell_claims": "oauthlib calls back into _telling, which discloses",
}
WITNESSES = {"record", "disclose", "append"}


@pytest.mark.parametrize("name", ACTIONS)
def test_action_is_told_who_acts_and_when(name: str) -> None:
    parameters = inspect.signature(ACTIONS[name]).parameters
    missing = {"by", "at"} - set(parameters)
    assert not missing, f"{name} needs {sorted(missing)}: nothing below api.py and pages.py knows the user or the clock"
    positional = [p.name for p in parameters.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    loose = set(positional) & {"by", "at"}
    assert not loose, f"{name}: {sorted(loose)} must be keyword-only"


def test_action_is_written_down() -> None:
    calls = _calls()
    silent = [
        name
        for name, action in ACTIONS.items()
        if name.split(".actions.")[0] not in BELOW_AUDIT and name not in SILENT and not _reaches_witness(action, calls)
    ]
    assert not silent, f"these reach neither audit.record, audit.disclose nor ledger.append: {silent}"


def _reaches_witness(action: Callable[..., Any], calls: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    waiting = [inspect.unwrap(action).__name__]
    while waiting:
        name = waiting.pop()
        if name in WITNESSES:
            return True
        if name not in seen:
            seen.add(name)
            waiting.extend(calls.get(name, ()))
    return False


def _calls() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for tree in house.trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, set()).update(_called(node))
    return found


def _called(function: ast.FunctionDef) -> set[str]:
    targets = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "") for target in targets}
