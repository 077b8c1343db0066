"""A flow is walked through without a case."""

import pytest

from yiwang.kernel.cases import queries
from yiwang.kernel.cases.contracts import CannotAdvance


def test_flow_is_rehearsed_from_choice_to_choice() -> None:
    halfway = queries.rehearse("standard.permit", ["intake.accept"])
    assert halfway.open == {"review"}
    done = queries.rehearse("standard.permit", ["intake.accept", "review.pass", "decide.grant"])
    assert (done.is_ended, done.outcome, done.open) == (True, "granted", frozenset())


@pytest.mark.parametrize("wrong", ["review.pass", "intake.nothing"])
def test_what_is_not_open_cannot_be_rehearsed(wrong: str) -> None:
    with pytest.raises(CannotAdvance):
        queries.rehearse("standard.permit", [wrong])
