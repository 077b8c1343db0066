"""Telling messages apart: what is learned, how sure it is, which words say so, and what a model file must be."""

from pathlib import Path

import numpy as np
import pytest

from yiwang.services.hotline import _classes, _training
from yiwang.services.hotline._training import Labelled, Split

TOPICS = {
    "供水": ("楼顶水箱长年不洗", "自来水发黄有异味", "二次供水水压太低", "水管破裂漏水", "停水三天没人修"),
    "公交": ("公交车半小时一班", "公交站台没有雨棚", "末班公交车提前收班", "公交司机飞站不停", "公交线路绕行太远"),
    "学校": ("学校食堂饭菜发霉", "小学补课乱收费", "老师体罚学生", "学校门口没有护学岗", "初中学位分配不公"),
}
AT = ("阳光小区", "幸福里", "河东路", "学府苑", "南门口", "北塘村", "老火车站", "江边社区")


def messages() -> list[Labelled]:
    return [
        Labelled(f"{place}的居民反映：{words}，请尽快处理。", label)
        for label, all_ in TOPICS.items()
        for words in all_
        for place in AT
    ]


@pytest.fixture(scope="module")
def parts() -> Split:
    return _training.split(messages())


@pytest.fixture(scope="module")
def model(parts: Split) -> _classes.Model:
    return _training.adjusted(_training.fit(parts.learn), parts.adjust)


def test_messages_never_seen_are_told_apart(model: _classes.Model, parts: Split) -> None:
    worth = _training.worth(model, parts.judge)
    assert worth.macro_f1 > 0.9
    assert set(worth.f1) == set(TOPICS)
    sure = model.probabilities([one.text for one in parts.judge])
    assert np.allclose(sure.sum(axis=1), 1, atol=1e-4)


def test_the_same_message_is_on_one_side_only() -> None:
    same = [Labelled("楼顶水箱长年不洗，水有异味", "供水"), Labelled("楼顶水箱 长年不洗 水有异味！", "学校")] * 5
    parts = _training.split([*messages(), *same])
    sides = [{_training._key(one.text) for one in side} for side in (parts.learn, parts.adjust, parts.judge)]
    assert not sides[0] & sides[1]
    assert not sides[0] & sides[2]
    assert not sides[1] & sides[2]
    assert sum(len(side) for side in (parts.learn, parts.adjust, parts.judge)) == len(messages()) + len(same)


def test_each_label_is_on_every_side_and_the_split_repeats(parts: Split) -> None:
    for side in (parts.learn, parts.adjust, parts.judge):
        assert {one.label for one in side} == set(TOPICS)
    assert _training.split(reversed(messages())).judge != ()
    assert _training.split(messages()) == parts


def test_training_twice_gives_the_same_model(parts: Split) -> None:
    one, two = _training.fit(parts.learn), _training.fit(parts.learn)
    assert np.array_equal(one.weights, two.weights)


def test_the_reason_is_words_of_the_message(model: _classes.Model) -> None:
    text = "南门口的居民反映：末班公交车提前收班，请尽快处理。"
    words = model.words(text, "公交")
    assert words
    assert all(word in text for word in words)
    assert any(sign in "".join(words) for sign in "公交班")


@pytest.mark.parametrize("text", ["", "　", "？？！！", "😀" * 50, "a", "\0\0", "\ud800坏"])
def test_nothing_to_go_by_is_no_certainty(model: _classes.Model, text: str) -> None:
    sure = model.probabilities([text, "公交车半小时一班"])
    assert sure[0].max() < model.threshold
    assert model.labels[int(sure[1].argmax())] == "公交"


def test_a_written_model_reads_back(model: _classes.Model, tmp_path: Path) -> None:
    digest = _classes.write(model, tmp_path / "models" / "classes.npz")
    again = _classes.read(tmp_path / "models" / "classes.npz")
    assert again.digest == digest
    assert again.labels == model.labels
    texts = [one.text for one in messages()]
    assert np.allclose(again.probabilities(texts), model.probabilities(texts), atol=0.02)


def test_numbers_from_elsewhere_are_refused(model: _classes.Model, tmp_path: Path) -> None:
    path = tmp_path / "classes.npz"
    _classes.write(model, path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(ValueError, match="not those that its description names"):
        _classes.read(path)
