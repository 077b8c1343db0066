"""A unit's list from a workbook: read with what is wrong by line, then asked for as a whole, on the way of any change."""

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.departments import Departments, departments
from tests.standing import standing
from tests.unit.data.ingest.test_desk import signed_in
from tests.world import AT, World
from yiwang.data.catalogue import actions, queries
from yiwang.data.catalogue.contracts import AlreadyAsked, BadFile, BadRequest, Cycle, ListingState, NoSuchListing
from yiwang.data.catalogue.models import Request
from yiwang.kernel.access.contracts import NotPermitted
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases

HEAD = "资源代码,资源名称,摘要,提供单位代码,共享属性,共享条件,共享方式,更新周期,信息项英文名,信息项名称,数据元,类型,长度,主键"


@standing
def place(world: World) -> Departments:
    return departments(world)


def lines(place: Departments) -> list[str]:
    uscc = place.org("market").uscc
    return [
        HEAD,
        f"anlan.market.a,企业名录,在营企业。,{uscc},无条件共享,,系统对接、下载,每日,uscc,,firm.uscc,,,是",
        ",,,,,,,,opened_on,开业日期,,日期,,",
        "anlan.market.b,抽检结果,抽检的结果。,,无条件共享,,下载,每周,no,编号,,文字,20,是",
        f"anlan.market.c,某表,某。,{uscc},随便,,下载,每周,no,编号,,文字,20,是",
        f"anlan.civil.d,某表,某。,{place.org('civil').uscc},无条件共享,,下载,每周,no,编号,,文字,20,是",
        f"anlan.market.b,又一,某。,{uscc},无条件共享,,下载,每周,no,编号,,文字,20,是",
        f"Bad Code,某表,某。,{uscc},无条件共享,,下载,每周,no,编号,,文字,20,是",
    ]


def workbook(rows: list[str]) -> bytes:
    """The least of an .xlsx: one sheet of inline strings."""
    cells = "".join(
        "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in row.split(",")) + "</row>"
        for row in rows
    )
    base = "http://schemas.openxmlformats.org"
    main, rel = f"{base}/spreadsheetml/2006/main", f"{base}/officeDocument/2006/relationships"
    kinds = f"{base}/package/2006"

    def leading(kind: str, target: str) -> str:
        one = f'<Relationship Id="r1" Type="{rel}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{kinds}/relationships">{one}</Relationships>'

    known = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    sheets = '<sheets><sheet name="目录" sheetId="1" r:id="r1"/></sheets>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{kinds}/content-types">{known}</Types>',
        "_rels/.rels": leading("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{rel}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": leading("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


def read(place: Departments, content: bytes, folder: Path, who: str = "market.clerk"):
    path = folder / "list.xlsx"
    path.write_bytes(content)
    unit = place.org("market").id
    return actions.read_listing(org_id=unit, path=path, name="list.xlsx", by=place.actor(who), at=AT)


def ask(place: Departments, listing: int):
    return actions.ask_listing(listing_id=listing, reason="首次编目", by=place.actor("market.clerk"), at=AT)


def test_a_workbook_is_read_and_what_is_wrong_is_told_by_line(place: Departments, tmp_path: Path) -> None:
    found = read(place, workbook(lines(place)), tmp_path)
    assert [(each.line, each.code) for each in found.entries] == [(2, "anlan.market.a"), (4, "anlan.market.b")]
    assert found.entries[0].words == ("新登记“企业名录”，2个信息项，无条件共享。",)
    assert [(each.where, each.message[:9]) for each in found.problems] == [
        ("第5行", "共享属性“随便”不"), ("第6行", "提供单位代码不是本"), ("第7行", "资源代码在第4行已"), ("第8行", "资源代码用小写字母"),
    ]  # fmt: skip
    assert Request.objects.count() == 0
    with pytest.raises(NotPermitted):
        read(place, workbook(lines(place)), tmp_path, "civil.clerk")
    with pytest.raises(NoSuchListing):
        queries.find_listing(found.id, place.actor("civil.clerk"))
    with pytest.raises(BadFile, match="打不开"):
        read(place, b"PK\x03\x04 no workbook", tmp_path)


def test_all_is_asked_for_at_once_and_holds_once_reviewed(place: Departments, tmp_path: Path) -> None:
    found = read(place, workbook(lines(place)), tmp_path)
    asked = ask(place, found.id)
    assert [each.resource_code for each in asked] == ["anlan.market.a", "anlan.market.b"]
    assert queries.find_listing(found.id, place.actor("market.clerk")).state is ListingState.ASKED
    with pytest.raises(BadRequest):
        ask(place, found.id)
    for who, step, choice in (("market.officer", "sign", "sign"), ("data-bureau.keeper", "review", "pass")):
        case = cases.by_number(asked[0].case_number, at=AT)
        engine.advance(case_id=case.id, step=step, choice=choice, grounds="", by=place.actor(who), at=AT)
    assert queries.resource("anlan.market.a").update_cycle is Cycle.DAILY
    # The same list again: one entry is as it is, the other is on its way.
    again = read(place, workbook(lines(place)[:4]), tmp_path)
    assert (again.entries, again.unchanged) == ((), 1)
    assert [each.where for each in again.problems] == ["第4行"]
    changed = [each.replace("每日", "实时") for each in lines(place)[:3]]
    (entry,) = read(place, workbook(changed), tmp_path).entries
    assert entry.words == ("更新周期由“每日”改为“实时”。",)


def test_where_one_cannot_be_asked_for_none_is(place: Departments, tmp_path: Path) -> None:
    one, other = (read(place, workbook(lines(place)[:4]), tmp_path) for _ in range(2))
    assert len(ask(place, one.id)) == 2
    asked = Request.objects.count()
    with pytest.raises(BadRequest, match="第2行：已有一件同样的申请") as refused:
        ask(place, other.id)
    assert isinstance(refused.value.__cause__, AlreadyAsked)
    assert Request.objects.count() == asked
    assert queries.find_listing(other.id, place.actor("market.clerk")).state is ListingState.READ


def test_the_way_over_the_pages(place: Departments) -> None:
    clerk = signed_in(place, "market.clerk")
    assert "用清单编目" in clerk.get("/desk/catalogue/mine").content.decode()
    assert clerk.post("/desk/catalogue/listing").status_code == 422
    upload = SimpleUploadedFile("目录.csv", "\n".join(lines(place)).encode("gb18030"))
    answer = clerk.post("/desk/catalogue/listing", {"file": upload})
    assert answer.status_code == 302
    page = clerk.get(answer["Location"]).content.decode()
    assert "第5行" in page
    assert "新登记“企业名录”" in page
    assert clerk.post(answer["Location"], {"reason": ""}).status_code == 422
    assert clerk.post(answer["Location"], {"reason": "首次编目"}).status_code == 302
    assert Request.objects.count() == 2
    assert signed_in(place, "civil.clerk").get(answer["Location"]).status_code == 404
