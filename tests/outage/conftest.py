"""One installation for each trial, copied from one that was settled once; and a place to say what was measured."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.outage.site import Site, copy_of, new_home


@pytest.fixture(scope="session")
def settled_home() -> Iterator[Path]:
    """An installation that was up once and is down."""
    home = new_home()
    site = Site(home)
    try:
        site.start()
        site.stop()
        yield home
    finally:
        site.stop()
        shutil.rmtree(home)


@pytest.fixture
def site(settled_home: Path) -> Iterator[Site]:
    home = copy_of(settled_home)
    started = Site(home)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        shutil.rmtree(home)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[dict[str, Any]], None]:
    """One line of JSON, whatever pytest does with what tests print."""

    def said(figures: dict[str, Any]) -> None:
        with capsys.disabled():
            print(f"\n{json.dumps(figures, ensure_ascii=False)}")  # noqa: T201

    return said
