"""Limits as packs write them, legal days, lengthening calendars, lower places, speed."""

import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter, ValidationError

from yiwang.kernel.packs import queries as packs
from yiwang.kernel.workdays import listeners, queries
from yiwang.kernel.workdays.contracts import BeyondCalendar, Limit, NotALimit, Unit
from yiwang.site.cli import workdays as cli

PACKS = Path(__file__).parents[4] / "packs"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10 workdays", Limit(10, Unit.WORKDAY)),
        ("1 workday", Limit(1, Unit.WORKDAY)),
        ("5工作日", Limit(5, Unit.WORKDAY)),
        (" 5个工作日 ", Limit(5, Unit.WORKDAY)),
        ("20 days", Limit(20, Unit.DAY)),
        ("60日", Limit(60, Unit.DAY)),
        ("4 workhours", Limit(4, Unit.WORKHOUR)),
        ("4工作时", Limit(4, Unit.WORKHOUR)),
        ("2 hours", Limit(2, Unit.HOUR)),
        ("24小时", Limit(24, Unit.HOUR)),
    ],
)
def test_limits_are_read_as_packs_write_them(text: str, limit: Limit) -> None:
    assert Limit.parse(text) == limit == Limit.parse(limit.text) == Limit.parse(str(limit))


@pytest.mark.parametrize(
    "text", ["", "10", "workdays", "ten days", "-1 days", "3661 days", "1.5 days", "5 weeks", "5 个月"]
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(NotALimit):
        Limit.parse(text)
    with pytest.raises(ValidationError):
        TypeAdapter(Limit).validate_python(text)


def test_a_schema_may_name_a_limit() -> None:
    adapter = TypeAdapter(Limit)
    assert adapter.validate_python("5工作日") == Limit(5, Unit.WORKDAY)
    assert adapter.dump_python(Limit(1, Unit.WORKDAY)) == "1 workday"


def test_the_legal_day_is_that_of_shanghai() -> None:
    # 17:00 UTC on the 23rd is already the 24th in Shanghai.
    late = datetime(2026, 9, 23, 17, 0, tzinfo=UTC)
    assert queries.due(late, Limit(10, Unit.WORKDAY)) == queries.due(date(2026, 9, 24), Limit(10, Unit.WORKDAY))
    for unit in Unit:
        with pytest.raises(ValueError, match="time zone"):
            queries.due(datetime(2026, 9, 24), Limit(1, unit))


def test_what_remains_is_signed() -> None:
    due = queries.due(date(2026, 9, 24), Limit(5, Unit.WORKDAY))
    left = [queries.remaining(datetime(2026, 9, day, 4, tzinfo=UTC), due) for day in (24, 25, 28)]
    assert (due.on, left) == (date(2026, 10, 9), [5, 5, 4])
    assert queries.remaining(datetime(2026, 10, 9, 4, tzinfo=UTC), due) == 0
    assert queries.remaining(datetime(2026, 10, 12, 4, tzinfo=UTC), due) == -2


def test_far_days_lengthen_the_calendar_and_farther_ones_are_refused() -> None:
    assert queries.due(date(2061, 1, 3), Limit(3660, Unit.DAY)).is_provisional
    assert queries.is_workday(date(1975, 1, 2))
    assert queries.workdays_between(queries.add_days(date(2025, 6, 3), -9000), date(2025, 6, 3)) == 9000
    with pytest.raises(BeyondCalendar):
        queries.due(date(2099, 6, 1), Limit(3660, Unit.DAY))
    with pytest.raises(BeyondCalendar):
        queries.is_workday(date(1949, 10, 1))


@pytest.mark.slow
def test_two_hundred_thousand_dues_a_second() -> None:
    start, limit = datetime(2026, 5, 6, 3, 4, tzinfo=UTC), Limit(10, Unit.WORKDAY)
    queries.due(start, limit)
    best = min(_seconds(start, limit) for _ in range(5))
    # Twice the promise on an idle machine; the bound leaves room for a busy one.
    assert 20_000 / best > 100_000


def _seconds(start: datetime, limit: Limit) -> float:
    begun = time.process_time()
    for _ in range(20_000):
        queries.due(start, limit)
    return time.process_time() - begun


NOTICE = """kind: CalendarYear
id: {id}
title: 2027年节假日安排
legal_basis: [{{title: 国务院办公厅关于2027年部分节假日安排的通知}}]
year: 2027
holidays:
  - {{name: 元旦, from: 2027-01-01, to: 2027-01-03}}
makeup_days: [{makeup}]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "packs"
    for place, under in (("national", ""), ("anlan", "under: national\n")):
        (root / place / "calendar").mkdir(parents=True)
        (root / place / "place.yaml").write_text(f"kind: Place\nid: {place}\ntitle: 地方\n{under}", encoding="utf-8")
    for file in (PACKS / "national" / "calendar").glob("*.yaml"):
        (root / "national" / "calendar" / file.name).write_bytes(file.read_bytes())
    return root


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli.command, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_the_yearly_notice_is_taken_in_as_a_pack_of_the_place(root: Path, tmp_path: Path) -> None:
    assert run("due", "2026-12-31", 1, "--root", root)[1].startswith("2027-01-04 provisional")
    (tmp_path / "n.yaml").write_text(NOTICE.format(id="anlan.calendar.2027", makeup="2027-01-09"), encoding="utf-8")
    code, said = run("import", tmp_path / "n.yaml", "--root", root)
    assert (code, "anlan/calendar/2027.yaml" in said.replace("\n", "")) == (0, True), said
    assert run("due", "2026-12-31", 6, "--root", root) == (0, "2027-01-09 published 已公布\n")
    # The upper place publishes its own later: the lower one's stays in force, nothing breaks.
    (root / "national" / "calendar" / "2027.yaml").write_text(
        NOTICE.format(id="calendar.2027", makeup=""), encoding="utf-8"
    )
    assert packs.check(root) == []
    assert run("due", "2026-12-31", 6, "--root", root) == (0, "2027-01-09 published 已公布\n")


@pytest.mark.parametrize(
    ("makeup", "told"),
    [
        ("2027-01-08", "调休上班日 2027-01-08 本来就不是周末。请核对日期。"),
        ("2027-01-02", "2027-01-02 既放假又上班。请删去一处。"),
        ("2028-01-02", "2028-01-02 不在 2027 年。请核对年份。"),
        ("2027-02-30", "应是日期"),
    ],
)
def test_a_wrong_notice_is_refused_and_leaves_nothing(root: Path, tmp_path: Path, makeup: str, told: str) -> None:
    (tmp_path / "n.yaml").write_text(NOTICE.format(id="anlan.calendar.2027", makeup=makeup), encoding="utf-8")
    code, said = run("import", tmp_path / "n.yaml", "--root", root)
    assert code == 1
    assert told in said
    assert list((root / "anlan" / "calendar").iterdir()) == []


def test_a_second_notice_for_a_year_in_one_place_is_refused(root: Path, tmp_path: Path) -> None:
    text = NOTICE.format(id="z.calendar.2026", makeup="").replace("2027", "2026")
    (tmp_path / "n.yaml").write_text(text, encoding="utf-8")
    code, said = run("import", tmp_path / "n.yaml", "--place", "national", "--root", root)
    assert (code, "2026 年已由 packs/national/calendar/2026.yaml 安排。" in said) == (1, True), said


def test_the_table_has_a_line_a_day() -> None:
    code, said = run("table", "--year", 2026, "--days", 10)
    lines = said.splitlines()
    assert (code, len(lines), lines[266]) == (0, 365, "2026-09-24 2026-10-15")


def test_nonsense_is_told_in_one_line() -> None:
    assert run("due", "2026-13-01", 1)[0] != 0
    assert run("import", PACKS / "national" / "place.yaml", "--place", "nowhere")[1].startswith(
        "Error: 没有地方“nowhere”"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("kinds", "told"), [(["CalendarYear"], 1), (["Flow"], 0)])
def test_a_changed_calendar_is_announced(monkeypatch: pytest.MonkeyPatch, kinds: list[str], told: int) -> None:
    published: list[str] = []
    monkeypatch.setattr(listeners, "publish", lambda name, payload, at: published.append(name))
    listeners.packs_loaded(payload={"release": 1, "kinds": kinds, "place": "x"}, at=datetime(2026, 9, 24, tzinfo=UTC))
    assert published == ["workdays.calendar.changed"] * told
