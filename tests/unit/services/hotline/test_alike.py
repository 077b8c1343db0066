"""Messages of one matter are found together, however long the list; unlike ones are not."""

import numpy as np
import pytest

from tests.unit.services.hotline.messages import MATTERS, other, said
from yiwang.services.hotline import _alike, _signature

DAY = 86_400


def gathered(texts: list[str], days: list[int], within: int = 30) -> list[_alike.Star]:
    seen = _signature.Seen.of(texts, key=1)
    signed = _signature.signatures(texts, seen, key=1)
    return _alike.stars(_alike.Signatures.of(signed, np.array(days) * DAY), within_seconds=within * DAY)


def test_messages_of_one_matter_are_one_topic() -> None:
    labels = [n % 3 if n % 4 == 0 else -1 for n in range(200)]
    texts = [said(label, n) if label >= 0 else other(n) for n, label in enumerate(labels)]
    found = gathered(texts, [n // 20 for n in range(200)])
    largest = found[:3]
    assert {frozenset(labels[m] for m in star.members) for star in largest} == {
        frozenset({0}),
        frozenset({1}),
        frozenset({2}),
    }
    for star in largest:
        assert len(star.members) >= 0.9 * labels.count(labels[star.middle])


def test_the_same_messages_give_the_same_topics() -> None:
    texts = [said(n % 3, n) for n in range(90)]
    assert gathered(texts, [0] * 90) == gathered(texts, [0] * 90)


def test_what_lies_a_year_apart_is_not_one_topic() -> None:
    texts = [said(0, n) for n in range(20)]
    found = gathered(texts, [0] * 10 + [365] * 10)
    assert found
    assert all({m < 10 for m in star.members} in ({True}, {False}) for star in found)


def test_one_report_a_thousand_times_is_one_topic() -> None:
    texts = [MATTERS[0][0] + "，" + MATTERS[0][1]] * 1000 + [other(n) for n in range(300)]
    found = gathered(texts, list(range(1300)), within=2000)
    assert found[0].members == tuple(range(1000))


def test_nothing_alike_gives_no_topic() -> None:
    assert gathered([other(n) for n in range(300)], [0] * 300) == []


@pytest.mark.parametrize("texts", [[], ["只有一条"], ["", "", ""], ["！", "？"]])
def test_too_little_gives_no_topic(texts: list[str]) -> None:
    assert gathered(texts, [0] * len(texts)) == []


def test_a_signature_is_short_keyed_and_begins_with_what_tells() -> None:
    texts = [said(n % 3, n) for n in range(60)]
    seen = _signature.Seen.of(texts, key=1)
    one, two = _signature.signatures(texts[:1], seen, key=1), _signature.signatures(texts[:1], seen, key=2)
    assert 0 < len(one[0]) <= _signature.PIECES
    assert len(set(one[0])) == len(one[0])
    assert not set(one[0]) & set(two[0])


@pytest.mark.slow
def test_a_hundred_thousand_messages() -> None:
    texts = [said(n % 3, n) if n % 100 == 0 else other(n) for n in range(100_000)]
    found = gathered(texts, [n // 1000 for n in range(100_000)], within=90)
    assert sum(len(star.members) for star in found[:3]) >= 900
