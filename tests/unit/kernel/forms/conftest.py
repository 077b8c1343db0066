"""A small form over the shipped data elements."""

from collections.abc import Iterator

import pytest

from tests.unit.kernel.forms.sample import place_with_form
from yiwang.kernel.forms import queries
from yiwang.kernel.forms.contracts import FormDef
from yiwang.kernel.packs import queries as packs


@pytest.fixture
def form() -> Iterator[FormDef]:
    with packs.using(place_with_form()):
        yield queries.get("test.birth")
