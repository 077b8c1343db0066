"""A topic is called by words that several people used, and never by what one person wrote; small numbers make no trend."""

from collections.abc import Sequence

import pytest

from yiwang.services.hotline import _naming, _rising


def even(words: Sequence[str], shares: Sequence[float]) -> list[float]:
    return [0.0 if word in {"反映", "请领导", "关注"} else 1.0 for word in words]


def test_the_name_is_what_they_share_in_the_order_they_say_it() -> None:
    texts = [
        f"{before}滨河苑小区捆绑销售车位{after}"
        for before, after in (("投诉", "太过分"), ("反映", "！"), ("", "，求解决"), ("请问", "合法吗"))
    ]
    name = _naming.name_of(texts, even)
    assert "滨河苑小区" in name or "滨河苑" in name
    assert "车位" in name
    assert name.index("滨河苑") < name.index("车位")


def test_what_one_or_two_people_wrote_is_not_shown() -> None:
    texts = ["路灯坏了，电话13800001234王小明", "路灯坏了，我是王小明", "路灯坏了三天", "路灯坏了没人修", "路灯坏了"]
    name = _naming.name_of(texts, even)
    assert "路灯坏" in name
    assert "王小明" not in name
    assert "1380000" not in name


def test_a_repeated_text_counts_once() -> None:
    assert _naming.name_of(["某单元某某家漏水"] * 50, even) == ""


def test_everybody_s_words_do_not_name_a_topic() -> None:
    assert _naming.name_of(["反映", "反映。", "反映！", "反映，请领导", "反映？请领导"], even) == ""


@pytest.mark.parametrize(
    ("recent", "before", "grows"),
    [
        (0, 0, False),
        (2, 0, False),  # two of anything are no trend
        (3, 0, True),  # one in 729
        (3, 8, False),  # three where one was usual: one time in twelve
        (8, 8, True),
        (10, 80, False),
        (25, 80, True),
        (900, 8000, False),
        (2000, 8000, True),
    ],
)
def test_a_trend_is_more_than_chance(recent: int, before: int, grows: bool) -> None:
    found = _rising.rising(recent, before)
    assert found.is_rising is grows
    assert 0 <= found.chance <= 1


def test_the_chance_is_that_of_counting_coins() -> None:
    assert _rising.rising(3, 0).chance == pytest.approx((1 / 9) ** 3)
    assert _rising.rising(1, 1).chance == pytest.approx(1 - (8 / 9) ** 2)
    assert _rising._tail(30, 100, 1 / 9) == pytest.approx(_rising._at_least(30, 100, 1 / 9), rel=1e-6)
