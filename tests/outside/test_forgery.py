"""Only the holder of the key is heard, once, now, and with what it wrote."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.outside.played import Played
from tests.outside.steps import pump, push
from yiwang.support.connectors.contracts import (
    OutsideReport,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outside_packs")]


class TestForgery:
    """Only the holder of the key is heard, once, now, and with what it wrote."""

    @pytest.fixture
    def letter(self, play: Callable[..., Played], data: dict[str, Any]) -> Any:
        household = play("household")
        push(data)
        pump()
        return household.work(minutes=2)[0]

    def test_another_key(self, letter: Any, heard: list[OutsideReport]) -> None:
        answer = letter.hand_in(signature="v1=" + "0" * 64)
        assert (answer.status_code, answer.json()["code"]) == (401, "connectors.bad-signature")
        assert heard == []

    def test_no_signature(self, letter: Any) -> None:
        assert letter.hand_in(signature="", timestamp="").status_code == 401

    def test_a_changed_body(self, letter: Any) -> None:
        body = letter.body.replace(b"accepted", b"result")
        assert letter.hand_in(body=body).status_code == 401

    def test_an_old_message_replayed_with_its_true_signature(
        self, letter: Any, heard: list[OutsideReport], home: Any
    ) -> None:
        from yiwang.standins.signing import sign

        key = (home / "outside" / "household.key").read_text().strip().encode()
        old = int(letter.headers["X-Yiwang-Timestamp"]) - 301
        signature = sign(key, timestamp=old, method="POST", path=letter.path, body=letter.body)
        assert letter.hand_in(timestamp=str(old), signature=signature).status_code == 401
        assert heard == []

    def test_the_same_message_replayed_at_once_changes_nothing(self, letter: Any, heard: list[OutsideReport]) -> None:
        assert [letter.hand_in().status_code for _ in range(3)] == [200, 200, 200]
        assert len(heard) == 1

    def test_another_content_under_a_known_id(self, letter: Any, heard: list[OutsideReport], home: Any) -> None:
        letter.hand_in()
        answer = _signed(letter, home, {**letter.content, "kind": "result"})
        assert (answer.status_code, answer.json()["code"]) == (409, "connectors.message-reused")
        assert len(heard) == 1

    def test_something_never_pushed(self, letter: Any, home: Any) -> None:
        answer = _signed(letter, home, {**letter.content, "reference": "990102202611239999999"})
        assert (answer.status_code, answer.json()["code"]) == (404, "connectors.no-such-reference")

    @pytest.mark.parametrize("body", [b"[]", b"\xff", b"[" * 100_000, b'{"message_id": 1}'])
    def test_nonsense(self, letter: Any, home: Any, body: bytes) -> None:
        assert _signed(letter, home, body).status_code == 422

    def test_too_large(self, letter: Any, home: Any) -> None:
        assert _signed(letter, home, b" " * 300_000).status_code == 413

    def test_a_system_nobody_knows(self, letter: Any) -> None:
        letter.path = "/api/outside/nobody/messages"
        assert letter.hand_in().status_code == 404


def _signed(letter: Any, home: Any, content: dict[str, Any] | bytes) -> Any:
    from yiwang.standins.signing import sign

    key = (home / "outside" / "household.key").read_text().strip().encode()
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    stamp = letter.headers["X-Yiwang-Timestamp"]
    signature = sign(key, timestamp=int(stamp), method="POST", path=letter.path, body=body)
    return letter.hand_in(body=body, signature=signature)
