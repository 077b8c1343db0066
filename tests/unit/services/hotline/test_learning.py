"""Suggestions by a model of the place's own: trained, used, followed or not, and what happens without one."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from tests.hotline import Hotline
from tests.world import VILLAGE
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline._classes import BITS, Model
from yiwang.services.hotline._learning import advised, model_path
from yiwang.services.hotline._topic_shapes import BadTrainingFile, TooLittleToLearn
from yiwang.services.hotline._training import Labelled
from yiwang.services.hotline.contracts import Caller, TicketKind
from yiwang.services.hotline.models import Ticket, TicketSignature

LAMPS = ("路灯不亮", "路灯坏了", "路灯闪烁刺眼", "路灯整条街都黑着", "路灯杆歪了")
LIFTS = ("电梯困人", "电梯停运三天", "电梯异响抖动", "电梯按钮失灵", "电梯一直没有年检")
PLACES = ("阳光小区", "幸福里", "河东路", "学府苑", "南门口", "北塘村", "老火车站", "江边社区")


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YIWANG_HOME", tmp_path)


def lessons(*labels: str) -> list[Labelled]:
    return [
        Labelled(f"{place}反映{words}，盼尽快处理", label)
        for label, all_ in zip(labels, (LAMPS, LIFTS), strict=True)
        for words in all_
        for place in PLACES
    ]


def trained(hotline: Hotline, *labels: str) -> None:
    actions.train(messages=lessons(*labels), source="test", by=SYSTEM, at=hotline.at)


def test_without_a_model_the_words_of_the_tree_suggest_and_say_so(hotline: Hotline) -> None:
    first = queries.suggest(text="门口的路灯不亮了", region_code=VILLAGE)[0]
    assert first.category == "010201"
    assert "未经训练" in first.reason


def test_a_model_suggests_category_and_unit_and_says_why(hotline: Hotline) -> None:
    trained(hotline, "城市管理", "住房和物业")
    first = queries.suggest(text="学府苑门口的路灯不亮，晚上看不见路", region_code=VILLAGE)[0]
    assert (first.category, first.org_name) == ("010201", "区城管局")
    assert first.confidence > 50
    assert "城市管理" in first.reason
    assert "路灯" in first.reason


def test_labels_may_be_codes(hotline: Hotline) -> None:
    trained(hotline, "01", "02")
    assert queries.suggest(text="南门口电梯困人，没人来救")[0].category == "020101"


def test_labels_may_be_what_another_list_calls_a_branch(hotline: Hotline) -> None:
    trained(hotline, "城乡建设", "环境保护")
    first = queries.suggest(text="学府苑门口的路灯不亮，晚上看不见路")[0]
    assert first.category == "010201"
    assert "像“城乡建设”" in first.reason


def test_what_is_surest_stands_first_though_its_label_does_not(hotline: Hotline) -> None:
    """A label that means two branches here gives each a half."""
    weights = np.zeros((2**BITS, 2), dtype=np.float32)
    leaning = np.array((0.3, 0), dtype=np.float32)
    model = Model(("城乡建设", "环境保护"), weights[:, 0] + 1, weights, leaning, threshold=0.5)
    found = advised(model, "楼下烧烤店油烟很大")
    assert [one.confidence for one in found] == [43, 29, 29]
    assert found[0].category_name.endswith("餐饮油烟")


def test_an_answer_that_shares_one_word_is_not_named(hotline: Hotline) -> None:
    assert not queries.answers("烧烤店半夜还开着，多次投诉没人管", on=hotline.at)
    assert queries.answers("老板拖欠工资，去哪里投诉", on=hotline.at)


def test_it_says_when_it_is_not_sure(hotline: Hotline) -> None:
    trained(hotline, "城市管理", "住房和物业")
    (only,) = queries.suggest(text="包工头跑了，欠薪没给")[:1]
    assert only.category == "070101"
    assert "把握不足" in only.reason
    assert only.confidence < 50


def test_a_label_that_the_tree_does_not_know_suggests_nothing_of_its_own(hotline: Hotline) -> None:
    messages = lessons("星际事务", "城市管理")
    assert actions.train(messages=messages, source="test", by=SYSTEM, at=hotline.at).unplaced == ("星际事务",)
    trained(hotline, "星际事务", "月球事务")
    assert all("星际" not in one.category_name for one in queries.suggest(text="学府苑门口的路灯不亮"))


def test_a_damaged_model_is_none(hotline: Hotline) -> None:
    trained(hotline, "城市管理", "住房和物业")
    model_path().write_bytes(b"not a model")
    assert "未经训练" in queries.suggest(text="门口的路灯不亮了")[0].reason
    model_path().with_suffix(".json").write_text("{")
    assert "未经训练" in queries.suggest(text="门口的路灯不亮了，真黑")[0].reason


def test_how_often_suggestions_are_followed(hotline: Hotline, run_jobs: Callable[[], int]) -> None:
    trained(hotline, "城市管理", "住房和物业")
    for n, category in enumerate(("010201", "010202", "020101")):
        ticket = hotline.take(
            content="学府苑门口的路灯不亮，晚上看不见路", category=category, caller=Caller("", f"1390000000{n}")
        )
        hotline.move(ticket, "desk.dispatch", "operator")
    hotline.take(content="学府苑门口的路灯不亮", category="010201")  # nobody has decided on this one
    run_jobs()
    day = hotline.at.date()
    found = queries.agreement(hotline.actor("leader"), since=day - timedelta(days=1), until=day)
    assert (found.decided, found.none, found.same, found.same_branch, found.percent) == (3, 0, 1, 2, 67)
    assert queries.agreement(hotline.actor("housing"), since=day, until=day).decided == 0


def test_learning_from_own_tickets_leaves_out_what_must_not_be_read(hotline: Hotline) -> None:
    done = hotline.dispatched(content="学府苑路灯不亮")
    secret = hotline.take(kind=TicketKind.REPORT, content="有人举报路灯招标")
    hotline.take(content="还没有办结的路灯")
    from yiwang.kernel.cases.models import Case

    Case.objects.filter(pk__in=[done.case_id, secret.case_id]).update(status="closed", closed_at=hotline.at)
    found = list(actions.of_tickets(level=1, by=SYSTEM, at=hotline.at))
    assert found == [Labelled("学府苑路灯不亮", "01")]


def test_too_little_is_not_learned(hotline: Hotline) -> None:
    with pytest.raises(TooLittleToLearn):
        actions.train(messages=lessons("城市管理", "住房和物业")[:45], source="test", by=SYSTEM, at=hotline.at)
    assert not model_path().exists()


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"\xff\xfe\x00", b"", b'text,label\n"unclosed'])
def test_a_file_that_is_no_list_is_refused(hotline: Hotline, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises((BadTrainingFile, TooLittleToLearn)):
        actions.train(messages=queries.labelled(path), source="x", by=SYSTEM, at=hotline.at)


def test_a_signature_keeps_what_was_suggested(hotline: Hotline, run_jobs: Callable[[], int]) -> None:
    trained(hotline, "城市管理", "住房和物业")
    ticket = hotline.take(content="学府苑门口的路灯不亮，晚上看不见路")
    run_jobs()
    run_jobs()
    row = TicketSignature.objects.get(ticket=Ticket.objects.get(number=ticket.number))
    assert row.advice == "010201"
    assert row.model
