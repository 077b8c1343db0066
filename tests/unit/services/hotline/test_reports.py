"""The month in figures, on the page, in the PDF and in the CSV; topics on pages; only for who may see tickets."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.hotline import Hotline
from tests.standing import standing
from tests.unit.services.hotline.messages import said
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.design import queries as design
from yiwang.kernel.design.contracts import NoPdf
from yiwang.services.hotline import _reports, actions, queries
from yiwang.services.hotline.contracts import Caller, TicketKind

As = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YIWANG_HOME", tmp_path)


@standing
def filled(hotline: Hotline) -> Hotline:
    for n in range(4):
        moment = hotline.at - timedelta(days=n)
        hotline.take(content=said(0, n), caller=Caller("钱某", f"1380000000{n}"), received_at=moment, by=SYSTEM)
    hotline.take(kind=TicketKind.COMPLAINT, received_at=hotline.at - timedelta(days=35), by=SYSTEM)
    hotline.done()
    actions.find_topics(by=SYSTEM, at=hotline.at)
    return hotline


def test_figures_add_up_and_stand_beside_the_month_before(filled: Hotline) -> None:
    found = _reports.monthly(filled.actor("leader"), month=filled.at.date(), at=filled.at)
    assert (found.total.now, found.total.before, found.total.change_percent) == (5, 1, 400)
    for _title, lines in _reports.figures(found):
        assert sum(line.now for line in lines) == 5
        assert sum(line.before for line in lines) == 1
    assert sum(map(sum, found.heat)) == 5
    assert {line.name: line.now for line in found.kinds} == {"求助": 5, "投诉": 0}
    assert found.topics[0].tickets == 4
    assert [unit.name for unit in found.rates] == ["区城管局"]


def test_the_hour_is_that_of_the_place(filled: Hotline) -> None:
    found = _reports.monthly(filled.actor("leader"), month=filled.at.date(), at=filled.at)
    assert sum(found.heat[day][filled.at.hour] for day in range(7)) == 5


def test_a_report_costs_the_same_however_long(
    filled: Hotline, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    leader = filled.actor("leader")
    _reports.monthly(leader, month=filled.at.date(), at=filled.at)
    with django_assert_max_num_queries(32):
        _reports.monthly(leader, month=filled.at.date(), at=filled.at)


def test_pages_show_it_and_nobody_s_number(filled: Hotline, client_as: As) -> None:
    client = client_as("hotline.leader")
    topic = queries.hot_topics(filled.actor("leader"))[0]
    month = f"{filled.at:%Y-%m}"
    for address in (
        "/desk/hotline/topics",
        "/desk/hotline/topics?rising=1",
        f"/desk/hotline/topics/{topic.id}",
        f"/desk/hotline/report?month={month}",
        "/desk/hotline/report?month=nonsense",
    ):
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "1380000000" not in answer.content.decode()
    assert "车位" in client.get(f"/desk/hotline/report?month={month}").content.decode()


def test_the_table_has_the_same_figures(filled: Hotline, client_as: As) -> None:
    answer = client_as("hotline.leader").get(f"/desk/hotline/report.csv?month={filled.at:%Y-%m}")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert "受理量,合计,5,1" in lines
    assert answer["Content-Disposition"].endswith('.csv"')


def test_the_document_is_a_pdf(filled: Hotline, client_as: As) -> None:
    answer = client_as("hotline.leader").get(f"/desk/hotline/report.pdf?month={filled.at:%Y-%m}")
    try:
        design.pdf("<p>", style="")
    except NoPdf:
        assert answer.status_code == 503
        return
    assert answer.status_code == 200
    assert answer.content[:5] == b"%PDF-"


@pytest.mark.parametrize("address", ["topics", "topics/1", "report", "report.csv", "report.pdf"])
def test_who_sees_no_tickets_sees_no_figures(filled: Hotline, client_as: As, address: str) -> None:
    assert client_as("hotline.housing").get(f"/desk/hotline/{address}").status_code in (403, 404)
    assert client_as("mother").get(f"/desk/hotline/{address}").status_code in (302, 403, 404)


def test_an_empty_month_is_no_month_of_noughts(filled: Hotline) -> None:
    month = (timezone.localdate() - timedelta(days=3000)).replace(day=1)
    found = _reports.monthly(filled.actor("leader"), month=month, at=filled.at)
    assert (found.total.now, found.total.change_percent, found.place) == (0, None, None)
