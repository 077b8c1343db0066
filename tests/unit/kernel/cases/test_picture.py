"""A flow drawn: readable without colour, without a mouse and without eyes; nothing on top of anything."""

import re
from datetime import timedelta
from itertools import combinations
from xml.etree import ElementTree

import pytest
from django.template import Context, Template

from tests.flows import AWAY, LEAGUE, TENNIS, flow
from tests.unit.kernel.cases.conftest import Club
from tests.world import place_packs
from yiwang.kernel.cases import queries
from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases._picture import HEIGHT, WIDTH, of_flow
from yiwang.kernel.cases.kinds import FLOW, FlowPack, ParallelStep

NAME = "{http://www.w3.org/2000/svg}"
LAYOUTS = ("horizontal", "vertical")


def _flows() -> list[Flow]:
    shipped = [flow_of(pack.as_type(FlowPack), "x") for pack in place_packs().all_of(FLOW)]
    return [*map(flow, (TENNIS, LEAGUE, AWAY)), *shipped]


def _words(picture: ElementTree.Element) -> str:
    return "".join(text.text or "" for text in picture.iter(f"{NAME}text"))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("drawn", _flows(), ids=lambda one: one.id)
def test_every_step_has_a_box_of_its_own(drawn: Flow, layout: str) -> None:
    picture = ElementTree.fromstring(of_flow(drawn, layout))
    boxes = [
        (float(box.get("x", "")), float(box.get("y", "")))
        for box in picture.iter(f"{NAME}rect")
        if box.get("width") == str(WIDTH)
    ]
    assert len(boxes) == sum(not isinstance(step, ParallelStep) for step in drawn.steps.values())
    for one, other in combinations(boxes, 2):
        assert abs(one[0] - other[0]) >= WIDTH or abs(one[1] - other[1]) >= HEIGHT
    width, height = float(picture.get("width", "")), float(picture.get("height", ""))
    assert all(0 <= x <= width - WIDTH and 0 <= y <= height - HEIGHT for x, y in boxes)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_carries_neither_script_nor_style(layout: str) -> None:
    text = of_flow(flow(TENNIS), layout)
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", text)


def test_words_from_packs_are_escaped() -> None:
    made = flow(TENNIS.replace("name: 报名", 'name: "<b>&报名"'))
    assert "&lt;b&gt;&amp;报名" in of_flow(made, "horizontal")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_where_a_case_stands_is_said_in_words(club: Club, layout: str) -> None:
    case = club.take(club.open(), "request.enter", "ann")
    picture = ElementTree.fromstring(queries.flow_picture(case_id=case.id, layout=layout))
    title, told = picture.findtext(f"{NAME}title"), picture.findtext(f"{NAME}desc")
    assert title == f"办件{case.number}的办理流程"
    assert told is not None
    assert told.startswith("已办：报名、比赛。正在办：第一盘、第二盘、第三盘。未到：")
    assert "✓ 已办 11-23" in _words(picture)
    assert "● 正在办 12-07前" in _words(picture)


def test_a_closed_case_says_how_it_came_out(club: Club) -> None:
    case = club.take(club.take(club.open(), "request.enter", "ann"), "second.injured", "ann")
    picture = ElementTree.fromstring(queries.flow_picture(case_id=case.id))
    assert (picture.findtext(f"{NAME}desc") or "").endswith("已办结：负。")


def test_both_layouts_stand_in_a_page_without_sharing_ids(club: Club) -> None:
    case = club.open()
    page = Template("{% load cases %}{% case_flow id %}{% flow 'test.flow' %}").render(Context({"id": case.id}))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) == 4 * 4
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_it_says_what_took_how_long_and_what_was_too_long(club: Club) -> None:
    # Tuesday is in time for a limit of two work days; the season's ten run out on 7 December.
    case = club.take(club.open(), "request.enter", "ann", at=club.at + timedelta(days=1))
    late = club.at + timedelta(days=15)
    picture = ElementTree.fromstring(queries.flow_picture(case_id=case.id, at=late))
    told = picture.findtext(f"{NAME}desc") or ""
    assert "用时：报名 1个工作日、第一盘 10个工作日、第二盘 10个工作日、第三盘 10个工作日。" in told
    overdue = ElementTree.fromstring(queries.flow_picture(case_id=case.id, at=late + timedelta(days=7)))
    assert "报名 1个工作日、第一盘 15个工作日（超期）" in (overdue.findtext(f"{NAME}desc") or "")
    words = [text.text for text in overdue.iter(f"{NAME}text")]
    assert (words.count("1个工作日"), words.count("15个工作日"), words.count("超期")) == (1, 3, 3)


def test_rounds_of_a_step_are_added_up(club: Club) -> None:
    case = club.take(club.open(), "request.ask", "ann", grounds="请补照片", at=club.at + timedelta(days=1))
    case = club.take(case, "photo.send", club.player, at=club.at + timedelta(days=1, hours=1))
    told = ElementTree.fromstring(queries.flow_picture(case_id=case.id, at=club.at + timedelta(days=3)))
    assert "用时：报名 3个工作日、交照片 当天。" in (told.findtext(f"{NAME}desc") or "")
