"""Runs: in order, only where something changed, exactly once, and what is new alone comes to what everything comes to."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from tests.unit.data.transform.conftest import Do, Put, rows
from tests.world import AT
from yiwang.data.engine import actions as engine
from yiwang.data.engine import queries as lakes
from yiwang.data.ingest import actions as ingest
from yiwang.data.transform import _running, actions, jobs, queries
from yiwang.data.transform.contracts import CannotRun, NoLineage, NotForThisPost, Spot, State, Way
from yiwang.data.transform.models import Run
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.site import paths

FIRMS, STAFF = "代码,名称\nA,甲\nB,乙\n", "代码,人数\nA,1\nA,2\nB,5\n"


def test_tables_are_made_in_order_and_left_alone_while_nothing_changes(put: Put, do: Do) -> None:
    assert [each.id for each in queries.ordered()] in (
        ["t.names", "t.sizes", "t.total"],
        ["t.sizes", "t.names", "t.total"],
        ["t.sizes", "t.total", "t.names"],
    )
    with pytest.raises(CannotRun, match="还没有数据"):
        do("t.sizes")
    assert not queries.is_stale("t.sizes")
    put("t.firms", FIRMS)
    put("t.staff", STAFF)
    jobs.follow(0)
    assert rows("registry.sizes") == [("A", "甲", 3), ("B", "乙", 5)]
    assert rows("topic.total") == [(2, 8)]
    assert not any(queries.is_stale(each.id) for each in queries.ordered())
    before = Run.objects.count()
    assert do("t.sizes").snapshot == 1
    assert Run.objects.count() == before


def test_only_what_is_new_is_read_and_it_comes_to_the_same(put: Put, do: Do) -> None:
    put("t.firms", FIRMS)
    put("t.staff", STAFF)
    assert (do("t.sizes").way, do("t.names").way) == (Way.FULL, Way.FULL)
    put("t.staff", "代码,人数\nA,10\nC,1\n")
    grown = do("t.sizes")
    assert grown.way is Way.KEYS
    assert rows("registry.sizes") == [("A", "甲", 13), ("B", "乙", 5), ("C", None, 1)]
    incremental = rows("registry.sizes")
    assert do("t.sizes", is_full=True).way is Way.FULL
    assert rows("registry.sizes") == incremental
    put("t.firms", "代码,名称\nC,丙c\n")
    assert do("t.names").way is Way.APPEND
    assert rows("topic.names") == [("A", "甲"), ("B", "乙"), ("C", "丙C")]
    # A table beside the growing one changed: rows of every key may be others now.
    assert do("t.sizes").way is Way.FULL
    assert rows("registry.sizes")[2] == ("C", "丙c", 1)


def test_a_compacted_input_is_no_change_and_a_growth_after_it_is_read_whole(put: Put, do: Do) -> None:
    put("t.firms", FIRMS)
    put("t.firms", "代码,名称\nC,丙\n")
    do("t.names")
    engine.compact(table="standard.firms", by=SYSTEM, at=AT)
    assert not queries.is_stale("t.names")
    put("t.firms", "代码,名称\nD,丁\n")
    assert do("t.names").way is Way.FULL
    assert len(rows("topic.names")) == 4


def test_a_run_cut_off_after_its_commit_writes_nothing_twice(put: Put, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    put("t.firms", FIRMS)

    def stop(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_ended", stop)
        with pytest.raises(KeyboardInterrupt):
            do("t.names")
    put("t.firms", "代码,名称\nC,丙\n")
    again = do("t.names")
    assert (again.attempts, again.snapshot, again.inputs) == (2, 1, {"standard.firms": 1})
    assert len(rows("topic.names")) == 2, "it went on over what it had begun with"
    assert do("t.names").way is Way.APPEND
    assert len(rows("topic.names")) == 3


def test_a_run_cut_off_whose_inputs_have_expired_is_dropped(put: Put, do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    put("t.firms", FIRMS)

    def stop(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(_running, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            do("t.names")
    put("t.firms", "代码,名称\nC,丙\n")
    engine.expire(keep=1, grace=timedelta(0), by=SYSTEM, at=AT + timedelta(days=2))
    assert do("t.names").attempts == 1
    assert list(Run.objects.order_by("pk").values_list("state", flat=True)) == [State.DROPPED, State.DONE]
    assert len(rows("topic.names")) == 3


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("module", "function"),
    [("actions", "_opened"), ("_running", "lineage"), ("_running", "write"), ("actions", "_ended")],
)
def test_a_killed_run_goes_on(
    module: str, function: str, own_packs: Path, settings: LazySettings, tmp_path: Path
) -> None:
    settings.YIWANG_LAKE = tmp_path / "lake"
    path = tmp_path / "file"
    path.write_text(FIRMS, encoding="utf-8")
    ingest.run(source_id="t.firms", path=path, by=SYSTEM, at=AT)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": f"{paths.ROOT / 'src'}:{paths.ROOT}",
        "YIWANG_DATABASE_NAME": str(connection.settings_dict["NAME"]),
    }
    given = [str(tmp_path / "packs"), str(tmp_path / "lake"), "t.names"]
    command = [sys.executable, "-m", "tests.transforming", *given, f"yiwang.data.transform.{module}", function]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr

    assert actions.run(transformation_id="t.names", by=SYSTEM, at=AT).state is State.DONE
    assert rows("topic.names") == [("A", "甲"), ("B", "乙")]
    assert lakes.snapshot("topic.names").number == 1
    assert list(Run.objects.values_list("state", flat=True)) == [State.DONE]


def test_an_endless_query_is_stopped_and_its_failure_names_no_value(
    put: Put, do: Do, own_packs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yiwang.kernel.packs import queries as packs

    put("t.firms", "代码,名称\n" + "".join(f"K{n},张三{n}\n" for n in range(3000)))
    text = own_packs.read_text(encoding="utf-8")
    text = text.split("---\nkind: Transformation")[0]
    product = "SELECT count(*) AS n FROM firms a, firms b, firms c WHERE a.name || b.name || c.name = '无'"
    for name, sql in (("endless", product), ("wrong", "SELECT name::INTEGER AS n FROM firms")):
        text += f'---\n{{kind: Transformation, id: t.{name}, title: 错, table: topic.{name}, inputs: {{firms: standard.firms}}, sql: "{sql}"}}\n'
    own_packs.write_text(text, encoding="utf-8")
    monkeypatch.setattr(_running, "SECONDS_MAX", 0.2)
    with packs.using(own_packs.parent.parent):
        endless, wrong = do("t.endless"), do("t.wrong")
    assert (endless.state, endless.words) == (State.FAILED, "运行过久，已停止。")
    assert wrong.state is State.FAILED
    assert "张三" not in wrong.words


def test_strangers_do_not_run_anything(put: Put) -> None:
    with pytest.raises(NotForThisPost):
        actions.run(transformation_id="t.names", by=ANONYMOUS, at=AT)


def test_a_figure_is_followed_down_to_the_files_and_a_file_up_to_the_figures(put: Put, do: Do) -> None:
    put("t.firms", FIRMS)
    put("t.staff", STAFF)
    for name in ("t.sizes", "t.total"):
        do(name)
    found = queries.lineage("topic.total", "headcount")
    path = {(edge.source, edge.to): edge.via for edge in found.edges}
    steps = [
        Spot("file:t.staff", "人数"),
        Spot("raw.staff", "人数"),
        Spot("standard.staff", "headcount"),
        Spot("registry.sizes", "headcount"),
        Spot("topic.total", "headcount"),
    ]
    assert [path.get(pair) for pair in pairwise(steps)] == ["t.staff", "t.staff", "t.sizes", "t.total"]
    assert not any(edge.source == Spot("file:t.firms", "名称") for edge in found.edges)
    down = queries.lineage("raw.firms", "名称")
    assert Spot("registry.sizes", "name") in {edge.to for edge in down.edges}
    with pytest.raises(NoLineage):
        queries.lineage("topic.total", "nobody")
    with pytest.raises(NoLineage):
        queries.lineage("topic.nothing")
