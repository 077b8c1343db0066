"""Releases: idempotent, overlaid, versioned, never losing what a record was begun under."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.unit.kernel.packs.tennis_kinds import Court, tennis
from yiwang.kernel.base.contracts import SYSTEM, PackInvalid
from yiwang.kernel.packs import _store, actions, queries
from yiwang.kernel.packs.contracts import LoadReport, PackNotFound, Text, register
from yiwang.kernel.packs.models import PackItem, PackRelease, PackReleaseItem

TENNIS = Path(__file__).parents[3] / "packs" / "tennis"
NOW = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(TENNIS, tmp_path / "tennis")
    with tennis(), _store.using(_store.latest):
        yield tmp_path / "tennis"


def load(folder: Path) -> LoadReport:
    return actions.load(folder, by=SYSTEM, at=NOW)


def rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_loading_twice_makes_one_release(folder: Path) -> None:
    before = PackRelease.objects.count()
    first, second = load(folder), load(folder)
    assert (first.is_new, first.packs, [change.sign for change in first.changes].count("+")) == (True, 5, 5)
    assert (second.is_new, second.release, second.changes) == (False, first.release, ())
    assert PackRelease.objects.count() == before + 1


def test_comments_and_examples_do_not_make_a_release(folder: Path) -> None:
    load(folder)
    court = folder / "riverside" / "courts" / "court.yaml"
    rewrite(court, "minutes: 60, then: 1500", "minutes: 120, then: 3000")
    court.write_text("# 只是说明\n" + court.read_text(encoding="utf-8"), encoding="utf-8")
    assert not load(folder).is_new


def test_the_lower_place_changes_only_what_it_declares(folder: Path) -> None:
    load(folder)
    court = queries.get("Court", "court.centre")
    body = court.as_type(Court)
    assert (court.place, court.path, court.version) == ("riverside", "tennis/riverside/courts/court.yaml", 2)
    assert (str(body.opening.opens), str(body.opening.closes)) == ("07:00:00", "21:00:00")
    assert [(rate.name, rate.cents) for rate in body.rates] == [("会员", 1500)]
    assert (court.title, court.title.en, body.legal_basis[0].article) == ("中心球场", "Centre court", "四")


def test_the_diff_speaks_plainly(folder: Path) -> None:
    load(folder)
    rewrite(folder / "riverside" / "courts" / "court.yaml", "cents: 1500}", "cents: 1800}")
    rewrite(folder / "riverside" / "courts" / "court.yaml", "then: 1500", "then: 1800")
    rewrite(folder / "federation" / "courts" / "surfaces.yaml", "surface.grass", "surface.hard")
    said = [str(change) for change in queries.diff(folder)]
    assert said == [
        "~ 修改球场“中心球场” court.centre@2\n    价目“会员”的价格由 1500 改为 1800",
        "- 移除Surface“草地” surface.grass@1",
        "+ 新增Surface“草地” surface.hard@1",
    ]


def test_a_record_keeps_the_content_it_was_begun_under(folder: Path) -> None:
    load(folder)
    begun = queries.get("Court", "court.centre")
    rewrite(folder / "federation" / "courts" / "court.yaml", "version: 2", "version: 3")
    rewrite(folder / "federation" / "courts" / "court.yaml", '"07:00"', '"08:00"')
    load(folder)
    now = queries.get("Court", "court.centre")
    assert (now.version, now.hash != begun.hash) == (3, True)
    assert queries.by_hash("Court", "court.centre", begun.hash).body == begun.body
    assert queries.get("Court", "court.centre", 2).hash == begun.hash
    assert queries.get("Court", "court.centre@2").hash == begun.hash
    assert PackItem.objects.filter(pack_id="court.centre").count() == 2
    with pytest.raises(PackNotFound):
        queries.by_hash("Court", "court.centre", "0" * 64)


def test_two_versions_stand_side_by_side(folder: Path) -> None:
    court = folder / "federation" / "courts" / "court.yaml"
    shutil.copy(court, court.with_name("court3.yaml"))
    rewrite(court.with_name("court3.yaml"), "version: 2", "version: 3")
    load(folder)
    assert queries.get("Court", "court.centre").version == 3
    # Without a version an overlay lies over the newest.
    assert queries.get("Court", "court.centre@3").place == "riverside"
    assert queries.get("Court", "court.centre@2").place == "federation"
    assert [pack.version for pack in queries.all_of("Court")] == [3]


def test_a_version_may_not_go_back(folder: Path) -> None:
    load(folder)
    before = PackRelease.objects.count()
    rewrite(folder / "federation" / "courts" / "court.yaml", "version: 2", "version: 1")
    with pytest.raises(PackInvalid, match=r"version: 版本 1 低于在用的版本 2。请写更高的 version"):
        load(folder)
    assert PackRelease.objects.count() == before


def test_a_broken_folder_changes_nothing(folder: Path) -> None:
    load(folder)
    rewrite(folder / "federation" / "courts" / "court.yaml", "surface: ", "surfac: ")
    with pytest.raises(PackInvalid, match=r"court\.yaml:6: surfac: 不认识"):
        load(folder)
    assert queries.get("Court", "court.centre").version == 2


def test_order_of_the_author_is_kept_and_seen(folder: Path) -> None:
    load(folder)
    rewrite(
        folder / "federation" / "courts" / "court.yaml",
        'opens: "07:00", closes: "22:00"',
        'closes: "22:00", opens: "07:00"',
    )
    (change,) = load(folder).changes
    assert change.words == ("开放时间次序有变",)
    assert list(queries.get("Court", "court.centre").raw["opening"]) == ["closes", "opens", "minutes"]


def test_two_cities_need_a_choice(folder: Path, settings) -> None:  # type: ignore[no-untyped-def]
    (folder / "seaside").mkdir()
    (folder / "seaside" / "place.yaml").write_text(
        "kind: Place\nid: seaside\ntitle: 海滨\nunder: federation\n", encoding="utf-8"
    )
    with pytest.raises(PackInvalid, match="federation、riverside、seaside"):
        queries.read(folder)
    settings.YIWANG_PLACE = "seaside"
    assert queries.read(folder).get("Court", "court.centre").as_type(Court).rates[0].cents == 2000


def test_reading_costs_at_most_one_small_query_in_two_seconds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(_store.time, "monotonic", lambda: clock[0])
    load(folder)
    with _store.using(None):
        with CaptureQueriesContext(connection) as first:
            queries.get("Court", "court.centre")
            queries.all_of("Surface")
        with CaptureQueriesContext(connection) as again:
            queries.get("Court", "court.centre")
        clock[0] += 2.1
        with CaptureQueriesContext(connection) as later:
            queries.get("Court", "court.centre")
    assert (len(first), len(again), len(later)) == (2, 0, 1)
    queries.refresh()


def test_who_writes_down_what_packs_say_sees_a_release_of_another_process_at_once(folder: Path) -> None:
    with _store.using(None):
        load(folder)
        before = queries.current()
        rewrite(folder / "federation" / "courts" / "surfaces.yaml", "surface.grass", "surface.hard")
        load(folder)
        _store._held = _store._Held(before, _store.time.monotonic())
        assert queries.current() is before
        queries.refresh()
        assert queries.current().release != before.release
    _store.forget()


def test_what_an_older_version_wrote_is_passed_over_until_packs_are_loaded_again(folder: Path) -> None:
    release = load(folder).release
    old = PackItem.objects.get(pack_id="court.centre")
    rewritten = old.raw.replace('"surface": "surface.clay", ', "")
    assert rewritten != old.raw
    # The runtime role may not rewrite a row, so an older one is added beside it and released.
    item = PackItem.objects.create(
        kind="Court", pack_id="court.old", version=1, title="旧", hash="0" * 64, raw=rewritten
    )
    PackReleaseItem.objects.create(release_id=release, item=item)
    assert queries.find("Court", "court.old") is None
    assert queries.get("Court", "court.centre").version == 2
    with pytest.raises(PackInvalid, match="读不懂"):
        queries.by_hash("Court", "court.old", "0" * 64)
    assert [str(change) for change in queries.diff(folder)] == ["- 移除球场“旧” court.old@1"]
    assert load(folder).is_new


def test_what_was_released_cannot_be_rewritten(folder: Path) -> None:
    load(folder)
    for rows in (PackItem, PackRelease, PackReleaseItem):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            rows.objects.all()._raw_delete("default")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        PackItem.objects.update(raw="{}")


def test_a_kind_belongs_to_one_app() -> None:
    with tennis(), pytest.raises(ValueError, match="already registered"):
        register("Court", Court)


def test_text_carries_its_english() -> None:
    text = Text("红土", "Clay")
    assert (text, text.in_language("en-gb"), text.in_language("zh-hans"), Text("草").in_language("en")) == (
        "红土", "Clay", "红土", "草",
    )  # fmt: skip


def test_a_release_says_who_loaded_it_and_when(folder: Path) -> None:
    report = actions.load(folder, by=SYSTEM, at=NOW + timedelta(days=1))
    release = PackRelease.objects.get(id=report.release)
    assert (release.loaded_by, release.loaded_at, release.place) == ("系统", NOW + timedelta(days=1), "riverside")
