"""Files of firms built from a table of the lake: versions, days, sources, what changed, and what does not get in."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.world import AT
from yiwang.data.engine import actions as lake_actions
from yiwang.data.engine import queries as lake
from yiwang.data.registries import _cells, _entering, _standing, actions, queries
from yiwang.data.registries.contracts import (
    BadSearch,
    FileView,
    IntakeView,
    Kind,
    NoSuchFile,
    NothingToTake,
    TooMuchGone,
)
from yiwang.kernel.audit import actions as audit_actions
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied, Invalid
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.packs import queries as packs

PACKS = """
{kind: DataElement, id: t.code, title: 代码, type: text, max_length: 8, sensitivity: general}
---
{kind: DataElement, id: t.name, title: 名称, type: text, max_length: 20, sensitivity: general}
---
{kind: DataElement, id: t.leader, title: 负责人, type: text, max_length: 20, sensitivity: personal}
---
{kind: DataElement, id: t.since, title: 成立日期, type: date, sensitivity: general}
---
{kind: PostType, id: t-post, title: 岗位, permissions: [cases.act], reach: own}
---
kind: Flow
id: t.objection
title: 异议
start: check
outcomes: {done: {name: 办结, good: true}}
steps:
  check: {name: 核对, post: t-post, at: handling, choices: {answer: {name: 答复, to: end, outcome: done}}}
  end: {name: 结束, type: end}
---
kind: Registry
id: t.firms
title: 企业
units: [market]
flow: t.objection
of: firm
key: code
name: name
narrow: leader
columns:
  - {name: code, element: t.code}
  - {name: name, element: t.name}
  - {name: leader, element: t.leader}
  - {name: since, element: t.since}
---
kind: RegistryFeed
id: t.firms-feed
title: 企业的来源
registry: t.firms
feed:
  table: registry.t.firms
  since: changed_on
  source: market
  of: {leader: tax}
  gone_most: 50
  sources:
    - {code: market, title: 市场监管局}
    - {code: tax, title: 税务局}
---
kind: Registry
id: t.entities
title: 归一的企业
units: [market]
flow: t.objection
of: firm
key: code
columns: [{name: code, element: t.code}]
---
kind: RegistryFeed
id: t.entities-feed
title: 归一的来源
registry: t.entities
columns: [{name: name, element: t.name}]
feed:
  table: registry.t.entities
  source: market
  sources: [{code: market, title: 市场监管局}, {code: tax, title: 税务局}]
