"""The basic data of government service platforms, GB/T 39046, goes in whole."""

from datetime import date
from pathlib import Path

from tests.world import AT, World
from yiwang.data.standards import actions, queries
from yiwang.kernel.base.contracts import SYSTEM

SINCE = date(2020, 11, 19)


def test_144_items_and_their_code_lists(shared: Path, world: World) -> None:
    report = actions.import_document(
        path=shared / "data" / "standards" / "gbt39046.json", since=SINCE, by=SYSTEM, at=AT
    )
    assert (report.standard, report.created, report.problems) == ("GB/T 39046-2020", 144, ())
    lists = [row for row in queries.code_lists() if row.id.startswith("gbt39046.")]
    # Eight of the appendix, with codes; four lists of values that stand in the text of the tables.
    assert len([row for row in lists if row.id.startswith("gbt39046.a")]) == 8
    assert len(lists) == 12
    assert queries.code_name("gbt39046.a8", "1") == "非常满意"
    linked = {item.name: item.code_list for item in queries.items("代码", size=200).items if item.code_list}
    assert linked["事项类型代码"] == "gbt39046.a1"
