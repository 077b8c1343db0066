from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.streets import BUILDING, LID, SPOT, Street
from yiwang.data.places.contracts import BadCoordinates
from yiwang.governance.incidents import actions, queries
from yiwang.governance.incidents.contracts import (
    BadReport,
    CannotDispatch,
    CannotMerge,
    NoSuchIncident,
    NoSuchType,
    NotYoursToReport,
)
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import NotYourCase, NotYourStep, SameHolder
from yiwang.kernel.people import actions as people
from yiwang.office.supervision import queries as supervision


def handled(street: Street) -> str:
    """A report that was filed and sent to the unit of its type; its case number."""
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "dispatch")
    return done.case_number


def test_a_report_becomes_an_incident_with_sixteen_digits(street: Street) -> None:
    done = street.report(words="三袋垃圾", place="柳岸路口")
    assert done.code == "9901020102000001"
    assert street.report(spot=(0.18, 0.18)).code == "9901020102000002"
    incident = queries.get(done.code, street.actor("street.desk"))
    assert incident.title == "暴露垃圾（柳岸社区第1网格）"
    assert incident.org_id == street.offices["street"].id
    assert street.steps(done.case_number) == {"file"}
    (report,) = queries.reports(done.code)
    assert (report.words, report.place, report.is_first) == ("三袋垃圾", "柳岸路口", True)


def test_an_event_and_a_component_never_share_a_code(street: Street) -> None:
    # 大类01 小类01 is a building put up without leave, and a manhole cover.
    codes = [street.report(key).code for key in (BUILDING, LID)]
    assert codes == ["9901020101000001", "9901020101000002"]


def test_an_incident_goes_from_filing_to_judging(street: Street) -> None:
    number = handled(street)
    case = cases.by_number(number)
    (task,) = [task for task in case.steps_open if task.instance]
    assert task.org_id == street.offices["cleaning"].id
    assert task.due_at is not None
    street.take(number, "cleaning.handler", "handle", "done", "清理干净")
    street.take(number, "street.grid", "check", "pass")
    street.take(number, "street.desk", "close", "close")
    incident = queries.by_case(case.id)
    assert incident is not None
    assert (incident.is_open, incident.outcome, incident.score) == (False, "solved", 100)


def test_work_hours_bind_each_unit(street: Street) -> None:
    case = cases.by_number(handled(street))
    (task,) = [task for task in case.steps_open if task.instance]
    assert task.due_at is not None
    # Four work hours from Monday ten o'clock, over the noon break, by the national work hours.
    assert timedelta(hours=4) <= task.due_at - street.world.at <= timedelta(hours=8)


def test_a_returned_incident_is_sent_elsewhere_and_costs_points(street: Street) -> None:
    number = handled(street)
    street.take(number, "cleaning.handler", "handle", "return", "不属于本单位职责")
    assert street.steps(number) == {"dispatch"}
    incident = queries.by_case(cases.by_number(number).id)
    assert incident is not None
    assert incident.units == ()
    actions.dispatch(
        code=incident.code, step="dispatch", org_ids=[street.offices["water"].id], by=street.actor("street.desk"),
        at=street.world.at,
    )  # fmt: skip
    street.take(number, "water.handler", "handle", "done", "已处置")
    street.take(number, "street.grid", "check", "fail", "还有垃圾")
    street.take(number, "street.desk", "dispatch", "dispatch")
    street.take(number, "cleaning.handler", "handle", "done", "再次清理")
    street.take(number, "street.grid", "check", "pass")
    street.take(number, "street.desk", "close", "close")
    judged = queries.by_case(incident.case_id)
    assert judged is not None
    assert judged.figures == {"late": 0, "returned": 1, "failed": 1}
    assert judged.score == 70


def test_several_units_put_it_right_together(street: Street) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    both = [street.offices["cleaning"].id, street.offices["water"].id]
    desk = street.actor("street.desk")
    with pytest.raises(CannotDispatch):
        actions.dispatch(code=done.code, step="dispatch", org_ids=[10**9], by=desk, at=street.world.at)
    actions.dispatch(code=done.code, step="dispatch", org_ids=both, by=desk, at=street.world.at)
    street.take(done.case_number, "cleaning.handler", "handle", "done", "清理干净")
    assert street.steps(done.case_number) == {"handle"}
    street.take(done.case_number, "water.handler", "handle", "done", "疏通")
    assert street.steps(done.case_number) == {"check"}


