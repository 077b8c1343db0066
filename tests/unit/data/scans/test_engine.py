"""The real reader (extra `ocr`): a drawn licence, turned and compressed, comes out right field by field."""

from pathlib import Path

from tests.departments import Departments
from tests.unit.data.scans import drawn
from tests.unit.data.scans.conftest import LICENCE, USCC
from tests.world import AT
from yiwang.data.scans import _find, _forms, _reader, actions, queries
from yiwang.data.scans.contracts import Picture, Stand
from yiwang.data.scans.models import Page
from yiwang.kernel.base.contracts import SYSTEM

SAID = {
    "统一社会信用代码": USCC, "名称": "安澜市青禾面馆有限公司", "类型": "有限责任公司（自然人独资）", "法定代表人": "周敏",
    "注册资本": "伍佰万元整", "成立日期": "2019年08月15日", "住所": "安澜市临江区江滨路16号", "经营范围": "餐饮服务；食品零售",
}  # fmt: skip


def test_drawn_licences_are_read_and_broken_ones_end_nothing(office: Departments) -> None:
    page = drawn.licence(SAID)
    contents = [drawn.as_png(page), drawn.as_jpeg(drawn.turned(page), 60)]
    pictures = [Picture(f"{n}.png", lambda each=each: each) for n, each in enumerate(contents)]  # type: ignore[misc]
    batch = actions.hand_in(form_id=LICENCE, title="", pictures=pictures, by=SYSTEM, at=AT)
    assert actions.read(batch_id=batch.id, most=9, by=SYSTEM, at=AT) == 2
    assert queries.batch(batch.id).count(Stand.WAITING) == 0
    for row in Page.objects.filter(batch=batch.id):
        found = {each.column: each.value for each in actions.open_page(page_id=row.pk, by=SYSTEM, at=AT).fields}
        assert found | {"类型": ""} == SAID | {"类型": ""}
        assert found["类型"].translate(str.maketrans("()", "（）")) == SAID["类型"]


def test_the_shared_samples_are_read(office: Departments, shared: Path) -> None:
    content = (shared / "data" / "ocr_samples" / "idcard_synthetic.png").read_bytes()
    with _reader.opened() as read:
        (row,) = _find.rows(_forms.get("anlan.scan.resident-card").body, read(content))
    assert {name: found.text for name, found in row.items()} == {
        "公民身份号码": "371602199003074517", "姓名": "王晓明", "性别": "男", "民族": "汉", "出生": "1990年3月7日",
        "住址": "山东省滨州市滨城区黄河五路385号",
    }  # fmt: skip
