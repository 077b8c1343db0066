"""A birth over JSON and the outside systems it needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.families import Family
from tests.journeys.birth_api import BirthApi
from tests.journeys.outside_world import OutsideWorld, outside_world


@pytest.fixture
def birth(family: Family, client_as: Callable[[str], Client]) -> BirthApi:
    return BirthApi(family, client_as)


@pytest.fixture
def outside(tmp_path: Path, settings: Any, run_jobs: Callable[[], int]) -> Iterator[OutsideWorld]:
    """Household, insurance, tax and card systems as processes of their own, sharing a YIWANG_HOME with the test."""
    settings.YIWANG_HOME = tmp_path
    with outside_world(tmp_path, run_jobs) as world:
        yield world
