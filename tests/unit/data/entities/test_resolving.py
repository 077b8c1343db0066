"""Two registers of the lake resolved: who is the same, whose value survives, what a person said holds, numbers stay."""

from datetime import timedelta
from typing import Any

import duckdb
import pytest

from tests.world import AT, World
from yiwang.data.engine import actions as lake
from yiwang.data.entities import actions, queries
from yiwang.data.entities._matching import explained, score
from yiwang.data.entities._prepare import prepare
from yiwang.data.entities.contracts import NoSuchPair, Verdict
from yiwang.data.entities.kinds import MODEL, EntityModel
from yiwang.kernel.audit.models import Disclosure
from yiwang.kernel.base.contracts import SYSTEM, Denied, Invalid
from yiwang.kernel.packs import queries as packs

COLUMNS = ("key", "name", "sex", "born_on", "id_number", "phone", "address")
HOUSEHOLD = [
    (
        "1",
        "张伟",
        "1",
        "1980-02-03",
        "990102198002031219",
        "13800000001",
        "安河省安澜市澜东区建设路12号3号楼2单元501室",
    ),
    ("2", "李芳", "2", "1991-05-06", "990102199105061228", "13800000002", "安河省安澜市澜西区文化路8号"),
    ("3", "王玉明", "1", "1975-10-11", "990102197510111235", "13800000003", "安河省安澜市临澜县和平路99号"),
]
CLINIC = [
    ("a", "章 伟", "1", "1980-02-03", "", "13800000001", "澜东区建设路12号3-2-501"),
    ("b", "李芳", "2", "1991-05-06", "990102910506122", "13900000009", "安澜市澜西区文化路８号"),
    ("c", "王雨鸣", "1", "1975-10-11", "", "", "安河省安澜市临澜县和平路99号"),
    ("d", "赵立", "1", "1966-01-01", "", "13800000077", "安河省安澜市临澜县中山路1号"),
]  # fmt: skip


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> str:
    """The national model with two sources of the test; the register of households is believed first."""
    base = packs.get(MODEL, "national.entities.person").as_type(EntityModel)
    columns = {name: name for name in COLUMNS[1:]}
    sources = [
        {"code": code, "title": code, "table": f"standard.{code}", "key": "key", "rank": rank, "columns": columns}
        for code, rank in (("household", 1), ("clinic", 2))
    ]
    made = EntityModel.model_validate({**base.model_dump(mode="json"), "sources": sources})
    monkeypatch.setattr(queries, "model", lambda model_id: made)
    for code, rows in (("household", HOUSEHOLD), ("clinic", CLINIC)):
        filled(code, rows, "first")
    return "test.person"


def filled(code: str, rows: list[tuple[str, ...]], key: str) -> None:
    values = ", ".join("(" + ", ".join(f"'{value}'" for value in row) + ")" for row in rows)
    lake.declare(name=f"standard.{code}", layer="standard", by=SYSTEM, at=AT)
    source = f"SELECT * FROM (VALUES {values}) AS t({', '.join(COLUMNS)})"
    lake.commit(table=f"standard.{code}", source=source, mode="replace", key=key, by=SYSTEM, at=AT)


@pytest.mark.django_db
def test_a_run_finds_who_is_the_same_and_a_judgement_holds(world: World, model: str) -> None:
    run = actions.resolve(model_id=model, by=SYSTEM, at=AT)
    assert (run.records, run.entities, run.pairs) == (7, 4, 3)
    number = queries.entity_of(model, "household", "1")
    assert number == queries.entity_of(model, "clinic", "a")
    entity = queries.entity(model, number or 0)
    assert entity is not None
    assert entity.members == (("household", "1"), ("clinic", "a"))
    assert {value.role: (value.value, value.source) for value in entity.values}["name"] == ("张伟", "household")

    taken = next(pair for pair in queries.pairs(SYSTEM, Verdict.TAKEN).items if "张*" in pair.values[0])
    assert ("姓名", "姓名同音") in {(each.title, each.level) for each in taken.evidence}
    keeper = world.actor("city.steward")
    opened = actions.open_pair(pair_id=taken.id, by=keeper, at=AT)
    assert {"张伟", "章 伟"} <= {value for _, *values in opened.values for value in values}
    assert Disclosure.objects.filter(purpose__startswith="核对").count() == 2

    actions.judge(pair_id=taken.id, verdict=Verdict.DIFFERENT, by=keeper, at=AT)
    again = actions.resolve(model_id=model, by=SYSTEM, at=AT + timedelta(hours=1))
    assert (again.entities, again.split) == (5, 1)
    assert number == queries.entity_of(model, "household", "1") != queries.entity_of(model, "clinic", "a")
    assert queries.pair(taken.id, keeper).verdict is Verdict.DIFFERENT
    (change,) = queries.history(model, number or 0, SYSTEM)
    assert (change.kind, change.others) == ("split", (queries.entity_of(model, "clinic", "a"),))


