"""Fields that do not agree with one another want a person's eye; a row that the reader missed is added by hand."""

from dataclasses import replace

import pytest

from tests.departments import FIRMS, Departments, enter
from tests.unit.data.scans.conftest import LICENCE, NUMBERS, REGISTER, USCC, Drawer, Hand, licence
from tests.world import AT, make_id_number
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import LegalPersonRecord
from yiwang.data.scans import actions, queries
from yiwang.data.scans.contracts import Act, CannotSettle, Held, NotAsAsked, PageView, Settling, Stand
from yiwang.data.scans.models import Page
from yiwang.kernel.audit.models import Disclosure
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.sealing import sealed_index

pytestmark = pytest.mark.usefixtures("no_sample")
CARD, CARD_RESOURCE = "anlan.scan.resident-card", "anlan.police.paper-residents"
WOMAN = make_id_number("990102199303152", 44)


def card(born: str = "1993年3月15日", sex: str = "女") -> str:
    return f"姓名  陈晓岚\n性别  {sex}   民族  汉\n出生  {born}\n住址  柳岸社区5号\n公民身份号码  {WOMAN}"


def opened(batch_id: int) -> PageView:
    return actions.open_page(page_id=Page.objects.get(batch=batch_id).pk, by=SYSTEM, at=AT)


@pytest.fixture
def police(office: Departments) -> Departments:
    enter(office, code=CARD_RESOURCE, content=replace(FIRMS, lake_table=""), unit="civil")
    return office


@pytest.mark.usefixtures("police")
@pytest.mark.parametrize(
    ("page", "doubtful"),
    [
        (card(), set()),
        (card(born="1993年3月16日"), {"出生", "公民身份号码"}),
        (card(sex="男"), {"性别", "公民身份号码"}),
        (card(born=""), {"出生"}),
    ],
    ids=["agrees", "another-day", "another-sex", "no-day"],
)
def test_birth_and_sex_agree_with_the_number(hand: Hand, drawer: Drawer, page: str, doubtful: set[str]) -> None:
    found = opened(hand(drawer.picture(page), form=CARD).id)
    assert {each.column for each in found.doubtful} == doubtful


@pytest.mark.usefixtures("police")
def test_a_person_says_that_the_paper_has_it_so(hand: Hand, drawer: Drawer, office: Departments) -> None:
    clerk = office.actor("civil.records-a")
    page = opened(hand(drawer.picture(card(born="1993年3月16日")), form=CARD).id)
    as_they_stand = [Settling(each.id, each.value) for each in page.fields]
    with pytest.raises(NotAsAsked) as refused:
        actions.confirm(page_id=page.id, words=as_they_stand, by=clerk, at=AT)
    assert len(refused.value.places) == 2
    assert all("不一致" in place.message for place in refused.value.places)
    ticked = [
        Settling(each.id, each.value, is_as_written=each.column == "出生") for each in page.fields if each.is_doubtful
    ]
    done = actions.confirm(page_id=page.id, words=ticked, by=clerk, at=AT)
    held = {each.column: each.held for each in done.fields}
    assert (done.stand, held["出生"], held["公民身份号码"]) == (Stand.READY, Held.AS_WRITTEN, Held.CONFIRMED)


@pytest.mark.usefixtures("police")
def test_putting_a_sure_field_at_odds_is_refused_too(hand: Hand, drawer: Drawer, office: Departments) -> None:
    page = opened(hand(drawer.picture(card().replace("柳岸社区5号", "")), form=CARD).id)
    changed = {"出生": "1993年3月16日", "住址": "柳岸社区5号"}
    words = [Settling(each.id, changed.get(each.column, each.value)) for each in page.fields]
    with pytest.raises(NotAsAsked, match="还有栏目要核对"):
        actions.confirm(page_id=page.id, words=words, by=office.actor("civil.records-a"), at=AT)


def test_a_name_agrees_with_the_register_of_firms(hand: Hand, drawer: Drawer, office: Departments) -> None:
    firm = LegalPersonRecord(
        uscc=USCC, name="安澜市青禾面馆有限公司", kind="enterprise", legal_representative="周敏",
        representative_key="", region_code="990102", address="江滨路16号", industry="餐饮",
        established_on=AT.date(), capital_fen=100,
    )  # fmt: skip
    registries.load(firms=[firm], by=SYSTEM, at=AT)
    right = hand(drawer.picture(licence(name="安澜市青禾面馆 有限公司")))
    assert queries.batch(right.id).stands == {Stand.READY: 1}
    page = opened(hand(drawer.picture(licence(name="安澜市青禾面铺有限公司"))).id)
    assert {each.column for each in page.doubtful} == {"名称", "统一社会信用代码"}
    assert "登记" in page.doubtful[0].words
    assert "青禾面馆" not in page.doubtful[0].words, "what the register holds is not told here"
    asked = Disclosure.objects.filter(subject_key=sealed_index(USCC), account_id=None)
    assert {(each.purpose, tuple(each.elements)) for each in asked} >= {("存量档案数字化", ("firm.name",))}


def register(*lines: str) -> str:
    return "\n".join(["登记簿", "姓名     身份证号               发放日期", *lines])


@pytest.fixture
def page(hand: Hand, drawer: Drawer) -> PageView:
    text = register(f"陈晓岚   {NUMBERS[0]}   2011-03-02", f"周敏     {NUMBERS[1]}   2011-13-05")
    return opened(hand(drawer.picture(text), form=REGISTER).id)


def test_a_row_that_the_reader_missed_is_added(page: PageView, office: Departments) -> None:
    clerk = office.actor("civil.records-a")
    more = actions.add_row(page_id=page.id, by=clerk, at=AT)
    assert (more.added, len(more.doubtful)) == ([3], len(page.doubtful) + 3)
    said = {(2, "发证日期"): "2011-03-05", (3, "姓名"): "吴桂英", (3, "发证日期"): "2011-03-06"}
    said[3, "公民身份号码"] = WOMAN
    words = [Settling(each.id, said[each.row, each.column]) for each in more.doubtful]
    assert actions.confirm(page_id=page.id, words=words, by=clerk, at=AT).stand is Stand.READY
    assert (Act.ADDED, 3) in {(each.act, each.row) for each in queries.deeds(page.id, clerk)}


def test_only_an_added_row_can_go_again(page: PageView, office: Departments) -> None:
    clerk = office.actor("civil.records-a")
    actions.add_row(page_id=page.id, by=clerk, at=AT)
    assert len(actions.drop_row(page_id=page.id, row=3, by=clerk, at=AT).fields) == len(page.fields)
    with pytest.raises(CannotSettle):
        actions.drop_row(page_id=page.id, row=2, by=clerk, at=AT)


def test_paper_without_a_table_has_no_more_rows(hand: Hand, drawer: Drawer, office: Departments) -> None:
    page = opened(hand(drawer.picture(licence(住所="")), form=LICENCE).id)
    with pytest.raises(CannotSettle):
        actions.add_row(page_id=page.id, by=office.actor("market.records-a"), at=AT)


def test_a_ready_page_is_taken_back_until_it_goes_on(hand: Hand, drawer: Drawer, office: Departments) -> None:
    clerk = office.actor("market.records-a")
    page = opened(hand(drawer.picture(licence())).id)
    assert page.may_be_taken_back
    back = actions.take_back(page_id=page.id, by=clerk, at=AT)
    assert (back.stand, back.may_be_taken_back) == (Stand.DOUBTFUL, False)
