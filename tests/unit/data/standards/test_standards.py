"""Standards that are imported, code lists as of a day, and who names an element."""

import copy
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.world import AT, World
from yiwang.data.standards import actions, queries
from yiwang.data.standards.contracts import BadDocument, BadMapping, NoSuchList, Origin, Relation, Usage
from yiwang.data.standards.models import StandardItem
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.elements.contracts import NoSuchElement

DAY = date(2026, 11, 23)
GIVEN: dict[str, Any] = {
    "source": "GB/T 90001-2020 示例数据规范",
    "tables": {
        "4_申请": [
            {"name": "名称", "fmt": "an..200", "note": ""},
            {"name": "类型代码", "fmt": "n2", "note": "A.1"},
            {"name": "附件", "fmt": "binary", "note": ""},
        ],
        "5_办理": [{"name": "名称", "fmt": "ul", "note": ""}],
    },
    "codes": {"A1_类型": {"01": "许可", "02": "处罚"}, "渠道": ["窗口", "网上"]},
}


@pytest.fixture
def write(tmp_path: Path):
    def written(given: object) -> Path:
        path = tmp_path / "standard.json"
        path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        return path

    return written


def test_items_and_lists_become_records_and_a_repeat_changes_nothing(world: World, write) -> None:
    first = actions.import_document(path=write(GIVEN), by=SYSTEM, at=AT)
    assert (first.standard, first.created, first.lists_created, first.problems) == ("GB/T 90001-2020", 4, 2, ())
    again = actions.import_document(path=write(GIVEN), by=SYSTEM, at=AT)
    assert (again.created, again.changed, again.unchanged, again.lists_unchanged) == (0, 0, 4, 2)
    page = queries.items("类型")
    assert [(item.identifier, item.format, item.length, item.is_fixed, item.code_list) for item in page.items] == [
        ("gbt90001.1.02", "n2", 2, True, "gbt90001.a1")
    ]
    assert [item.name for item in queries.items().items] == ["名称", "类型代码", "附件", "名称"]
    assert [row.id for row in queries.code_lists("渠道")] == ["gbt90001.v2"]


def test_what_a_later_edition_changes_holds_from_its_day(world: World, write) -> None:
    actions.import_document(path=write(GIVEN), since=DAY, by=SYSTEM, at=AT)
    later, then = copy.deepcopy(GIVEN), DAY + timedelta(days=30)
    later["codes"]["A1_类型"] = {"01": "行政许可", "03": "强制"}
    later["tables"]["4_申请"][0]["fmt"] = "an..500"
    del later["tables"]["4_申请"][2]
    report = actions.import_document(path=write(later), since=then, by=SYSTEM, at=AT)
    assert (report.created, report.changed, report.ended, report.lists_changed) == (0, 1, 1, 1)

    names = {on: [queries.code_name("gbt90001.a1", code, on=on) for code in ("01", "02", "03")] for on in (DAY, then)}
    assert names == {DAY: ["许可", "处罚", None], then: ["行政许可", None, "强制"]}
    lengths = [queries.item("gbt90001.1.01", on=on).length for on in (DAY, then - timedelta(days=1), then)]
    assert lengths == [200, 200, 500]
    assert [item.name for item in queries.items().items if item.name == "附件"] == []
    assert StandardItem.objects.filter(identifier="gbt90001.1.03").count() == 1, "kept, with its end"
    with pytest.raises(NoSuchList):
        queries.code_list("gbt90001.a1", on=DAY - timedelta(days=1))
    with pytest.raises(BadDocument):
        actions.import_document(path=write(GIVEN), since=DAY, by=SYSTEM, at=AT)


def test_rows_that_cannot_be_read_are_set_aside_with_their_place(world: World, write) -> None:
    given = copy.deepcopy(GIVEN)
    given["tables"]["4_申请"] += [
        {"name": "名称", "fmt": "an..2"},
        {"name": "怪", "fmt": "xml"},
        "不是一行",
        {"fmt": "n1"},
    ]
    given["codes"]["A2_空"] = {}
    report = actions.import_document(path=write(given), by=SYSTEM, at=AT)
    assert report.created == 4
    assert [place.where for place in report.problems] == [
        "codes.A2_空",
        *(f"tables.4_申请.{line}" for line in (4, 5, 6, 7)),
    ]