@pytest.mark.django_db
def test_a_run_cut_off_before_its_history_leaves_tables_and_numbers_as_they_were(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`d` turns out to be 李芳: were the tables written without the history, nobody would know that two numbers became one."""
    actions.resolve(model_id=model, by=SYSTEM, at=AT)
    before = {key: queries.entity_of(model, "clinic", key) for key in "abcd"}
    filled("clinic", [*CLINIC[:3], ("d", *HOUSEHOLD[1][1:])], "second")
    with monkeypatch.context() as patched:
        patched.setattr(actions, "_kept", _stopped)
        with pytest.raises(KeyboardInterrupt):
            actions.resolve(model_id=model, by=SYSTEM, at=AT + timedelta(hours=1))
    assert {key: queries.entity_of(model, "clinic", key) for key in "abcd"} == before

    again = actions.resolve(model_id=model, by=SYSTEM, at=AT + timedelta(hours=2))
    assert (again.entities, again.merged) == (3, 1)
    assert queries.entity_of(model, "clinic", "d") == before["b"]
    (change,) = queries.history(model, before["d"] or 0, SYSTEM)
    assert (change.kind, change.others) == ("merged", (before["b"],))


def _stopped(*given: object, **named: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_only_who_may_sees_and_judges(world: World, model: str, client_as: Any) -> None:
    actions.resolve(model_id=model, by=SYSTEM, at=AT)
    (pair, *_) = queries.pairs(SYSTEM, Verdict.TAKEN).items
    steward = client_as("city.steward")
    board = steward.get("/desk/entities?verdict=taken").content.decode()
    assert "张*" in board
    assert "张伟" not in board
    told_as_json(pair.id, steward, client_as("health.clerk"))
    address = f"/desk/entities/pairs/{pair.id}"
    assert "13800000001" not in steward.get(address).content.decode()
    assert "查看记录" in steward.post(f"{address}/opened").content.decode()
    assert steward.post(f"{address}/verdict", {"verdict": "later"}).status_code == 302
    assert queries.pair(pair.id, SYSTEM).verdict is Verdict.LATER
    clerk = world.actor("health.clerk")
    with pytest.raises(Denied):
        queries.pairs(clerk)
    with pytest.raises(Denied):
        actions.judge(pair_id=1, verdict=Verdict.SAME, by=clerk, at=AT)
    with pytest.raises(Invalid):
        actions.judge(pair_id=1, verdict=Verdict.TAKEN, by=world.actor("city.steward"), at=AT)
    with pytest.raises(NoSuchPair):
        actions.judge(pair_id=1, verdict=Verdict.SAME, by=world.actor("city.steward"), at=AT)
    assert client_as("health.clerk").get("/desk/entities").status_code == 403


def told_as_json(pair_id: int, steward: Any, stranger: Any) -> None:
    (run,) = steward.get("/api/entities/runs").json()["items"]
    assert (run["records"], run["entities"], run["pairs"]) == (7, 4, 3)
    assert {each["id"] for each in steward.get("/api/entities/models").json()["items"]} == {
        name for name, _ in queries.models()
    }
    address = f"/api/entities/pairs/{pair_id}"
    masked = steward.get(address).json()
    assert masked["rows"][0] == {"role": "name", "values": ["李*", "李*"]}
    seen = Disclosure.objects.count()
    opened = steward.post(f"{address}/opened").json()
    assert opened["rows"][0] == {"role": "name", "values": ["李芳", "李芳"]}
    assert Disclosure.objects.count() == seen + 2
    said = steward.post(f"{address}/verdict", {"verdict": "later"}, content_type="application/json").json()
    assert (said["id"], said["verdict"]) == (pair_id, "later")
    assert [each["id"] for each in steward.get("/api/entities/pairs?verdict=later").json()["items"]] == [pair_id]
    wrong = steward.post(f"{address}/verdict", {"verdict": "taken"}, content_type="application/json")
    assert wrong.status_code == 422
    assert steward.get("/api/entities/pairs/9999999").status_code == 404
    for path in ("runs", "models", "pairs", f"pairs/{pair_id}"):
        assert stranger.get(f"/api/entities/{path}").status_code == 403
    assert stranger.post(f"{address}/opened").status_code == 403


def test_firms_by_parts_of_their_names() -> None:
    made = packs.get(MODEL, "national.entities.firm").as_type(EntityModel)
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE firms (key INT, name TEXT, code TEXT, leader TEXT, phone TEXT, address TEXT)")
        connection.execute(
            "INSERT INTO firms VALUES (1, '安澜市恒瑞商贸有限公司', '91990102100000040N', '王伟', '13800000001', '安河省安澜市澜东区建设路1号'),"
            " (2, '恒瑞商贸（安澜）有限责任公司', NULL, '王伟', '13800000001', '澜东区建设路1号'),"
            " (3, '安澜市恒瑞商贸有限公司第二分公司', '91990102100000059K', '王伟', '13800000002', '(长江路与黄河路口)安河省安澜市临澜县人民路3号')"
        )
        prepare(connection, "firm", "firms", "prepared")
        assert connection.execute("SELECT core, branch FROM prepared ORDER BY unique_id").fetchall()[::2] == [
            ("恒瑞商贸", ""), ("恒瑞商贸", "第二分公司"),
        ]  # fmt: skip
        score(connection, "prepared", made, "pairs")
        taken = connection.execute("SELECT l, r FROM pairs WHERE bits >= ? ORDER BY l, r", [made.accept]).fetchall()
        assert taken == [(1, 2)]
        (evidence,) = explained(connection, "prepared", made, "(SELECT 1 AS l, 2 AS r)").values()
        assert [each.level for each in evidence][:2] == ["字号和行业相同", "统一社会信用代码有一方没有写，不作判断"]
