"""From a picture to fields: where they stand, what their elements say of them, and which a person must look at."""

from datetime import date

import pytest

from tests.departments import Departments
from tests.unit.data.scans.conftest import LICENCE, NUMBERS, REGISTER, USCC, Drawer, Hand, licence
from tests.world import AT
from yiwang.data.scans import _find, _forms, actions, queries
from yiwang.data.scans._judge import judge
from yiwang.data.scans._typed import typed_page
from yiwang.data.scans.contracts import Doubt, FieldView, Held, PageView, Reading, Stand, Word
from yiwang.data.scans.models import Page
from yiwang.kernel.base.contracts import SYSTEM

pytestmark = pytest.mark.usefixtures("no_sample")


def page_of(batch_id: int, number: int = 1) -> PageView:
    return actions.open_page(page_id=Page.objects.get(batch=batch_id, number=number).pk, by=SYSTEM, at=AT)


def fields(page: PageView) -> dict[str, FieldView]:
    return {each.column: each for each in page.fields}


def test_a_clean_page_needs_nobody(hand: Hand, drawer: Drawer) -> None:
    page = page_of(hand(drawer.picture(licence())).id)
    assert (page.stand, page.doubtful) == (Stand.READY, [])
    assert fields(page)["统一社会信用代码"].value == USCC
    assert fields(page)["经营范围"].box is not None


@pytest.mark.parametrize(
    ("text", "column", "doubt"),
    [
        (licence(uscc="91110000600037341M"), "统一社会信用代码", Doubt.CHECK),
        (licence(成立日期="2019年13月15日"), "成立日期", Doubt.CHECK),
        (licence(成立日期="2119年03月15日"), "成立日期", Doubt.CHECK),
        (licence(住所=""), "住所", Doubt.MISSING),
    ],
)  # fmt: skip
def test_what_does_not_fit_or_is_not_there_is_doubtful(
    hand: Hand, drawer: Drawer, text: str, column: str, doubt: Doubt
) -> None:
    page = page_of(hand(drawer.picture(text)).id)
    assert page.stand is Stand.DOUBTFUL
    assert [(each.column, each.doubt) for each in page.doubtful] == [(column, doubt)]


def test_what_the_reader_is_not_sure_of_is_doubtful(hand: Hand, drawer: Drawer) -> None:
    page = page_of(hand(drawer.picture(licence(), sure=0.9)).id)
    assert {each.doubt for each in page.fields} == {Doubt.LOW}
    assert {each.confidence for each in page.fields} == {90}


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("9111OOOO600037341L", USCC),
        ("9II10000600037341L", USCC),
        ("91110000600037341L。", USCC),
        ("9111000060003734BL", None),
        ("9111000060OO37342L", None),
    ],
)
def test_only_a_check_digit_settles_what_looks_alike(office: Departments, read: str, value: str | None) -> None:
    column = _forms.get(LICENCE).column("统一社会信用代码")
    judged = judge(_find.Found(read, 1.0, None), column, sure_from=97, today=date(2026, 11, 23))
    assert (judged.value, judged.doubt is Doubt.NONE, judged.is_corrected) == (value or read, bool(value), bool(value))


def test_another_paper_is_put_aside_and_says_why(hand: Hand, drawer: Drawer) -> None:
    batch = hand(drawer.picture("食品经营许可证\n名称  安澜市青禾面馆"))
    page = page_of(batch.id)
    assert page.stand is Stand.ASIDE
    assert "营业执照" in page.reason


def test_a_register_gives_a_row_for_each_line(hand: Hand, drawer: Drawer) -> None:
    text = f"优待证登记簿\n姓名     身份证号               发放日期\n陈晓岚   {NUMBERS[0]}   2011-03-02\n周敏     {NUMBERS[1]}"
    page = page_of(hand(drawer.picture(text), form=REGISTER).id)
    values = [(each.row, each.column, each.value) for each in page.fields]
    assert values[:4] == [
        (1, "姓名", "陈晓岚"),
        (1, "公民身份号码", NUMBERS[0]),
        (1, "发证日期", "2011-03-02"),
        (2, "姓名", "周敏"),
    ]
    assert [(each.row, each.column, each.doubt) for each in page.doubtful] == [(2, "发证日期", Doubt.MISSING)]


def test_labels_are_found_on_a_page_that_is_turned_and_misread(office: Departments) -> None:
    """Turned by 3 degrees two labels of one line are not at one height; one sign of a label is read wrong."""

    def word(text: str, x: float, y: float) -> Word:
        slope, width = 0.0524, 20.0 * len(text)
        lift = slope * width
        left = y + slope * x
        corners = ((x, left), (x + width, left + lift), (x + width, left + lift + 24), (x, left + 24))
        return Word(text, (1.0,) * len(text), corners)

    words = [
        word("统一社会信用代玛", 40, 40), word(USCC, 700, 40), word("名称", 40, 100), word("安澜市青禾面馆有限公司", 700, 100),
        word("住所", 40, 160), word("安澜市江滨路16号", 700, 160),
    ]  # fmt: skip
    (row,) = _find.rows(_forms.get(LICENCE).body, Reading(1200, 800, words))
    assert row["统一社会信用代码"].text == USCC
    assert row["住所"].text == "安澜市江滨路16号"
    box = row["名称"].box
    assert box is not None
    assert 0.57 < box[0] < 0.6
    assert 0.15 < box[1] < 0.25


def test_two_fields_of_a_line_do_not_run_into_one_another(office: Departments) -> None:
    (row,) = _find.rows(
        _forms.get("anlan.scan.resident-card").body, typed_page("姓名 陈晓岚\n性别 女  民族 汉\n出生 1993年3月15日")
    )
    assert {name: found.text for name, found in row.items() if found.text} == {
        "姓名": "陈晓岚", "性别": "女", "民族": "汉", "出生": "1993年3月15日",
    }  # fmt: skip


def test_a_page_at_which_the_reader_ends_is_given_up_after_three_times(hand: Hand, drawer: Drawer) -> None:
    bad, good = drawer.picture(licence()), drawer.picture(licence(name="安澜市乙"))
    drawer.fails.add(bad.read())
    batch = hand(bad, good)
    for _ in range(4):
        actions.read(batch_id=batch.id, most=100, opened=drawer.opened, by=SYSTEM, at=AT)
    assert queries.batch(batch.id).stands == {Stand.UNREADABLE: 1, Stand.READY: 1}
    assert drawer.reads.count(bad.read()) == 3


def test_a_reading_that_was_cut_off_goes_on_where_it_was(hand: Hand, drawer: Drawer, office: Departments) -> None:
    pictures = [drawer.picture(licence(name=f"第{n}家")) for n in range(5)]
    batch = actions.hand_in(form_id=LICENCE, title="", pictures=pictures, by=SYSTEM, at=AT)
    assert actions.read(batch_id=batch.id, most=2, opened=drawer.opened, by=SYSTEM, at=AT) == 2
    assert queries.batch(batch.id).read == 2
    assert actions.read(batch_id=batch.id, most=9, opened=drawer.opened, by=SYSTEM, at=AT) == 3
    assert len(drawer.reads) == 5
    assert {each.held for each in page_of(batch.id, 5).fields} == {Held.SURE}
