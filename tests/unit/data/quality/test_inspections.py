"""From a table of the lake to a report, a case at its source, a correction verified, an objection answered."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from tests.departments import Departments, departments
from tests.world import AT, World, make_uscc
from yiwang.data.catalogue import actions as catalogue
from yiwang.data.catalogue.contracts import Content, Cycle, ItemView, NewResource, Sharing, Way
from yiwang.data.engine import actions as lake
from yiwang.data.quality import actions, queries
from yiwang.data.quality.contracts import (
    BadObjection,
    Dimension,
    NewObjection,
    NoSuchProblem,
    NoSuchReport,
    NotForThisPost,
    NothingToInspect,
    ProblemView,
    ReportView,
)
from yiwang.data.quality.models import DataObjection, FailingRow, Problem
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

CODE = "anlan.market.firms"
TABLE = f"standard.{CODE}"
GOOD, OTHER = make_uscc("91990100MA", 1), make_uscc("91990100MA", 2)
WRONG = GOOD[:-1] + ("1" if GOOD[-1] != "1" else "2")
ITEMS = (
    ItemView("uscc", "", "firm.uscc", is_key=True),
    ItemView("name", "", "firm.name"),
    ItemView("boss", "法定代表人", "person.name"),
    ItemView("phone", "电话", "person.phone"),
    ItemView("opened", "成立日期", "firm.established-on"),
)


@pytest.fixture
def place(world: World, settings: LazySettings, tmp_path: Path) -> Departments:
    settings.YIWANG_LAKE = tmp_path / "lake"
    made = departments(world)
    content = Content(
        title="企业登记信息",
        summary="名称和代码。",
        items=ITEMS,
        update_cycle=Cycle.DAILY,
        sharing=Sharing.UNCONDITIONAL,
        ways=(Way.SERVICE,),
    )
    catalogue.register(
        new=NewResource(CODE, made.org("market").id, content), by=made.actor("data-bureau.keeper"), at=AT
    )
    lake.declare(name=TABLE, layer="standard", by=SYSTEM, at=AT)
    return made


def deliver(*rows: tuple[str | None, ...], at: datetime = AT) -> None:
    """A new state of the table, rows of uscc, name, boss, phone, opened."""
    values = ", ".join("(" + ", ".join("NULL" if v is None else f"'{v}'" for v in row) + ")" for row in rows)
    source = f"SELECT uscc, name, boss, phone, opened::DATE AS opened FROM (VALUES {values}) AS t(uscc, name, boss, phone, opened)"
    lake.commit(table=TABLE, source=source, mode="replace", key=f"{at.isoformat()}{hash(values)}", by=SYSTEM, at=at)


def row(uscc: str | None, phone: str | None = "13900000001", boss: str = "张三丰") -> tuple[str | None, ...]:
    return (uscc, "安澜食品有限公司", boss, phone, "2020-05-06")


def inspected(at: datetime = AT) -> ReportView:
    return actions.inspect(resource=CODE, by=SYSTEM, at=at)


def open_problems(place: Departments) -> dict[str, ProblemView]:
    page = queries.problems(place.actor("data-bureau.keeper"), size=50)
    return {one.rule: one for one in page.items}


def finding(report: ReportView, code: str) -> tuple[int, int]:
    return next((one.judged, one.failed) for one in report.findings if one.code == code)


def test_a_report_says_what_each_rule_found_and_scores_six_dimensions(place: Departments) -> None:
    deliver(row(GOOD), row(OTHER), row(WRONG, phone="139"), row(None, phone=None), row(GOOD))
    report = inspected()
    assert (report.rows, report.snapshot, report.title) == (5, 1, "企业登记信息")
    assert finding(report, "uscc.present") == (5, 1)
    assert finding(report, "uscc.check-digit") == (4, 1)
    assert finding(report, "key-unique") == (4, 2)
    assert finding(report, "phone.written") == (4, 1)
    assert report.faulty_rows == 4
    assert report.dimensions[Dimension.ACCESSIBLE] == 100
    assert report.dimensions[Dimension.TIMELY] == 100
    assert report.dimensions[Dimension.ACCURATE] == 50
    assert report.score is not None
    assert min(report.dimensions.values()) < report.score < 100
    assert sum(report.row_scores.values()) == 5
    assert queries.latest(CODE, place.actor("market.officer")).id == report.id


def test_rows_are_listed_masked_and_only_to_whom_they_concern(place: Departments) -> None:
    deliver(row(GOOD, phone="139012", boss="李时珍"))
    found = next(one for one in inspected().findings if one.code == "phone.written")
    [line] = queries.failing(found.id, place.actor("market.officer")).items
    assert line.values == {"phone": "******", "uscc": GOOD}
    with pytest.raises(NoSuchReport):
        queries.failing(found.id, place.actor("civil.officer"))
    with pytest.raises(NoSuchReport):
        queries.latest(CODE, place.actor("civil.officer"))


def test_failing_rows_go_back_to_their_source_as_one_case_with_a_clock(place: Departments) -> None:
    deliver(row(GOOD, phone="1"), row(OTHER, phone="2"))
    inspected()
    inspected()
    [problem] = open_problems(place).values()
    assert (problem.rule, problem.rows, problem.org_id) == ("phone.written", 2, place.org("market").id)
    view = cases.peek(problem.case_id)
    assert view.title == "问题数据：企业登记信息—电话：是11位手机号码"
    clock = next(clock for clock in view.clocks if clock.name == "answer")
    assert clock.due_at == workdays.due(AT, Limit.parse("10 workdays")).at
    assert Problem.objects.count() == 1


def say(place: Departments, problem: ProblemView, step: str, choice: str, who: str) -> None:
    engine.advance(case_id=problem.case_id, step=step, choice=choice, grounds="已核对", by=place.actor(who), at=AT)


def test_only_an_inspection_without_fault_closes_what_was_said_to_be_corrected(place: Departments) -> None:
    deliver(row(GOOD, phone="1"))
    inspected()
    problem = open_problems(place)["phone.written"]
    say(place, problem, "fix", "corrected", "market.officer")
    inspected()
    assert open_problems(place)["phone.written"].step == "等待复查", "no new data have come"
    later = AT + timedelta(hours=1)
    deliver(row(GOOD, phone="12"), at=later)
    inspected(later)
    assert open_problems(place)["phone.written"].step == "源头核查更正"
    deliver(row(GOOD), at=later + timedelta(hours=1))
    inspected(later + timedelta(hours=1))
    assert open_problems(place) == {}
    assert cases.peek(problem.case_id).outcome == "corrected"
    assert not FailingRow.objects.exists()


def test_what_was_found_to_be_right_is_not_asked_again_unless_there_is_more(place: Departments) -> None:
    deliver(row(GOOD, phone="1"))
    inspected()
    problem = open_problems(place)["phone.written"]
    say(place, problem, "fix", "dispute", "market.officer")
    say(place, problem, "judge", "right", "data-bureau.keeper")
    inspected()
    assert open_problems(place) == {}
    deliver(row(GOOD, phone="1"), row(OTHER, phone="2"), at=AT + timedelta(hours=1))
    inspected(AT + timedelta(hours=1))
    assert list(open_problems(place)) == ["phone.written"]


def test_the_source_may_take_its_rows_and_nobody_else(place: Departments) -> None:
    deliver(row(GOOD, phone="139012"))
    inspected()
    problem = open_problems(place)["phone.written"]
    taken = actions.take_rows(problem_id=problem.id, by=place.actor("market.officer"), at=AT)
    assert (taken.columns, taken.rows) == (("phone", "uscc"), (("139012", GOOD),))
    with pytest.raises(NotForThisPost):
        actions.take_rows(problem_id=problem.id, by=place.actor("data-bureau.keeper"), at=AT)
    with pytest.raises(NoSuchProblem):
        actions.take_rows(problem_id=problem.id, by=place.actor("civil.officer"), at=AT)


def test_whoever_uses_the_data_objects_and_the_source_answers(place: Departments, run_jobs: Callable[[], int]) -> None:
    deliver(row(GOOD))
    inspected()
    by = place.actor("civil.officer")
    new = NewObjection(CODE, "name", GOOD, "安澜食品有限公司", "安澜食品厂", "营业执照已变更")
    said = actions.object_to(new=new, by=by, at=AT)
    run_jobs()
    again = actions.answer_objection(objection_id=said.id, by=SYSTEM, at=AT)
    held = DataObjection.objects.get()
    assert again is not None
    assert again.id == held.case_id
    assert again.org_id == place.org("market").id
    assert cases.data(held.case_id)["answers"]["claimed"] == "安澜食品厂"
    assert queries.totals(place.actor("data-bureau.keeper")).objections == 1


def test_objections_say_which_record_of_what(place: Departments) -> None:
    by = place.actor("civil.officer")
    for item, key, claimed, error in (
        ("gone", "1", "x", BadObjection),
        ("name", " ", "x", BadObjection),
        ("name", "1", " ", Invalid),
    ):
        with pytest.raises(error):
            actions.object_to(new=NewObjection(CODE, item, key, "", claimed), by=by, at=AT)


def test_who_may_inspect_and_what_can_be(place: Departments) -> None:
    with pytest.raises(NothingToInspect):
        inspected()
    assert queries.inspectable() == []
    deliver(row(GOOD))
    assert queries.inspectable() == [CODE]
    with pytest.raises(NotPermitted):
        actions.inspect(resource=CODE, by=place.actor("market.officer"), at=AT)
    actions.inspect(resource=CODE, by=place.actor("data-bureau.keeper"), at=AT)
    assert queries.inspectable() == []


def test_old_data_are_late_and_missing_items_cannot_be_read(place: Departments) -> None:
    lake.commit(table=TABLE, source=f"SELECT '{GOOD}' AS uscc", mode="replace", key="1", by=SYSTEM, at=AT)
    report = inspected(AT + timedelta(days=5))
    assert report.dimensions[Dimension.TIMELY] == 0
    assert report.dimensions[Dimension.ACCESSIBLE] == 20
    assert open_problems(place).keys() == {"delivered-in-time"}


def test_lists_and_trends_cost_the_same_whatever_there_is(
    place: Departments, django_assert_max_num_queries: object
) -> None:
    deliver(row(GOOD, phone="1"))
    inspected()
    inspected(AT + timedelta(days=1))
    by, today = place.actor("data-bureau.keeper"), AT.date()
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        [worst] = queries.worst(by).items
        [unit] = queries.by_org(by)
        points = queries.trend(by, resource=CODE, since=today - timedelta(days=9), until=today + timedelta(days=9))
        totals = queries.totals(by)
    assert (worst.resource, worst.problems, unit.problems, totals.problems) == (CODE, 1, 1, 1)
    assert (len(points), totals.resources, totals.rows) == (2, 1, 1)
    assert totals.score == unit.score == worst.report.score == points[-1].score


def signed_in(place: Departments, key: str) -> Client:
    """A test client at the desk of one of the departments."""
    client = Client()
    client.force_login(get_user_model().objects.get(pk=place.accounts[key]))
    session = client.session
    session.update(dict.fromkeys((OPENED_AT, SEEN_AT), timezone.now().isoformat()))
    session.save()
    return client


def test_pages_and_json_show_steward_and_source_what_is_theirs(place: Departments) -> None:
    deliver(row(GOOD, phone="139012"), row(OTHER))
    report = inspected()
    problem = open_problems(place)["phone.written"]
    faulty = next(one for one in report.findings if one.code == "phone.written")
    keeper, officer, other = (
        signed_in(place, key) for key in ("data-bureau.keeper", "market.officer", "civil.officer")
    )
    for client, said in ((keeper, "现在有什么问题"), (officer, "欠的"), (other, "没有待更正的问题数据")):
        page = client.get("/desk/quality")
        assert page.status_code == 200
        assert said in page.content.decode()
    shown = officer.get(f"/desk/quality/resources/{CODE}").content.decode()
    assert "企业登记信息的质量" in shown
    assert f"/desk/quality/findings/{faulty.id}" in shown
    assert officer.get(f"/desk/quality/reports/{report.id}").status_code == 200
    assert "******" in officer.get(f"/desk/quality/findings/{faulty.id}").content.decode()
    assert "取走明细" in officer.get(f"/desk/quality/problems/{problem.id}").content.decode()
    assert "取走明细" not in keeper.get(f"/desk/quality/problems/{problem.id}").content.decode()
    assert "139012" in officer.post(f"/desk/quality/problems/{problem.id}/rows.csv").content.decode()
    for address in (f"resources/{CODE}", f"problems/{problem.id}", f"findings/{faulty.id}"):
        assert other.get(f"/desk/quality/{address}").status_code == 404
    refused = officer.post(f"/desk/quality/resources/{CODE}/objection", {"item": "name", "key": "", "claimed": "x"})
    assert refused.status_code == 422
    assert officer.get("/api/quality/resources").json()["items"][0]["resource"] == CODE
    assert officer.get(f"/api/quality/resources/{CODE}").json()["faulty_rows"] == 1
    assert officer.get(f"/api/quality/resources/{CODE}/trend").status_code == 200
    assert officer.get("/api/quality/problems").json()["items"][0]["rule"] == "phone.written"
    assert officer.get(f"/api/quality/findings/{faulty.id}/rows").json()["items"][0]["values"]["phone"] == "******"
    answer = officer.post(
        f"/api/quality/resources/{CODE}/objections",
        {"item": "name", "key": GOOD, "claimed": "安澜食品厂"},
        content_type="application/json",
    )
    assert answer.status_code == 200
