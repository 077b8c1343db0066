"""Checkpoints leave the house, once each, and a place that holds another history says so."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.conf import LazySettings

from tests.unit.kernel.ledger.test_ledger import AT, numbered
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions, jobs, queries
from yiwang.kernel.ledger.contracts import AnchorContradicts, AnchorUnreachable

pytestmark = pytest.mark.django_db


class Witness(BaseHTTPRequestHandler):
    """An outside place that keeps what it is given."""

    kept: list[str] = []
    status = 201

    def do_POST(self) -> None:
        self.kept.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def witness() -> Iterator[str]:
    Witness.kept, Witness.status = [], 201
    server = HTTPServer(("127.0.0.1", 0), Witness)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/anchor"
    server.shutdown()
    server.server_close()


def test_nothing_numbered_is_nothing_to_give(tmp_path: Path) -> None:
    assert actions.anchor(place=str(tmp_path), by=SYSTEM, at=AT) is None


def test_a_folder_keeps_every_checkpoint_that_verify_then_asks_for(tmp_path: Path) -> None:
    for count in (3, 2):
        numbered(count)
        actions.anchor(place=str(tmp_path), by=SYSTEM, at=AT)
        actions.anchor(place=str(tmp_path), by=SYSTEM, at=AT)
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["checkpoint-000000000003.txt", "checkpoint-000000000005.txt"]
    assert all(queries.verify(anchor=path.read_text()).is_sound for path in kept)
    assert queries.anchored(str(tmp_path)) == AT


def test_a_folder_with_another_history_is_told(tmp_path: Path) -> None:
    numbered(3)
    (tmp_path / "checkpoint-000000000003.txt").write_text("another")
    with pytest.raises(AnchorContradicts):
        actions.anchor(place=str(tmp_path), by=SYSTEM, at=AT)
    assert queries.anchored(str(tmp_path)) is None


def test_the_hourly_job_posts_once(witness: str, settings: LazySettings) -> None:
    head = numbered(2) and queries.checkpoint()
    assert head
    jobs.anchor(timestamp=0)
    assert Witness.kept == []
    settings.YIWANG_LEDGER_ANCHOR = witness
    jobs.anchor(timestamp=0)
    jobs.anchor(timestamp=0)
    assert Witness.kept == [head.note]


@pytest.mark.parametrize(("status", "error"), [(500, AnchorUnreachable), (409, AnchorContradicts)])
def test_a_refusal_is_told_and_asked_again(witness: str, status: int, error: type[Exception]) -> None:
    numbered(2)
    Witness.status = status
    with pytest.raises(error):
        actions.anchor(place=witness, by=SYSTEM, at=AT)
    Witness.status = 200
    actions.anchor(place=witness, by=SYSTEM, at=AT)
    assert queries.anchored(witness) == AT


def test_a_place_that_does_not_answer_is_told(tmp_path: Path) -> None:
    numbered(1)
    for place in ("http://127.0.0.1:9/anchor", str(tmp_path / "absent")):
        with pytest.raises(AnchorUnreachable):
            actions.anchor(place=place, by=SYSTEM, at=AT)
