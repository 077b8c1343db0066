"""Values are read as people write them, and refused with a sentence that helps."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.base.contracts import Invalid
from yiwang.kernel.elements import _parse, queries
from yiwang.kernel.elements.contracts import Element, ElementType, NoSuchCodeList, NoSuchElement, Sensitivity
from yiwang.kernel.elements.kinds import ElementPack
from yiwang.kernel.packs.contracts import Text

SHANGHAI = ZoneInfo("Asia/Shanghai")

REFUSED = {
    ("person.id-number", "110105194912310020"): (
        "公民身份号码的校验位或出生日期不对。",
        "多半是抄错了一位，请对照身份证重新填写。",
    ),
    ("person.id-number", "1101051949123100"): ("公民身份号码应为18位，现在是16位。", "请对照身份证重新填写。"),
    ("person.id-number", "110105491231002"): ("公民身份号码是15位的旧号码。", "请填写18位公民身份号码。"),
    ("person.id-number", "11010519491231OO2X"): ("公民身份号码只能是数字，最后一位可以是X。", "请对照身份证重新填写。"),
    ("person.name", ""): ("姓名还没有填写。", "请填写。"),
    ("person.name", "张三1"): ("姓名的写法不对。", "姓名中不应有数字和符号，间隔号请用“·”。"),
    ("person.name", "张" * 61): ("姓名最多60个字，现在有61个。", "请删去1个字。"),
    ("person.name", "张\u202e三"): ("姓名里有不能显示的字符或过长。", "请删去后重新填写。"),
    ("person.born-on", "2023-02-29"): ("出生日期这一天不存在。", "请核对年、月、日。"),
    ("person.born-on", "昨天"): ("出生日期不是日期。", "请写成如 2026-09-24。"),
    ("person.born-on", "0990-01-01"): ("出生日期的年份不合常理。", "请核对年份。"),
    ("birth.born-at", "2026-09-24 25:00"): ("出生时间的时刻不存在。", "请按24小时制填写，如 08:30。"),
    ("birth.weight-grams", "3.2"): ("出生体重应为整数。", "请只填数字，单位是克。"),
    ("birth.weight-grams", "32000"): ("出生体重应为300至8000克。", "请核对单位和位数。"),
    ("person.sex", "3"): ("性别不在可选范围内。", "请从列出的选项中选一个。"),
    ("person.phone", "1380013800"): (
        "手机号码不是电话号码。",
        "请填写11位手机号码，或带区号的固定电话，如 0999-6234567。",
    ),
    ("bank.account-no", "6222021234567890129"): (
        "银行卡号的校验位不对。",
        "多半是抄错或漏了一位，请对照卡面重新填写。",
    ),
    ("firm.uscc", "91110000600037341M"): (
        "统一社会信用代码的校验位不对。",
        "多半是抄错了一位（没有字母 I、O、S、V、Z），请对照营业执照重新填写。",
    ),
    ("household.head-consents", "也许"): ("户主同意入户应为是或否。", "请选“是”或“否”。"),
    ("person.photo", "cat.jpg"): ("证件照片还没有上传。", "请先上传文件。"),
    ("person.address", "三楼"): ("住址至少5个字。", "请填写完整。"),
    ("firm.registered-capital", "1.23456"): ("注册资本最多4位小数。", "请四舍五入后填写。"),
}


@pytest.mark.parametrize(("element", "raw"), REFUSED)
def test_what_is_wrong_is_said_and_what_to_do(element: str, raw: str) -> None:
    with pytest.raises(Invalid) as refused:
        queries.parse(element, raw)
    assert (refused.value.message, refused.value.hint) == REFUSED[element, raw]


@pytest.mark.parametrize(
    ("element", "raw", "value"),
    [
        ("person.name", "𠮷野·阿依", "𠮷野·阿依"),
        ("person.id-number", " 11010519491231002x ", "11010519491231002X"),
        ("person.born-on", "２０２６年9月4日", date(2026, 9, 4)),
        ("person.born-on", date(2026, 9, 4), date(2026, 9, 4)),
        ("birth.born-at", "2026/9/24 8:05", datetime(2026, 9, 24, 8, 5, tzinfo=SHANGHAI)),
        ("birth.weight-grams", 3200, 3200),
        ("household.head-consents", True, True),
        ("household.head-consents", "否", False),
        ("person.ethnicity", "汉族", "01"),
        ("person.phone", "+86 138-0013-8000", "13800138000"),
        ("bank.account-no", "6222 0212 3456 7890 128", "6222021234567890128"),
        ("firm.registered-capital", "1,000.5", Decimal("1000.5000")),
        ("person.photo", "12", 12),
    ],
)
def test_values_are_read_as_people_write_them(element: str, raw: object, value: object) -> None:
    assert queries.parse(element, raw) == value


def test_a_rare_character_is_kept_as_typed() -> None:
    # U+F92C is a compatibility character that Unicode normalisation would replace by another.
    assert queries.parse("person.name", "\uf92c") == "\uf92c"


def test_a_birth_cannot_lie_ahead() -> None:
    assert queries.parse("person.born-on", "2026-09-24", today=date(2026, 9, 24)) == date(2026, 9, 24)
    with pytest.raises(Invalid, match="出生日期在今天之后。"):
        queries.parse("person.born-on", "2026-09-25", today=date(2026, 9, 24))


@pytest.mark.parametrize(
    ("element", "value", "shown"),
    [
        ("person.sex", "1", "男性"),
        ("person.sex", "7", "7"),
        ("person.born-on", "2026-09-04", "2026年9月4日"),
        ("birth.born-at", "2026-09-04T08:05", "2026年9月4日 08:05"),
        ("birth.weight-grams", 3200, "3200克"),
        ("household.head-consents", True, "是"),
        ("person.name", None, ""),
        ("firm.registered-capital", "100.0000", "100万元"),
        ("firm.registered-capital", "50.8000", "50.8万元"),
    ],
)
def test_values_are_shown_as_people_read_them(element: str, value: object, shown: str) -> None:
    assert queries.display(element, value) == shown


def test_english_readers_get_english_labels() -> None:
    assert queries.display("person.sex", "2", language="en") == "Female"


@pytest.mark.parametrize(
    "element", ["birth.born-at", "person.born-on", "firm.registered-capital", "general.yes", "general.count"]
)
def test_stored_values_read_back(element: str) -> None:
    raw = {"birth.born-at": "2026-09-24 8:05", "person.born-on": "2026-9-4", "general.yes": "是"}.get(element, "12")
    value = queries.parse(element, raw)
    assert queries.parse(element, queries.as_json(value)) == value


def test_code_lists_hold_the_standards() -> None:
    ethnicity = queries.code_list("ethnicity")
    assert [item.code for item in ethnicity.items][:56] == [f"{number:02}" for number in range(1, 57)]
    assert (queries.label("ethnicity", "56"), queries.label("kinship", "52")) == ("基诺族", "母亲")
    assert [item.name for item in queries.code_list("sex").offered] == ["男性", "女性"]
    assert queries.label("feedback.level", "5") == "非常不满意"


def test_the_lists_of_gb_t_39046_agree_with_the_standard(shared) -> None:  # type: ignore[no-untyped-def]
    import json

    codes = json.loads((shared / "data" / "standards" / "gbt39046.json").read_text(encoding="utf-8"))["codes"]
    ours = {
        "A1_事项类型": "matter.type", "A2_行使层级": "matter.level", "A3_实施主体性质": "matter.authority-nature",
        "A4_服务对象": "matter.audience", "A5_办理形式": "matter.channel", "A6_办件类型": "matter.handling-type",
        "A7_特别程序种类": "matter.special-procedure", "A8_满意度": "feedback.level", "环节办理状态": "case.step-status",
    }  # fmt: skip
    narrow = str.maketrans("（）", "()")
    for standard, name in ours.items():
        listed = {item.code: str(item.name).translate(narrow) for item in queries.code_list(name).items}
        assert listed == {code: text.translate(narrow) for code, text in codes[standard].items()}, standard
    assert [item.name for item in queries.code_list("matter.reach").items] == codes["通办范围"]
    assert [item.name for item in queries.code_list("feedback.channel").items] == codes["评价渠道"]


def test_every_personal_element_is_classed() -> None:
    for element in queries.all():
        if element.id.startswith(("person.", "household.", "birth.", "marriage.")):
            assert element.sensitivity is not Sensitivity.GENERAL, element.id


def test_unknown_names_are_told() -> None:
    with pytest.raises(NoSuchElement):
        queries.get("person.shoe-size")
    with pytest.raises(NoSuchCodeList):
        queries.code_list("shoe-size")


def test_rule_types() -> None:
    names = (
        "person.name",
        "person.sex",
        "birth.born-at",
        "birth.weight-grams",
        "firm.registered-capital",
        "general.yes",
    )
    assert [queries.get(name).rule_type for name in names] == ["text", "code", "date", "integer", "decimal", "bool"]


@given(st.text(max_size=40))
def test_nothing_typed_breaks_the_reading(raw: str) -> None:
    for kind in ElementType:
        element = Element("x", Text("内容"), kind, Sensitivity.GENERAL, max_length=20)
        with suppress(Invalid):
            assert _parse.parse(element, None, raw) is not None


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.integers(0, 999), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_of_an_id_number_is_always_noticed(born: date, serial: int, where: int, shift: int) -> None:
    first = f"990101{born:%Y%m%d}{serial:03}"
    number = first + id_check_digit(first)
    assert queries.parse("person.id-number", number) == number
    digit = "0123456789"[(int(number[where]) + shift) % 10] if number[where] != "X" else str(shift)
    with pytest.raises(Invalid):
        queries.parse("person.id-number", number[:where] + digit + number[where + 1 :])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"type": "code"}, "类型 code 与 code_list 要一起写"),
        ({"type": "text"}, "文字没有写最大长度"),
        ({"type": "text", "max_length": 9, "pattern": "["}, "正则表达式不对"),
        ({"type": "text", "max_length": 9, "pattern": "a"}, "有 pattern 却没有给填写人看的说明"),
        ({"type": "date", "minimum": "1"}, "类型 date 不用 minimum"),
        ({"type": "bool", "moment": "past"}, "类型 bool 不用 moment"),
        ({"type": "bool", "min_length": 2}, "类型 bool 不用 pattern"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ElementPack.model_validate(
            {"kind": "DataElement", "id": "x", "title": "内容", "sensitivity": "general", **wrong}
        )