@pytest.mark.parametrize("given", [[], {"source": "GB/T 1-2020"}, {"source": "某标准", "tables": {}}, "x"])
def test_what_is_no_standard_is_refused(world: World, write, given: object) -> None:
    with pytest.raises(BadDocument):
        actions.import_document(path=write(given), by=SYSTEM, at=AT)


def test_code_lists_of_packs_are_kept_with_their_day(world: World) -> None:
    assert actions.note_code_lists(by=SYSTEM, at=AT) > 5
    assert actions.note_code_lists(by=SYSTEM, at=AT) == 0
    found = queries.code_list("firm.status", on=DAY)
    assert (found.origin, found.number) == (Origin.PACK, 1)


def test_elements_are_searched_in_pages(world: World) -> None:
    page = queries.search("姓名", size=2)
    assert len(page.items) == 2
    following = queries.search("姓名", page.next_cursor, size=2)
    assert page.items[-1].id < following.items[0].id
    assert [row.id for row in queries.search("姓名", following.previous_cursor, size=2).items] == [
        row.id for row in page.items
    ]
    assert [row.id for row in queries.search("GB 32100").items] == ["firm.uscc"]


def test_who_names_an_element_is_found_in_packs(world: World) -> None:
    usages = queries.used_by("person.id-number")
    kinds = {usage.kind for usage in usages}
    assert {"表单", "部门数据目录"} <= kinds
    assert Usage("部门数据目录", "anlan.catalogue.police", "公安户籍数据目录") in usages


def test_an_element_is_set_beside_an_item_until_that_ends(world: World, write) -> None:
    actions.import_document(path=write(GIVEN), by=SYSTEM, at=AT)
    suggested = [item.identifier for item in queries.suggestions("firm.name")]
    assert suggested == ["gbt90001.1.01", "gbt90001.2.01"]
    steward = world.actor("city.steward")
    actions.map_element(
        element_id="firm.name", identifier="gbt90001.1.01", relation=Relation.NARROWER, by=steward, at=AT
    )
    [mapping] = queries.mappings("firm.name")
    assert (mapping.item.name, mapping.relation) == ("名称", Relation.NARROWER)
    assert queries.mapped_to("gbt90001.1.01") == ["firm.name"]
    actions.unmap_element(element_id="firm.name", identifier="gbt90001.1.01", by=steward, at=AT)
    assert queries.mappings("firm.name") == []
    with pytest.raises(BadMapping):
        actions.map_element(element_id="firm.name", identifier="gbt90001.9.99", by=steward, at=AT)
    with pytest.raises(NoSuchElement):
        actions.map_element(element_id="firm.nothing", identifier="gbt90001.1.01", by=steward, at=AT)
    with pytest.raises(Denied):
        actions.map_element(element_id="firm.name", identifier="gbt90001.1.01", by=world.actor("health.clerk"), at=AT)


def test_pages_and_json_show_the_same(world: World, client_as, write) -> None:
    actions.import_document(path=write(GIVEN), since=date(2020, 1, 1), by=SYSTEM, at=AT)
    client = client_as("city.steward")
    for address in ("?q=姓名", "?tab=items&q=类型", "?tab=codes", "/elements/person.name", "/codes/gbt90001.a1"):
        assert client.get(f"/desk/standards{address}").status_code == 200, address
    answer = client.post("/desk/standards/elements/firm.name/mapping", {"identifier": "gbt90001.1.01"})
    assert answer.status_code == 302
    shown = client.get("/desk/standards/elements/firm.name").content.decode()
    assert "GB/T 90001-2020" in shown
    told = client.get("/api/standards/elements/firm.name").json()
    assert told["mappings"][0]["item"]["identifier"] == "gbt90001.1.01"
    assert client.get("/api/standards/codes/gbt90001.a1").json()["items"][0] == {"code": "01", "name": "许可"}
    assert client_as("health.clerk").get("/desk/standards").status_code == 403
