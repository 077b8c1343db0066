"""An earlier platform's messages become tickets of their own time, once; what cannot be is told line by line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.hotline import Hotline
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.services.hotline import actions, queries
from yiwang.services.hotline._topic_shapes import BadImportFile, ImportReport
from yiwang.services.hotline.models import PastFacts, Ticket

HEAD = "留言编号,留言用户,留言主题,留言时间,留言详情,答复意见,答复时间,点赞数\n"
GOOD = (
    '2549,A0001,投诉物业乱收费,2019/4/25 9:32:09,"停车费涨价,\n没有公示",已责令整改。,2019/5/10 14:56:53,3\n'
    "2550,A0001,咨询社保转移,2019/4/26 10:00,怎么办理,,,\n"
    "2551,A0002,举报违建,2019-04-27 08:00:00,三楼加盖,已立案。,2019-05-01 08:00:00,\n"
)


def brought_in(hotline: Hotline, tmp_path: Path, text: str, **more: str) -> ImportReport:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8")
    told: list[str] = []
    return actions.import_files(paths=[path], by=SYSTEM, at=hotline.at, tell=told.append, **more)


def test_they_keep_their_time_and_their_reply(hotline: Hotline, tmp_path: Path) -> None:
    report = brought_in(hotline, tmp_path, HEAD + GOOD, source="old")
    assert (report.read, report.created, report.known, report.problems) == (3, 3, 0, ())
    row = Ticket.objects.get(external_source="old", external_number="2549")
    assert row.received_at == datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)
    view = queries.view(row.number)
    assert (view.is_open, view.outcome, view.answer) == (False, "answered", "已责令整改。")
    assert view.content == "投诉物业乱收费\n停车费涨价,\n没有公示"
    assert cases.peek(row.case_id).closed_at == datetime(2019, 5, 10, 6, 56, 53, tzinfo=UTC)
    assert PastFacts.objects.get(ticket=row).likes == 3
    assert queries.view(Ticket.objects.get(external_number="2550").number).outcome == "archived"


def test_twice_is_once(hotline: Hotline, tmp_path: Path) -> None:
    brought_in(hotline, tmp_path, HEAD + GOOD)
    again = brought_in(hotline, tmp_path, HEAD + GOOD)
    assert (again.read, again.created, again.known) == (3, 0, 3)
    assert Ticket.objects.count() == 3


def test_one_user_is_one_caller_and_an_informant_is_nobody(hotline: Hotline, tmp_path: Path) -> None:
    brought_in(hotline, tmp_path, HEAD + GOOD)
    rows = {row.external_number: row for row in Ticket.objects.all()}
    assert rows["2549"].phone_index == rows["2550"].phone_index != ""
    assert rows["2551"].is_confidential
    assert rows["2551"].phone_index == ""
    assert rows["2549"].phone_index not in (row.content for row in rows.values())


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1,u,题,2019/13/40,文,,,", "时间看不懂"),
        ("1,u,题,2999/1/1 0:00,文,,,", "时间不可信"),
        ("1,u,题,1066/1/1 0:00,文,,,", "时间不可信"),
        ("1,u,题,2019/4/25 9:32,文,答复,2019/4/24 9:32,", "早于"),
        ("1,u,题,2019/4/25 9:32,文,答复,,", "要一起有"),
        ("1,u,,2019/4/25 9:32,,,,", "没有内容"),
        (",u,题,2019/4/25 9:32,文,,,", "留言编号不对"),
        ("1' OR 1,u,题,2019/4/25 9:32,文,,,", "留言编号不对"),
        ("1,u,题,2019/4/25 9:32,文,,,-5", "点赞数不是数字"),
        ("1,u,题", "时间看不懂"),
        (f"1,u,题,2019/4/25 9:32,{'长' * 20_001},,,", "内容过长"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(hotline: Hotline, tmp_path: Path, row: str, sentence: str) -> None:
    report = brought_in(hotline, tmp_path, HEAD + GOOD + row + "\n")
    (problem,) = report.problems
    # The first message has a line break, so the fifth row begins at line 6.
    assert problem.line == 6
    assert sentence in problem.sentence
    assert report.is_reconciled
    assert report.created == 3


def test_another_message_under_the_same_number_is_told(hotline: Hotline, tmp_path: Path) -> None:
    report = brought_in(hotline, tmp_path, HEAD + GOOD + "2550,A0001,别的事,2019/4/26 10:00,别的内容,,,\n")
    assert [problem.line for problem in report.problems] == [6]
    assert report.is_reconciled


@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"", b"\xff\xfe\x00\x01"])
def test_a_file_that_is_no_list_is_refused(hotline: Hotline, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(BadImportFile):
        actions.import_files(paths=[path], by=SYSTEM, at=hotline.at, tell=lambda _: None)
    assert not Ticket.objects.exists()
