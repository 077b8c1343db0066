"""Deliveries on the desk: each unit sees its own, masked; a held batch is let go on and taken in; figures reconcile."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from tests.departments import Departments, departments, enter
from tests.jobs import run_waiting
from tests.world import AT, World
from yiwang.data.ingest import _dropped, _seen, actions, jobs, queries
from yiwang.data.ingest.contracts import NoSuchBatch, NotForThisPost, State
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

SOURCE, CODE = "anlan.source.taxpayers", "anlan.tax.taxpayers"
GOOD, BAD = "91110000600037341L", "91110000600037341M"
FILE = f"社会信用代码,纳税人名称,纳税人类型,登记状态\n{GOOD},安澜张记食品有限公司,一般纳税人,正常\n{BAD},李四商行,小规模纳税人,正常\n只有一列\n"


@pytest.fixture
def place(world: World, settings: LazySettings, tmp_path: Path) -> Departments:
    settings.YIWANG_LAKE, settings.YIWANG_HOME = tmp_path / "lake", tmp_path
    made = departments(world)
    enter(made, code=CODE)
    return made


def deliver(tmp_path: Path, content: str, name: str = "taxpayers.csv") -> int:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return actions.run(source_id=SOURCE, path=path, by=SYSTEM, at=AT).id


def signed_in(place: Departments, key: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=place.accounts[key]))
    now = timezone.now().isoformat()
    session = client.session
    session.update({OPENED_AT: now, SEEN_AT: now})
    session.save()
    return client


def test_a_unit_sees_its_own_deliveries_masked(place: Departments, tmp_path: Path) -> None:
    batch = deliver(tmp_path, FILE)
    officer, keeper, other = (
        signed_in(place, key) for key in ("market.officer", "data-bureau.keeper", "civil.officer")
    )
    board = officer.get("/desk/ingest").content.decode()
    assert "纳税人登记信息（税务局月报送）" in board
    assert "企业登记基本信息（市场监管局日报送）" not in board
    page = officer.get(f"/desk/ingest/batches/{batch}").content.decode()
    assert "3行 = 入库 2 + 隔离 1 + 重复 0" in page
    assert "成为标准数据 1 + 不合格 1" in page
    assert "李***" in page
    assert "李四" not in page
    assert "取走原样内容" not in page
    assert other.get(f"/desk/ingest/batches/{batch}").status_code == 404
    assert other.post(f"/desk/ingest/batches/{batch}/quarantine.csv").status_code == 403
    assert "李四商行" in keeper.post(f"/desk/ingest/batches/{batch}/quarantine.csv").content.decode()
    assert keeper.get("/desk/ingest?source=" + SOURCE).status_code == 200


def test_a_held_batch_is_let_go_on_by_who_may_and_is_taken_in(place: Departments, tmp_path: Path) -> None:
    batch = deliver(tmp_path, f"社会信用代码,纳税人名称,状态\n{GOOD},安澜食品,正常\n")
    assert queries.count_held(place.actor("market.officer")) == 1
    with pytest.raises(NotForThisPost):
        actions.decide(batch_id=batch, go_on=True, by=place.actor("market.officer"), at=AT)
    keeper = signed_in(place, "data-bureau.keeper")
    assert "放行：按现在的列汇聚" in keeper.get(f"/desk/ingest/batches/{batch}").content.decode()
    assert keeper.post(f"/desk/ingest/batches/{batch}/decision", {"go_on": "yes"}).status_code == 302
    run_waiting()
    assert queries.batch(batch).state is State.TAKEN
    assert keeper.post(f"/desk/ingest/batches/{batch}/decision", {"go_on": "no"}).status_code == 302
    assert queries.batch(batch).state is State.TAKEN


def test_the_same_as_json(
    place: Departments, tmp_path: Path, django_assert_max_num_queries: Callable[..., object]
) -> None:
    batch = deliver(tmp_path, FILE)
    keeper = signed_in(place, "data-bureau.keeper")
    (source,) = [each for each in keeper.get("/api/ingest/sources").json()["items"] if each["id"] == SOURCE]
    assert (source["resource"], source["last_batch"]["id"]) == (CODE, batch)
    assert keeper.get("/api/ingest/batches").json()["items"][0]["read"] == 3
    one = keeper.get(f"/api/ingest/batches/{batch}").json()
    assert one["read"] == one["taken"] + one["quarantined"] + one["duplicate"]
    rows = keeper.get(f"/api/ingest/batches/{batch}/quarantine").json()["items"]
    assert {row["line"] for row in rows} == {3, 4}
    assert not any("李四" in row["content"] for row in rows)
    refused = keeper.post(f"/api/ingest/batches/{batch}/decision", {"go_on": True}, content_type="application/json")
    assert refused.status_code in (403, 409)
    assert signed_in(place, "civil.officer").get(f"/api/ingest/batches/{batch}").status_code == 404
    with pytest.raises(NoSuchBatch):
        queries.batch_seen(batch, place.actor("civil.officer"))


def test_what_is_dropped_is_taken_in_once_it_is_whole(place: Departments, tmp_path: Path) -> None:
    _dropped.folder().mkdir()
    path = _dropped.folder() / "taxpayers.csv"
    path.write_text(FILE, encoding="utf-8")
    now = timezone.now()
    assert list(_dropped.waiting(now)) == [], "somebody may be writing still"
    assert list(_dropped.waiting(now + timedelta(hours=1))) == [SOURCE]
    import os

    os.utime(path, (0, 0))
    jobs.look(0)
    jobs.look(0)
    (batch,) = queries.batches(source_id=SOURCE).items
    assert (batch.state, batch.attempts) == (State.TAKEN, 1)
    assert list(_dropped.waiting(now + timedelta(hours=1))) == []


def test_masked_text_keeps_its_shape_only() -> None:
    assert _seen.masked("张三丰,990102199303156,王五@x.cn") == "张**,9**************,王*@x.c*"
