"""A birth over JSON and the outside systems it needs."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.families import Family
from tests.journeys.birth_api import BirthApi
from tests.journeys.outside_world import OutsideWorld, outside_world
from tests.world import World
from yiwang.site import logs


@pytest.fixture(autouse=True)
def _logs_give_nobody_away(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a journey writes to the log, as it is written, holds no name, ID number, telephone or credit code of its people."""
    private = set(_private(request.getfixturevalue("world"))) if "world" in request.fixturenames else set[str]()
    written, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter())
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    found = [secret for secret in private if secret in written.getvalue()]
    found += re.findall(r"\b99010\d{12}[\dX]\b", written.getvalue())
    assert not found, written.getvalue()


def _private(world: World) -> Iterator[str]:
    for party in (world.mother, world.father, world.neighbour, world.firm):
        yield from filter(None, (party.name, party.id_number, party.phone))


@pytest.fixture
def birth(family: Family, client_as: Callable[[str], Client]) -> BirthApi:
    return BirthApi(family, client_as)


@pytest.fixture
def outside(tmp_path: Path, settings: Any, run_jobs: Callable[[], int]) -> Iterator[OutsideWorld]:
    """Household, insurance, tax and card systems as processes of their own, sharing a YIWANG_HOME with the test."""
    settings.YIWANG_HOME = tmp_path
    with outside_world(tmp_path, run_jobs) as world:
        yield world