def test_a_whistle_calls_units_to_the_spot(street: Street) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    both = [street.offices["cleaning"].id, street.offices["water"].id]
    actions.dispatch(
        code=done.code, step="dispatch", org_ids=both, whistle=True, by=street.actor("street.desk"), at=street.world.at
    )
    later = street.world.at + timedelta(minutes=40)
    actions.act(
        code=done.code, step="whistle", choice="arrive", position=(0.1509, 0.15), by=street.actor("cleaning.handler"),
        at=later,
    )  # fmt: skip
    assert street.steps(done.case_number) == {"whistle"}
    with pytest.raises(BadCoordinates):
        actions.act(
            code=done.code, step="whistle", choice="arrive", position=(0, 91), by=street.actor("water.handler"),
            at=later,
        )  # fmt: skip
    actions.act(code=done.code, step="whistle", choice="arrive", by=street.actor("water.handler"), at=later)
    assert street.steps(done.case_number) == {"handle"}
    first, second = queries.arrivals(done.code)
    assert first.distance_m is not None
    assert 95 <= first.distance_m <= 105
    assert (first.arrived_at, second.distance_m) == (later, None)


def test_it_goes_up_and_down_the_levels(street: Street) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "raise", "街道办不了")
    street.take(done.case_number, "county.desk", "county", "raise", "区里办不了")
    street.take(done.case_number, "city.desk", "city", "raise", "市里办不了")
    street.take(done.case_number, "province.desk", "province", "lower", "已与邻市商定，请市里办理")
    street.take(done.case_number, "city.desk", "city", "lower", "请区里牵头")
    with pytest.raises(NotYourStep):
        street.take(done.case_number, "city.desk", "county", "lower", "越级")
    street.take(done.case_number, "county.desk", "county", "dispatch")
    assert street.steps(done.case_number) == {"handle"}


def test_the_same_thing_reported_often_is_one_incident(street: Street) -> None:
    photo = street.photo()
    found = [street.report(spot=(SPOT[0] + n * 1e-6, SPOT[1]), photos=(photo,)) for n in range(40)]
    assert {each.code for each in found} == {found[0].code}
    assert [each.is_merged for each in found[:2]] == [False, True]
    incident = queries.get(found[0].code, street.actor("street.desk"))
    assert incident.reports == 40
    assert len(queries.reports(incident.code)) == 40


@pytest.mark.slow
def test_a_thousand_equal_reports_are_one_incident(street: Street) -> None:
    photo = street.photo()
    codes = {street.report(photos=(photo,)).code for _ in range(1000)}
    assert len(codes) == 1
    assert queries.get(codes.pop(), street.actor("street.desk")).reports == 1000


def test_the_same_key_is_the_same_report(street: Street) -> None:
    first, again = street.report(key="draft-0001"), street.report(key="draft-0001")
    assert first == again
    assert len(queries.reports(first.code)) == 1


def test_what_differs_is_another_incident(street: Street) -> None:
    first = street.report()
    assert street.report(BUILDING).code != first.code
    assert street.report(spot=(SPOT[0] + 0.001, SPOT[1])).code != first.code
    later = street.world.at + timedelta(hours=25)
    assert street.report(at=later).code != first.code


def test_what_is_near_is_shown_and_merged_by_the_desk(street: Street) -> None:
    first = street.report()
    second = street.report(spot=(SPOT[0] + 0.0009, SPOT[1]), words="同一堆垃圾")
    ((far, near),) = queries.similar_to(second.code, at=street.world.at)
    assert near.code == first.code
    assert 95 <= far <= 105
    desk = street.actor("street.desk")
    with pytest.raises(CannotMerge):
        actions.merge(code=second.code, into=second.code, by=desk, at=street.world.at)
    merged = actions.merge(code=second.code, into=first.code, by=desk, at=street.world.at)
    assert merged.merged_into == first.code
    assert cases.by_number(second.case_number).outcome == "merged"
    assert [each.words for each in queries.reports(first.code)] == ["", "同一堆垃圾"]
    assert street.report(joins=first.code, spot=(0.11, 0.11)).code == first.code
    with pytest.raises(NoSuchIncident):
        street.report(joins=second.code)


def test_what_is_put_right_at_once_is_closed_at_once(street: Street) -> None:
    done = street.report(is_self_handled=True, photos_after=(street.photo(),))
    assert cases.by_number(done.case_number).outcome == "self-handled"
    with pytest.raises(BadReport):
        street.report(is_self_handled=True)
    with pytest.raises(BadReport):
        street.report(BUILDING, is_self_handled=True, photos_after=(street.photo(),))


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"spot": (0.9, 0.9)}, BadReport),
        ({"spot": (float("nan"), 0)}, BadCoordinates),
        ({"spot": (200, 0)}, BadCoordinates),
        ({"type_key": "event:9999"}, NoSuchType),
        ({"photos": ()}, BadReport),
        ({"photos": (10**12,)}, BadReport),
        ({"ahead": timedelta(hours=1)}, BadReport),
        ({"ahead": -timedelta(days=30)}, BadReport),
        ({"words": "长" * 501}, BadReport),
        ({"component": "9" * 16}, BadReport),
    ],
)
def test_a_report_that_cannot_be_is_refused(street: Street, more: dict[str, Any], error: type[Exception]) -> None:
    if ahead := more.get("ahead"):
        more = {"seen_at": street.world.at + ahead}
    with pytest.raises(error):
        street.report(**more)


