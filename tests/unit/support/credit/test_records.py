"""Records: taken once, public as long as the rule of their day says, graded and measured by packs only."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from tests.world import AT, World
from yiwang.data.engine import actions as lake
from yiwang.data.registries import queries as registries
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.support.credit import actions, kinds, queries
from yiwang.support.credit._records import months_after, periods
from yiwang.support.credit.contracts import (
    BadCheck,
    BadRecords,
    NewRecord,
    NoSuchSubject,
    NotAFirm,
    RecordKind,
    Severity,
    Standing,
)
from yiwang.support.credit.models import CreditCheck, CreditRecord

ON = AT.date()


@pytest.mark.parametrize(
    ("decided_on", "severity", "expected"),
    [
        (date(2026, 6, 1), Severity.GENERAL, (True, date(2026, 9, 1), date(2027, 6, 1))),
        (date(2026, 6, 1), Severity.SERIOUS, (True, date(2027, 6, 1), date(2029, 6, 1))),
        (date(2026, 6, 1), Severity.MINOR, (False, None, None)),
        (date(2026, 3, 31), Severity.MINOR, (True, date(2026, 6, 30), date(2026, 6, 30))),
        (date(2026, 3, 31), Severity.GENERAL, (True, date(2026, 9, 30), date(2029, 3, 31))),
        (date(2026, 4, 1), Severity.GENERAL, (True, date(2026, 7, 1), date(2027, 4, 1))),
        (date(2019, 1, 1), Severity.GENERAL, (True, date(2019, 7, 1), date(2022, 1, 1))),
    ],
)
def test_periods_follow_the_rule_of_the_document(
    penalty: NewRecord, decided_on: date, severity: Severity, expected: tuple[Any, ...]
) -> None:
    found = periods(replace(penalty, decided_on=decided_on, severity=severity), kinds.policy())
    assert found[:3] == expected


def test_months_end_where_a_month_is_short() -> None:
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert months_after(date(2026, 1, 31), -11) == date(2025, 2, 28)


def test_a_delivery_is_taken_once_and_changed_where_the_source_changed(deliver: Any) -> None:
    assert deliver().created == 1
    again = deliver()
    assert (again.created, again.changed, again.unchanged) == (0, 0, 1)
    changed = deliver({"title": "公共场所卫生严重不合格"}, {"number": "2"})
    assert (changed.created, changed.changed) == (1, 1)
    assert set(CreditRecord.objects.values_list("number", "title")) == {
        ("1", "公共场所卫生严重不合格"), ("2", "公共场所卫生不合格"),
    }  # fmt: skip


def test_faulty_records_are_told_one_by_one(deliver: Any) -> None:
    report = deliver(
        {}, {"number": "a", "uscc": "110101199003070011"}, {"number": "b", "severity": None},
        {"number": "c", "decided_on": ON + timedelta(days=1)}, {"number": "d", "kind": RecordKind.BLACK, "list_id": "tax.a-grade"},
        {"number": "e", "authority_uscc": "91110000600037341L"}, {"number": "f", "title": " "}, {},
    )  # fmt: skip
    assert set(report.problems) == {"1", "a", "b", "c", "d", "e", "f"}
    assert "两条" in report.problems["1"]
    assert "自然人" not in report.problems["a"]
    assert not CreditRecord.objects.exists()


def test_an_authority_reports_its_own(deliver: Any, world: World, officer: Actor) -> None:
    police = world.org("police-household")
    assert deliver({"authority": police.name, "authority_uscc": police.uscc}).created == 1, (
        "the post reaches the district"
    )
    other = world.org("other-health")
    with pytest.raises(NotPermitted):
        deliver({"authority": other.name, "authority_uscc": other.uscc})
    with pytest.raises(NotPermitted):
        deliver(by=world.actor("health.clerk"))
    with pytest.raises(BadRecords):
        actions.take_records(source="", records=[], by=officer, at=AT)


def test_the_public_sees_what_is_published_now(deliver: Any, agent: Actor, world: World) -> None:
    deliver(
        {}, {"number": "2", "severity": Severity.MINOR}, {"number": "3", "decided_on": date(2020, 1, 1)},
        {"number": "4", "is_withdrawn": True}, {"number": "5", "kind": RecordKind.LICENCE, "severity": None},
    )  # fmt: skip
    firm = world.firm.id_number
    assert {each.number for each in queries.public(firm, on=ON).records} == {"1", "5"}
    assert queries.public(firm, on=ON).grade is None
    assert {each.number for each in queries.public(firm, on=date(2027, 6, 1)).records} == {"5"}
    own = {each.number: each.standing for each in queries.own(agent, on=ON).records}
    assert own == {
        "1": Standing.PUBLIC, "2": Standing.HIDDEN, "3": Standing.OVER, "4": Standing.WITHDRAWN, "5": Standing.PUBLIC,
    }  # fmt: skip
    with pytest.raises(NotAFirm):
        queries.own(world.actor("mother"))
    with pytest.raises(NoSuchSubject):
        queries.public("91110000600037341L")


@pytest.mark.parametrize(
    ("changes", "grade", "reason"),
    [
        ([], "A", ""),
        ([{"severity": Severity.MINOR}], "A", ""),
        ([{}], "B", "有一条一般失信记录"),
        ([{}, {"number": "2"}], "C", "有两条以上一般失信记录"),
        ([{"severity": Severity.SERIOUS}], "D", "有严重失信记录"),
        (
            [{"kind": RecordKind.BLACK, "severity": Severity.SERIOUS, "list_id": "wages.arrears"}],
            "D",
            "在严重失信主体名单上",
        ),
        ([{"decided_on": date(2022, 1, 1)}], "A", ""),
        ([{"is_withdrawn": True, "severity": Severity.SERIOUS}], "A", ""),
    ],
)
def test_grades_come_from_the_table_with_the_row_that_decided(
    deliver: Any, agent: Actor, changes: list[dict[str, Any]], grade: str, reason: str
) -> None:
    if changes:
        deliver(*changes)
    found = queries.own(agent, on=ON).grade
    assert found is not None
    assert found.grade == grade
    assert reason in found.reason


def test_measures_are_those_of_packs(deliver: Any, agent: Actor, officer: Actor, world: World) -> None:
    deliver({"kind": RecordKind.BLACK, "severity": Severity.SERIOUS, "list_id": "wages.arrears"})
    [found] = actions.check_many(usccs=[world.firm.id_number], purpose="办理许可", by=officer, at=AT)
    assert {each.id for each in found.measures} == {"anlan.credit.no-tacit-promise", "anlan.credit.no-subsidy"}
    assert all(each.is_punishment and each.basis and each.because for each in found.measures)
    assert found.lists == ("wages.arrears",)
    later = queries.own(agent, on=date(2030, 1, 1))
    assert later.measures == ()


def test_a_thousand_checks_cost_as_many_queries_as_one(
    deliver: Any, agent: Actor, officer: Actor, world: World, django_assert_max_num_queries: Any
) -> None:
    deliver()
    usccs = [world.firm.id_number, *(f"91990102MA0{number:07d}" for number in range(999))]
    actions.check_many(usccs=usccs[:1], purpose="预热", by=officer, at=AT)
    with django_assert_max_num_queries(9):
        found = actions.check_many(usccs=usccs, purpose="补贴发放前核查", by=officer, at=AT)
    assert [each.uscc for each in found] == usccs
    assert (found[0].grade, found[0].is_registered, found[0].public_records) == ("B", True, 1)
    assert (found[1].grade, found[1].is_registered) == ("A", False)
    checks = queries.checks_of(agent).items
    assert [each.purpose for each in checks] == ["补贴发放前核查", "预热"]
    assert checks[0].org_id == world.org("health").id


def test_a_check_needs_a_purpose_and_a_post(world: World, officer: Actor) -> None:
    for usccs, purpose in (([], "x"), ([world.firm.id_number], " "), (["123"], "x"), (["9" * 18] * 1001, "x")):
        with pytest.raises(BadCheck):
            actions.check_many(usccs=usccs, purpose=purpose, by=officer, at=AT)
    with pytest.raises(NotPermitted):
        actions.check_many(usccs=[world.firm.id_number], purpose="x", by=world.actor("health.clerk"), at=AT)
    assert not CreditCheck.objects.exists()


def test_a_lake_table_is_a_source(settings: LazySettings, tmp_path: Path, world: World) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    lake.declare(name="standard.market-penalties", layer="standard", by=SYSTEM, at=AT)
    line = f"'{world.firm.id_number}', '广告违法', DATE '2026-06-01', '市场监管局'"
    rows = f"(1, 'penalty', {line}, 'general'), (2, 'penalty', {line}, 'awful'), (3, 'licence', {line}, NULL)"
    sql = f"SELECT * FROM (VALUES {rows}) t(number, kind, uscc, title, decided_on, authority, severity)"
    lake.commit(table="standard.market-penalties", source=sql, mode="replace", key="1", by=SYSTEM, at=AT)
    report = actions.take_table(table="standard.market-penalties", by=SYSTEM, at=AT)
    assert (report.created, set(report.problems)) == (2, {"2"})
    again = actions.take_table(table="standard.market-penalties", by=SYSTEM, at=AT)
    assert (again.created, again.unchanged) == (0, 2)
    assert CreditRecord.objects.get(number="1").publish_until == date(2027, 6, 1)


def test_what_was_taken_stands_in_the_registry_of_credit(deliver: Any, world: World, run_jobs: Any) -> None:
    deliver()
    run_jobs()
    (found,) = registries.search("credit", number=world.firm.id_number, by=SYSTEM)
    file = registries.file("credit", found.key)
    assert (file.value("title"), file.value("region_code")) == ("公共场所卫生不合格", world.org("health").region_code)
    deliver({"is_withdrawn": True}, at=AT + timedelta(days=1))
    run_jobs()
    assert registries.file("credit", found.key).value("standing") == Standing.WITHDRAWN.word
    assert registries.file("credit", found.key, as_of=ON).value("standing") == Standing.PUBLIC.word
