"""The 1,135 items of a real district go in, every doubt has its line, and nothing is lost."""

import csv
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.orgs import queries as orgs
from yiwang.services.matters import actions, codes, queries
from yiwang.services.matters.contracts import ImportReport, MatterType, Origin
from yiwang.services.matters.queries import Filter

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
ON = date(2026, 11, 23)


@pytest.fixture
def listed(shared: Path) -> Path:
    return shared / "data" / "service_items" / "guangan_items.csv"


@pytest.fixture
def report(db: None, listed: Path) -> ImportReport:
    return actions.import_list(path=listed, by=SYSTEM, at=AT)


def rows(listed: Path) -> list[dict[str, str]]:
    with listed.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_code_is_read_and_built_again(listed: Path) -> None:
    for row in rows(listed):
        assert str(codes.parse(row["item_code"])) == row["item_code"]


def test_all_items_become_records(report: ImportReport, listed: Path) -> None:
    assert (report.read, report.created, report.set_aside) == (1135, 1135, 0)
    assert report.is_reconciled
    for row in rows(listed)[::50]:
        item = queries.by_code(row["item_code"], on=ON)
        assert (item.name, item.type.value, item.origin) == (row["name"], row["task_type"].zfill(2), Origin.IMPORT)


def test_doubts_name_their_line(report: ImportReport) -> None:
    kinds = Counter(problem.code.removeprefix("matters.list.") for problem in report.problems)
    # Counted by hand in the file: see the columns item_code, task_type and area_code.
    assert kinds["body-unknown"] == 7  # TE… of the tobacco office
    assert kinds["lower-case"] == 1
    assert kinds["region-differs"] == 1
    assert kinds["type-differs"] == 2  # A-005818 is a licence code on a service, one 1Z code on a ruling
    assert kinds["short-code"] == 3
    assert not any(problem.is_refusal for problem in report.problems)
    assert all(line.count(":") >= 2 and line.split(":")[1].isdigit() for line in report.lines())


def test_organisations_are_made_for_real_codes_only(report: ImportReport) -> None:
    listed = orgs.of_kind("listed")
    assert len(listed) == report.organisations_created
    assert {org.region_code for org in listed} == {"511602000000"}
    hall = orgs.by_uscc("115113016823646795")
    assert hall.name == "区行政审批局"
    assert len(queries.search(Filter(org_id=hall.id), on=ON, size=200).items) == 200
    tobacco = queries.search(Filter(text="烟草专卖零售"), on=ON).items
    assert tobacco
    assert {item.org_id for item in tobacco} == {None}
    assert {item.org_name for item in tobacco} == {"区烟草专卖局"}


def test_a_second_import_changes_nothing(report: ImportReport, listed: Path) -> None:
    again = actions.import_list(path=listed, by=SYSTEM, at=AT)
    assert (again.read, again.unchanged, again.created, again.updated) == (1135, 1135, 0, 0)
    assert again.organisations_created == 0
    assert again.problems == report.problems


def test_an_import_costs_a_few_dozen_queries(db: None, listed: Path) -> None:
    with CaptureQueriesContext(connection) as captured:
        actions.import_list(path=listed, by=SYSTEM, at=AT)
    assert len(captured) < 60


def test_two_signs_find_items_in_two_queries(report: ImportReport) -> None:
    with CaptureQueriesContext(connection) as captured:
        page = queries.search(Filter(text="户口"), on=ON)
    assert len(captured) == 2
    assert page.items
    assert all("户口" in item.name for item in page.items)
    assert queries.search(Filter(text="学校", type=MatterType.LICENCE), on=ON).items


def test_pages_of_a_search_hold_every_item_once(report: ImportReport) -> None:
    seen, cursor = [], None
    while True:
        page = queries.search(Filter(text="许可"), on=ON, cursor=cursor, size=50)
        seen += [item.code for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) > 100
