"""Every test here talks HTTP to a stand-in that runs as a process of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.outside import steps
from tests.outside.played import Mailbox, Played, mailbox, played
from yiwang.kernel.packs import queries as packs_queries
from yiwang.support.connectors.contracts import OutsideReport, register_consumer

HEARD: list[OutsideReport] = []


def remember(*, report: OutsideReport, by: Any, at: Any) -> None:
    """The consumer of these tests."""
    HEARD.append(report)


register_consumer("tests", "tests.outside.conftest.remember")


@pytest.fixture(autouse=True)
def _a_moment_of_its_own() -> None:
    steps.moment.cache_clear()


@pytest.fixture
def heard() -> Iterator[list[OutsideReport]]:
    """What the consumer was told, in order."""
    import tests.outside.conftest as this

    this.HEARD.clear()
    yield this.HEARD
    this.HEARD.clear()


@pytest.fixture
def outside_packs() -> Iterator[None]:
    """The systems of these tests instead of the demo place's."""
    with packs_queries.using(Path(__file__).parent / "packs"):
        yield


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A YIWANG_HOME of the test's own, shared with the stand-ins."""
    settings.YIWANG_HOME = tmp_path
    return tmp_path


@pytest.fixture
def play(home: Path) -> Iterator[Callable[..., Played]]:
    """`play("household", lose=1000)` starts a stand-in in that mood; its answers wait in `.mailbox`."""
    with ExitStack() as stack:

        def start(system: str, platform: Mailbox | None = None, **moods: int) -> Played:
            box = platform or stack.enter_context(mailbox())
            return stack.enter_context(played(system, home, box, **moods))

        yield start


@pytest.fixture
def data() -> dict[str, Any]:
    from tests.world import make_id_number

    return {
        "child": {"name": "林小满", "sex": "2", "born_at": "2026-11-20T06:30:00+08:00"},
        "certificate_no": "Z990000001",
        "follows": "mother",
        "region_code": "990102000000",
        "mother": {"name": "陈晓岚", "id_number": make_id_number("990102199303156", 24)},
    }
