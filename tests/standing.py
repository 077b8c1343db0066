"""Worlds that stand while the tests which ask for them follow one another: made once, each test works inside a savepoint on top.

@standing
def firm(world: World) -> PartyView:      # made of other standing fixtures, of what lasts for the session, or of nothing
    return people.ensure_party(…)

What a test writes is rolled back to the worlds below it, and each test is handed a copy of their values. A test that commits
(`transactional_db`) starts from the bare template and makes its own.
"""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, connections, transaction
from pytest_django import DjangoDbBlocker

Make = Callable[..., Any]


class NotLasting(TypeError):
    """A standing world asks for what the next test has anew: `monkeypatch`, `settings`, a folder, an ordinary fixture."""


def standing(make: Make) -> Any:
    """A fixture whose value and rows outlive the test, for the next test that asks for it."""
    needed = list(inspect.signature(make).parameters.values())

    def fixture(request: pytest.FixtureRequest, db: None, **given: Any) -> Any:
        for name in given:
            _lasts(request._get_active_fixturedef(name))
        return _stage.values[make] if make in _stage.values else make(**given)

    own = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in ("request", "db")]
    fixture.__signature__ = inspect.Signature([*own, *needed])  # type: ignore[attr-defined]
    fixture.__doc__ = make.__doc__
    fixture.standing = make  # type: ignore[attr-defined]
    return pytest.fixture(fixture, name=make.__name__)


def _lasts(needed: pytest.FixtureDef[Any]) -> None:
    if needed.scope != "session" and not hasattr(needed.func, "standing"):
        raise NotLasting(
            f"a standing world is made of {needed.argname!r}, which ends with the test; the world does not"
        )


@dataclass
class _Floor:
    make: Make
    values: dict[Make, Any]
    savepoint: transaction.Atomic


class _Stage:
    """The floors that stand on this worker's connection, lowest first."""

    def __init__(self) -> None:
        self._floors: list[_Floor] = []
        self.values: dict[Make, Any] = {}

    def set(self, wanted: dict[Make, list[Make | str]], given: Callable[[str], Any]) -> None:
        """Keep the floors that are wanted from the ground up, clear the others, build what is missing."""
        order = list(wanted)
        standing = [floor.make for floor in self._floors]
        fit = next((n for n, (has, wants) in enumerate(zip(standing, order, strict=False)) if has is not wants), None)
        self.clear(min(len(standing), len(order)) if fit is None else fit)
        for make in order[len(self._floors) :]:
            self._build(make, wanted[make], given)
        self.values = copy.deepcopy(self._floors[-1].values) if self._floors else {}

    def clear(self, left: int = 0) -> None:
        """Take floors down until `left` stand; all of them if a test has lost the connection they stood on."""
        self.values = {}
        while len(self._floors) > (0 if connection.closed_in_transaction else left):
            floor = self._floors.pop()
            transaction.set_rollback(True)
            floor.savepoint.__exit__(None, None, None)

    def _build(self, make: Make, needed: list[Make | str], given: Callable[[str], Any]) -> None:
        values = copy.deepcopy(self._floors[-1].values) if self._floors else {}
        savepoint = transaction.atomic()
        savepoint.__enter__()
        self._floors.append(_Floor(make, values, savepoint))
        try:
            values[make] = make(*(given(each) if isinstance(each, str) else values[each] for each in needed))
        except BaseException:
            self.clear(len(self._floors) - 1)
            raise


_stage = _Stage()


@pytest.fixture(scope="session")
def bare_ground(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Nothing stands and no connection is open: for who is about to give this thread other connections, as a loop does."""
    with django_db_blocker.unblock():
        _stage.clear()
        connections.close_all()


def _wanted(request: pytest.FixtureRequest) -> dict[Make, list[Make | str]]:
    """What the test asks for, each after what it is made of, and in the same order whichever test asks."""
    definitions = request.node._fixtureinfo.name2fixturedefs
    wanted: dict[Make, list[Make | str]] = {}

    def want(name: str) -> Make | None:
        make: Make | None = getattr(definitions[name][-1].func, "standing", None) if name in definitions else None
        if make is not None and make not in wanted:
            needed = [want(each) or each for each in inspect.signature(make).parameters]
            wanted[make] = needed
        return make

    for name in sorted(request.fixturenames):
        want(name)
    return wanted


def _commits(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    return "transactional_db" in request.fixturenames or bool(marker and (marker.args or marker.kwargs))


@pytest.fixture
def stage(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The standing worlds of a test, in place before its own savepoint."""
    with django_db_blocker.unblock():
        _stage.set({} if _commits(request) else _wanted(request), request.getfixturevalue)


@pytest.fixture
def _django_db_helper(stage: None, _django_db_helper: None) -> None:
    """pytest-django's own, after the standing worlds."""