"""
FIRST = "(' a1 ', '甲厂', '张三', DATE '2020-01-01', DATE '2026-01-01'), ('B2', '乙店', '李四', NULL, DATE '2026-01-01'), ('C3', '丙社', NULL, NULL, NULL)"
SECOND = "('A1', '甲厂', '王五', DATE '2020-01-01', DATE '2026-06-01'), ('C3', '丙社', NULL, NULL, NULL), ('D4', '丁行', '赵六', NULL, NULL)"
LATER = AT + timedelta(days=1)
Put = Callable[..., object]


@pytest.fixture(scope="module")
def own_packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("registries") / "packs"
    (root / "t").mkdir(parents=True)
    (root / "t" / "place.yaml").write_text("kind: Place\nid: t\ntitle: 试\n", encoding="utf-8")
    (root / "t" / "all.yaml").write_text(PACKS, encoding="utf-8")
    return root


@pytest.fixture
def put(db: None, own_packs: Path, settings: LazySettings, tmp_path: Path) -> Iterator[Put]:
    settings.YIWANG_LAKE = tmp_path / "lake"

    def deliver(
        values: str,
        columns: str = "code, name, leader, since, changed_on",
        table: str = "registry.t.firms",
        at: datetime = AT,
    ) -> None:
        lake_actions.declare(name=table, layer="registry", by=SYSTEM, at=at)
        with lake.connect() as connection:
            source = f"SELECT * FROM (VALUES {values}) AS given ({columns})"
            lake_actions.commit(
                table=table,
                source=source,
                connection=connection,
                mode="replace",
                key=f"{len(values)} {values[:80]}",
                by=SYSTEM,
                at=at,
            )

    with packs.using(own_packs):
        yield deliver


def take(at: datetime = AT, **options: Any) -> IntakeView:
    return actions.take_over(registry="t.firms", by=SYSTEM, at=at, **options)


def file(code: str, **when: Any) -> FileView:
    return queries.file("t.firms", sealed_index(code), **when)


def said(view: FileView) -> dict[str, str]:
    return {each.name: each.value for each in view.values}


def test_a_snapshot_comes_in_once_and_every_value_says_where_it_is_from(put: Put) -> None:
    put(FIRST)
    done = take()
    assert (done.read, done.added, done.changed, done.kept) == (3, 3, 0, 0)
    assert take(LATER) == done
    found = file("a1")
    assert said(found) == {"code": "A1", "name": "甲厂", "leader": "张三", "since": "2020-01-01"}
    sources = {each.name: (each.source_title, each.since, each.snapshot) for each in found.values}
    assert sources["name"] == ("市场监管局", date(2026, 1, 1), 1)
    assert sources["leader"] == ("税务局", date(2026, 1, 1), 1)
    assert "leader" not in said(file("C3"))
    with pytest.raises(NoSuchFile):
        file("Z9")


def test_only_what_changed_becomes_a_version(put: Put) -> None:
    put(FIRST)
    take()
    put(SECOND, at=LATER)
    done = take(LATER)
    assert (done.read, done.added, done.changed, done.kept, done.gone) == (3, 1, 1, 1, 1)
    assert said(file("A1"))["leader"] == "王五"
    assert said(file("A1", as_of=date(2026, 3, 1)))["leader"] == "张三"
    assert said(file("A1", known_at=AT))["leader"] == "张三"
    assert said(file("A1", as_of=date(2019, 1, 1))) == {}
    history = queries.history("t.firms", sealed_index("A1"), "leader")
    assert [(each.value, each.snapshot) for each in history] == [("王五", 2), ("张三", 1)]
    assert not file("B2").is_here
    assert file("B2", known_at=AT).is_here
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM registries_past")
        assert cursor.fetchone() == (2,), "one replaced value, one mark of what is gone"


def test_followers_get_each_entry_once_at_its_newest_change(put: Put) -> None:
    put(FIRST)
    take()
    begun = queries.changes("t.firms", by=SYSTEM)
    assert [each.kind for each in begun] == [Kind.ADDED] * 3
    put(SECOND, at=LATER)
    take(LATER)
    news = queries.changes("t.firms", begun[-1].number, by=SYSTEM)
    assert {each.key: (each.kind, each.columns) for each in news} == {
        sealed_index("A1"): (Kind.CHANGED, ("leader",)),
        sealed_index("D4"): (Kind.ADDED, ()),
        sealed_index("B2"): (Kind.GONE, ()),
    }
    assert [each.number for each in queries.changes("t.firms", begun[-1].number, limit=2, by=SYSTEM)] == [
        each.number for each in news[:2]
    ]
    put(f"{SECOND}, ('B2', '乙店', '李四', NULL, DATE '2026-01-01')", at=LATER)
    take(LATER)
    assert [(each.key, each.kind) for each in queries.changes("t.firms", news[-1].number, by=SYSTEM)] == [
        (sealed_index("B2"), Kind.BACK)
    ]
    assert file("B2").is_here


def test_rows_without_a_key_and_repeats_are_counted(put: Put) -> None:
    put(
        f"{FIRST}, (NULL, '无码', NULL, NULL, NULL), ('  ', '空码', NULL, NULL, NULL), ('b2', '乙店新名', '李四', NULL, DATE '2026-02-01')"
    )
    done = take()
    assert (done.read, done.added, done.unkeyed, done.twice) == (6, 3, 2, 1)
    assert said(file("B2"))["name"] == "乙店新名", "the newest of the two"


def test_a_torso_empties_nothing(put: Put) -> None:
    put(FIRST)
    take()
    put("('A1', '甲厂', '张三', NULL, NULL)", at=LATER)
    with pytest.raises(TooMuchGone):
        take(LATER)
    assert file("B2").is_here
    assert take(LATER, is_forced=True).gone == 2
    assert not file("B2").is_here


def cut_off(monkeypatch: pytest.MonkeyPatch, where: object, name: str, after: int = 0) -> None:
    """A take-over that ends like a process that is killed, at a call after some that went well."""
    whole, calls = getattr(where, name), []

    def once(*given: Any, **more: Any) -> Any:
        calls.append(1)
        if len(calls) > after:
            raise KeyboardInterrupt
        return whole(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(where, name, once)
        with pytest.raises(KeyboardInterrupt):
            take(LATER)


def everything() -> tuple[object, ...]:
    """What readers see of the registry, by each way in which it is read."""
    files = {code: queries.find_file("t.firms", sealed_index(code)) for code in ("A1", "B2", "C3", "D4")}
    day = date(2026, 3, 1)
    return (
        {code: (said(found), found.is_here) for code, found in files.items() if found},
        said(file("A1", as_of=day)), said(file("A1", known_at=AT)), [each.value for each in queries.history("t.firms", sealed_index("A1"), "leader")],
        [queries.search("t.firms", number=code, by=SYSTEM) for code in ("A1", "D4")],
        [queries.search("t.firms", name=name, narrow=leader, by=SYSTEM) for name, leader in (("甲厂", "王五"), ("丁行", "赵六"))],
        queries.changes("t.firms", by=SYSTEM), queries.sizes()["t.firms"],
    )  # fmt: skip


def test_a_take_over_is_there_whole_or_not_at_all_wherever_it_is_cut_off(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(FIRST)
    take()
    before = everything()
    put(SECOND, at=LATER)
    monkeypatch.setattr(_entering, "CHUNK", 1)
    for where, name, after in (
        (_entering, "enter", 0), (_entering, "enter", 1), (_entering, "enter", 2), (_entering, "let_go", 0),
        (_standing, "stand", 0), (audit_actions, "record", 0),
    ):  # fmt: skip
        cut_off(monkeypatch, where, name, after)
        assert everything() == before, f"{name} {after}"
        assert queries.behind() == ["t.firms"]
    done = take(LATER)
    assert (done.read, done.added, done.changed, done.kept, done.gone) == (3, 1, 1, 1, 1)
    assert (done.is_done, queries.behind()) == (True, [])
    assert said(file("A1"))["leader"] == "王五"
    assert said(file("D4"))["name"] == "丁行"
    assert not file("B2").is_here
    assert [each.number for each in queries.changes("t.firms", 3, by=SYSTEM)] == [4, 5, 6]


def test_what_is_handed_over_meanwhile_counts_at_once_and_nothing_of_the_take_over_with_it(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(FIRST)
    take()
    put(SECOND, at=LATER)
    cut_off(monkeypatch, _standing, "stand")
    rows = [{"code": "D4", "name": "丁大行"}, {"code": "A1", "since": "2021-01-01"}]
    actions.hand_over(registry="t.firms", rows=rows, by=SYSTEM, at=LATER)
    assert said(file("D4")) == {"code": "D4", "name": "丁大行"}
    assert (said(file("A1"))["leader"], said(file("A1"))["since"]) == ("张三", "2021-01-01")
    assert queries.changes("t.firms", 3, by=SYSTEM) == [], "followers are told in the order of numbers, so this waits"
    take(LATER)
    assert (said(file("D4"))["name"], said(file("D4"))["leader"]) == ("丁行", "赵六")
    assert (said(file("A1"))["leader"], said(file("A1"))["since"]) == ("王五", "2021-01-01")
    assert {each.key for each in queries.changes("t.firms", 3, by=SYSTEM)} == {
        sealed_index(code) for code in ("A1", "B2", "D4")
    }


def test_a_newer_snapshot_throws_away_what_one_that_was_cut_off_had_begun(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(FIRST)
    take()
    put(SECOND, at=LATER)
    cut_off(monkeypatch, _standing, "stand")
    put(f"{FIRST}, ('E5', '戊坊', NULL, NULL, NULL)", at=LATER)
    done = take(LATER)
    assert (done.added, done.changed, done.gone, done.kept) == (1, 0, 0, 3)
    assert said(file("A1"))["leader"] == "张三"
    assert queries.find_file("t.firms", sealed_index("D4")) is None
    assert [each.added for each in queries.intakes("t.firms").items] == [1, 0, 3]


def test_a_file_costs_three_queries_wherever_it_is_and_is_sealed(
    put: Put, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    put(FIRST)
    take()
    with django_assert_max_num_queries(3):
        file("A1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM registries_entry e")
        (text,) = cursor.fetchone()
    assert "张三".encode().hex() not in text
    assert "甲厂".encode().hex() not in text


def test_values_of_entities_keep_the_register_they_are_from(put: Put) -> None:
    columns = "entity, code, code__source, code__seen_on, name, name__source, name__seen_on"
    put(
        "(1, 'A1', 'market', '2026-01-01', '甲厂', 'tax', '2026-03-01'), (2, NULL, NULL, NULL, '丙社', 'tax', NULL)",
        columns,
        "registry.t.entities",
    )
    done = actions.take_over(registry="t.entities", by=SYSTEM, at=AT)
    assert (done.read, done.added, done.unkeyed) == (2, 1, 1)
    values = queries.file("t.entities", sealed_index("A1")).values
    assert {each.name: (each.source_title, each.since.isoformat()) for each in values} == {
        "code": ("市场监管局", "2026-01-01"), "name": ("税务局", "2026-03-01"),
    }  # fmt: skip


def test_a_value_that_a_person_put_right_stands_until_the_source_says_another(put: Put) -> None:
    old = {"name": _cells.Cell("甲厂", "market", "2026-01-01", 1)}
    right = {"name": _cells.corrected(old, "name", _cells.Cell("甲场", "case:7", "2026-02-01", 2))}
    now, past = _cells.renewed(old, right)
    assert (now["name"].value, past["name"].value) == ("甲场", "甲厂")
    assert _cells.unpacked(_cells.packed(now)) == now
    again, none = _cells.renewed(now, {"name": _cells.Cell("甲厂", "market", "2026-03-01", 3)})
    assert (again, none) == (now, {})
    other, _ = _cells.renewed(now, {"name": _cells.Cell("甲大厂", "market", "2026-04-01", 4)})
    assert (other["name"].value, other["name"].was) == ("甲大厂", None)


def test_a_search_wants_all_of_a_number_or_two_things_and_shows_little(put: Put) -> None:
    put(FIRST)
    take()
    (found,) = queries.search("t.firms", number=" a1", by=SYSTEM)
    assert found.shown == {"name": "甲厂", "code": "A1", "leader": "张*"}
    assert [each.key for each in queries.search("t.firms", name="乙店", narrow="李四", by=SYSTEM)] == [
        sealed_index("B2")
    ]
    assert queries.search("t.firms", name="乙店", narrow="李", by=SYSTEM) == []
    with pytest.raises(BadSearch):
        queries.search("t.firms", name="乙店", by=SYSTEM)


def test_a_file_is_opened_for_a_purpose_and_its_subject_sees_it(put: Put) -> None:
    put(FIRST)
    take()
    key = sealed_index("A1")
    with pytest.raises(Invalid):
        actions.open_file(registry="t.firms", key=key, purpose=" ", by=SYSTEM, at=AT)
    with pytest.raises(Denied):
        actions.open_file(registry="t.firms", key=key, purpose="监管检查", by=ANONYMOUS, at=AT)
    assert (
        said(actions.open_file(registry="t.firms", key=key, purpose="监管检查", by=SYSTEM, at=AT))["leader"] == "张三"
    )
    (use,) = audit.disclosures_of(key).items
    assert (use.purpose, use.elements) == ("监管检查", ("t.code", "t.leader", "t.name", "t.since"))


def test_nothing_in_the_lake_is_said_so(put: Put) -> None:
    with pytest.raises(NothingToTake):
        take()
