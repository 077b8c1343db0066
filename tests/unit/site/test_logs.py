"""Logs can be searched by reference and give nobody away."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from yiwang.site import logs


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = root.handlers, root.level
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.configure(level="INFO")
    yield stream
    root.handlers = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_reference_is_kept_and_what_libraries_attach_is_not(lines: io.StringIO) -> None:
    logging.getLogger("somewhere").error("unexpected error", extra={"reference": "K7", "request": "GET /?name=张三"})
    told = json.loads(lines.getvalue())
    assert (told["event"], told["reference"], told["level"]) == ("unexpected error", "K7", "error")
    assert "张三" not in lines.getvalue()


def test_row_that_the_database_refused_is_left_out(lines: io.StringIO) -> None:
    said = "duplicate key\nDETAIL:  Key (phone)=(13800000001) already exists."
    try:
        raise RuntimeError(said)
    except RuntimeError:
        logging.getLogger("somewhere").exception("failed")
    assert "RuntimeError: duplicate key" in json.loads(lines.getvalue())["exception"]
    assert "13800000001" not in lines.getvalue()


@pytest.mark.parametrize("secret", ["990102199303156243", "99010219930315624X", "13900000001", "990102930315624"])
def test_numbers_of_people_are_left_out_wherever_they_stand(lines: io.StringIO, secret: str) -> None:
    logging.getLogger("somewhere").error("refused %s", secret)
    structlog.get_logger("somewhere").error("refused", reason=f"no such person: {secret}.")
    try:
        raise KeyError(secret)
    except KeyError:
        logging.getLogger("somewhere").exception("failed")
    assert secret not in lines.getvalue()
    assert lines.getvalue().count("(left out)") >= 3


def test_numbers_of_cases_and_leaves_stay(lines: io.StringIO) -> None:
    logging.getLogger("somewhere").error("case 990102202611210000017 leaf 1234567890 in 1234567890123 ns")
    assert "990102202611210000017 leaf 1234567890 in 1234567890123" in lines.getvalue()
