"""A department's catalogue from a file: entries in, problems with their line, safe to repeat."""

from pathlib import Path

import pytest

from tests.departments import Departments, departments
from tests.world import AT, World
from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue.contracts import BadFile, Origin, Sharing, Way
from yiwang.kernel.base.contracts import SYSTEM

HEAD = "资源代码,资源名称,摘要,提供单位代码,共享属性,共享条件,共享方式,更新周期,信息项英文名,信息项名称,数据元,类型,长度,主键\n"


@pytest.fixture
def place(world: World) -> Departments:
    return departments(world)


def rows(place: Departments, *, cycle: str = "每日") -> str:
    uscc = place.org("market").uscc
    return (
        HEAD
        + f"anlan.market.a,企业名录,在营企业。,{uscc},无条件共享,,系统对接、下载,{cycle},uscc,,firm.uscc,,,是\n"
        + ",,,,,,,,opened_on,开业日期,,日期,,\n"
        + f"anlan.market.b,抽检结果,抽检的结果。,{uscc},有条件共享,,下载,每周,no,编号,,文字,20,是\n"
        + f"anlan.market.c,某表,某。,{uscc},随便,,下载,每周,no,编号,,文字,20,是\n"
        + "anlan.market.d,某表,某。,11990100MB00000000,无条件共享,,下载,每周,no,编号,,文字,20,是\n"
    )


def test_good_entries_go_in_and_bad_ones_say_their_line(place: Departments, tmp_path: Path) -> None:
    path = tmp_path / "market.csv"
    path.write_text(rows(place), encoding="gb18030")
    report = actions.import_file(path=path, by=SYSTEM, at=AT)
    assert (report.created, report.codes) == (1, ("anlan.market.a",))
    assert [problem.where for problem in report.problems] == ["第4行", "第5行", "第6行"]
    found = queries.resource("anlan.market.a")
    assert (found.sharing, found.content.ways, found.origin) == (
        Sharing.UNCONDITIONAL,
        (Way.SYSTEM, Way.DOWNLOAD),
        Origin.IMPORT,
    )
    assert [(item.name, item.title, item.type, item.is_key) for item in found.items] == [
        ("uscc", "统一社会信用代码", "uscc", True),
        ("opened_on", "开业日期", "date", False),
    ]
    assert actions.import_file(path=path, by=SYSTEM, at=AT).unchanged == 1
    path.write_text(rows(place, cycle="实时"), encoding="utf-8-sig")
    assert actions.import_file(path=path, by=SYSTEM, at=AT).revised == 1
    assert queries.history("anlan.market.a")[0].words == ("更新周期由“每日”改为“实时”。",)


def test_what_is_no_catalogue_is_refused(place: Departments, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("姓名,电话\n某,1\n", encoding="utf-8")
    with pytest.raises(BadFile):
        actions.import_file(path=path, by=SYSTEM, at=AT)
