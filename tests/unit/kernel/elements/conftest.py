"""Elements of the shipped packs."""

from collections.abc import Iterator

import pytest

from tests.world import place_packs
from yiwang.kernel.packs import queries as packs


@pytest.fixture(autouse=True, scope="module")
def _packs() -> Iterator[None]:
    with packs.using(place_packs()):
        yield