def test_only_who_walks_the_grids_reports_and_only_the_desk_sends(street: Street) -> None:
    done = street.report()
    with pytest.raises(NotYoursToReport):
        actions.report(new=None, key="x" * 8, by=street.world.actor("health.clerk"), at=street.world.at)  # type: ignore[arg-type]
    with pytest.raises(Denied):
        actions.dispatch(
            code=done.code, step="dispatch", org_ids=[1], by=street.actor("street.grid"), at=street.world.at
        )
    with pytest.raises(NoSuchIncident):
        queries.get(done.code, street.world.actor("health.clerk"))


def test_a_unit_that_never_acts_is_overdue_and_gets_its_card(street: Street, run_jobs: Any) -> None:
    number = handled(street)
    late = street.world.at + timedelta(days=3)
    engine.sweep(by=SYSTEM, at=late)
    rows = cases.open_rows([cases.by_number(number).id], at=late)
    assert {row.lamp for row in rows[cases.by_number(number).id]} == {"red"}
    run_jobs()
    cards = supervision.of_watched(cases.by_number(number).id)
    assert {card.org_id for card in cards} == {street.offices["cleaning"].id}


def test_an_incident_under_supervision_stays_in_one_family(street: Street) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "supervise", "三个单位都不接")
    family = cases.family(cases.by_number(done.case_number).id)
    (slot,) = family.slots
    assert slot.case is not None
    assert slot.case.number == f"{done.case_number}-01"
    assert slot.case.kind == "supervision-matter"
    at, supervisor = street.world.at, street.world.actor("city.supervisor")
    engine.advance(case_id=slot.case.id, step="register", choice="start", grounds="三日内解决", by=supervisor, at=at)
    street.take(slot.case.number, "street.chief", "answer", "answered", "已明确由城管局清理")
    engine.advance(case_id=slot.case.id, step="check", choice="settled", by=supervisor, at=at)
    assert street.steps(done.case_number) == {"check"}


def test_lists_cost_the_same_for_one_and_for_many(street: Street, django_assert_max_num_queries: Any) -> None:
    photo = street.photo()
    for n in range(12):
        street.report(spot=(0.11 + n / 200, 0.15), photos=(photo,))
    desk = street.actor("street.desk")
    with django_assert_max_num_queries(6):
        page = queries.listed(desk, at=street.world.at, size=10)
    assert len(page.items) == 10
    assert page.items[0].steps[0].step_name == "立案"
    with django_assert_max_num_queries(5):
        found = queries.points(desk, at=street.world.at)
    assert len(found["features"]) == 12
    assert queries.counts(desk, at=street.world.at)["open"] == 12
    assert queries.listed(street.world.actor("health.clerk"), at=street.world.at).items == []


def test_a_desk_of_the_district_sees_its_streets_on_map_and_list_and_no_cases(street: Street) -> None:
    done = street.report()
    at = street.world.at
    for who, seen in (("county.desk", 1), ("city.desk", 1), ("cleaning.handler", 0)):
        by = street.actor(who)
        assert len(queries.listed(by, at=at).items) == len(queries.points(by, at=at)["features"]) == seen
    with pytest.raises(NotYourCase):
        cases.get(cases.by_number(done.case_number).id, street.actor("county.desk"))


def test_the_desk_of_another_district_sees_nothing(street: Street) -> None:
    street.report()
    county = street.actor("county.desk")
    (post,) = county.posts
    other = replace(county, posts=(replace(post, org_id=10**9, org_path="/1000000000/", region_code="990103000000"),))
    assert queries.listed(other, at=street.world.at).items == []
    assert queries.points(other, at=street.world.at)["features"] == []


def test_the_district_dispatches_what_was_sent_up_to_it(street: Street) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    unit, at = street.offices["water"].id, street.world.at
    with pytest.raises(NotYourStep):
        actions.dispatch(code=done.code, step="dispatch", org_ids=[unit], by=street.actor("county.desk"), at=at)
    street.take(done.case_number, "street.desk", "dispatch", "raise", "需区里协调")
    actions.dispatch(code=done.code, step="county", org_ids=[unit], by=street.actor("county.desk"), at=at)
    assert queries.listed(street.actor("water.handler"), at=at).items[0].incident.units == (unit,)


def test_who_put_it_right_does_not_recheck_it(street: Street) -> None:
    number, at = handled(street), street.world.at
    people.appoint(
        account_id=street.accounts["cleaning.handler"],
        org_id=street.offices["street"].id,
        post_type="grid-worker",
        title="网格员",
        since=at.date(),
        by=SYSTEM,
        at=at,
    )
    street.take(number, "cleaning.handler", "handle", "done", "清理完毕")
    with pytest.raises(SameHolder):
        street.take(number, "cleaning.handler", "check", "pass")
    street.take(number, "street.grid", "check", "pass")
    assert street.steps(number) == {"close"}
