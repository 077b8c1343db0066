"""What a person typed, as a value of a data element, or a sentence that helps them type it right."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext
from stdnum import luhn

from yiwang.kernel.base.codes import is_id_number, is_mobile, is_uscc
from yiwang.kernel.elements.contracts import (
    LANDLINE_PATTERN,
    CodeList,
    Element,
    ElementType,
    Moment,
    NotThisElement,
)

Value: TypeAlias = str | int | Decimal | date | datetime | bool

LEGAL_TIME = ZoneInfo("Asia/Shanghai")
LENGTH_MAX = 20_000
_FULL_WIDTH = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "})
_EARLIEST, _LATEST = date(1850, 1, 1), date(2150, 12, 31)
_LANDLINE = re.compile(LANDLINE_PATTERN)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
_DATES = (re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"), re.compile(r"(\d{4})(\d{2})(\d{2})"))
_MOMENTS = re.compile(
    r"(\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?)[T ]*(\d{1,2})[::时]?(\d{2})分?(?:[::]?\d{2})?(?:\+08:?00)?"
)
_YES, _NO = ("true", "是", "1", "on", "有"), ("false", "否", "0", "off", "无")


def parse(element: Element, codes: CodeList | None, raw: object, today: date | None = None) -> Value:
    """The value of what was typed; with `today`, dates are checked against the element's moment. Raises NotThisElement."""
    text = _text(raw)
    if not text:
        raise _refusal(element, "还没有填写", "请填写。")
    if element.type is ElementType.CODE:
        return _code(element, codes, text)
    value = _PARSERS[element.type](element, text)
    if today and isinstance(value, date):
        _on_its_side(element, value.astimezone(LEGAL_TIME).date() if isinstance(value, datetime) else value, today)
    return value


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, datetime):
        return raw.astimezone(LEGAL_TIME).strftime("%Y-%m-%dT%H:%M")
    return str(raw).strip() if isinstance(raw, str | int | Decimal | date) else ""


def _refusal(element: Element, what: str, hint: str = "", **values: object) -> NotThisElement:
    """`what` and `hint` are msgids that form.js says in the same words, so they carry placeholders, not values."""
    said = gettext("%(label)s%(what)s。") % {"label": element.title, "what": gettext(what) % values}
    return NotThisElement(said, hint=gettext(hint) % values if hint else "")


def _plain(element: Element, text: str) -> str:
    if len(text) > LENGTH_MAX or _CONTROL.search(text):
        raise _refusal(element, "里有不能显示的字符或过长", "请删去后重新填写。")
    if element.max_length and len(text) > element.max_length:
        raise _refusal(
            element,
            "最多%(max)d个字，现在有%(n)d个",
            "请删去%(over)d个字。",
            max=element.max_length,
            n=len(text),
            over=len(text) - element.max_length,
        )
    if element.min_length and len(text) < element.min_length:
        raise _refusal(element, "至少%(min)d个字", "请填写完整。", min=element.min_length)
    if element.pattern and not re.fullmatch(element.pattern, text):
        raise _refusal(element, "的写法不对", "%(told)s。", told=hint(element))
    return text


def hint(element: Element) -> str:
    """How it is written, in the reader's language."""
    is_english = (get_language() or "").startswith("en")
    return element.pattern_hint_en if is_english and element.pattern_hint_en else element.pattern_hint


def _words(element: Element, text: str) -> str:
    if element.check_digit:
        text = _compact(text)
    value = _plain(element, text)
    if element.check_digit == "luhn" and not luhn.is_valid(value):
        raise _refusal(element, "的校验位不对", "多半是抄错或漏了一位，请对照卡面重新填写。")
    return value


def _compact(text: str) -> str:
    return re.sub(r"[\s\-]", "", text.translate(_FULL_WIDTH))


def _code(element: Element, codes: CodeList | None, text: str) -> str:
    item = codes and (codes.find(text) or codes.named(text))
    if not item:
        raise _refusal(element, "不在可选范围内", "请从列出的选项中选一个。")
    return item.code


def _integer(element: Element, text: str) -> int:
    plain = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?\d{1,15}", plain):
        raise _refusal(element, "应为整数", _digits_only(element), unit=element.unit)
    return int(_within(element, Decimal(plain)))


def _decimal(element: Element, text: str) -> Decimal:
    plain = text.translate(_FULL_WIDTH).replace(",", "").replace(" ", "")
    if not re.fullmatch(r"-?\d{1,15}(?:\.\d{1,12})?", plain):
        raise _refusal(element, "应为数字", _digits_only(element), unit=element.unit)
    if len(plain.partition(".")[2].rstrip("0")) > element.places:
        raise _refusal(element, "最多%(places)d位小数", "请四舍五入后填写。", places=element.places)
    return _within(element, Decimal(plain)).quantize(Decimal(1).scaleb(-element.places))


def _digits_only(element: Element) -> str:
    return "请只填数字，单位是%(unit)s。" if element.unit else "请只填数字。"


def _within(element: Element, value: Decimal) -> Decimal:
    low, high = element.minimum, element.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        spoken = "应为%(low)s至%(high)s%(unit)s" if low is not None and high is not None else "应为%(low)s%(unit)s以上"
        raise _refusal(
            element,
            spoken if low is not None else "应为%(high)s%(unit)s以下",
            "请核对单位和位数。",
            low=low,
            high=high,
            unit=element.unit,
        )
    return value


def _date(element: Element, text: str) -> date:
    plain = text.translate(_FULL_WIDTH).replace(" ", "")
    found = next((match for shape in _DATES if (match := shape.fullmatch(plain))), None)
    try:
        value = date(*map(int, found.groups())) if found else None
    except ValueError:
        raise _refusal(element, "这一天不存在", "请核对年、月、日。") from None
    if value is None:
        raise _refusal(element, "不是日期", "请写成如 2026-09-24。")
    if not _EARLIEST <= value <= _LATEST:
        raise _refusal(element, "的年份不合常理", "请核对年份。")
    return value


def _datetime(element: Element, text: str) -> datetime:
    found = _MOMENTS.fullmatch(text.translate(_FULL_WIDTH))
    if not found:
        raise _refusal(element, "不是日期和时间", "请写成如 2026-09-24 08:30。")
    day, hour, minute = _date(element, found[1]), int(found[2]), int(found[3])
    if hour > 23 or minute > 59:
        raise _refusal(element, "的时刻不存在", "请按24小时制填写，如 08:30。")
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LEGAL_TIME)


def _on_its_side(element: Element, value: date, today: date) -> None:
    if element.moment is Moment.PAST and value > today:
        raise _refusal(element, "在今天之后", "请核对日期。")
    if element.moment is Moment.FUTURE and value < today:
        raise _refusal(element, "在今天之前", "请核对日期。")


def _bool(element: Element, text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _refusal(element, "应为是或否", "请选“是”或“否”。")


def _id_number(element: Element, text: str) -> str:
    value = _compact(text).upper()
    if len(value) == 15 and value.isdigit():
        raise _refusal(element, "是15位的旧号码", "请填写18位公民身份号码。")
    if len(value) != 18:
        raise _refusal(element, "应为18位，现在是%(n)d位", "请对照身份证重新填写。", n=len(value))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", value):
        raise _refusal(element, "只能是数字，最后一位可以是X", "请对照身份证重新填写。")
    if not is_id_number(value):
        raise _refusal(element, "的校验位或出生日期不对", "多半是抄错了一位，请对照身份证重新填写。")
    return value


def _uscc(element: Element, text: str) -> str:
    value = _compact(text).upper()
    if len(value) != 18:
        raise _refusal(element, "应为18位，现在是%(n)d位", "请对照营业执照重新填写。", n=len(value))
    if not is_uscc(value):
        raise _refusal(element, "的校验位不对", "多半是抄错了一位（没有字母 I、O、S、V、Z），请对照营业执照重新填写。")
    return value


def _phone(element: Element, text: str) -> str:
    value = re.sub(r"[\s()]", "", text.translate(_FULL_WIDTH))
    value = re.sub(r"^\+?86-?(?=1[\d-]{10,}$)", "", value)
    mobile = value.replace("-", "")
    if is_mobile(mobile):
        value = mobile
    elif not _LANDLINE.fullmatch(value):
        raise _refusal(element, "不是电话号码", "请填写11位手机号码，或带区号的固定电话，如 0999-6234567。")
    return _plain(element, value)


def _file(element: Element, text: str) -> int:
    if not re.fullmatch(r"\d{1,18}", text):
        raise _refusal(element, "还没有上传", "请先上传文件。")
    return int(text)


_PARSERS: dict[ElementType, Callable[[Element, str], Value]] = {
    ElementType.TEXT: _words,
    ElementType.ADDRESS: _words,
    ElementType.INTEGER: _integer,
    ElementType.DECIMAL: _decimal,
    ElementType.DATE: _date,
    ElementType.DATETIME: _datetime,
    ElementType.BOOL: _bool,
    ElementType.ID_NUMBER: _id_number,
    ElementType.USCC: _uscc,
    ElementType.PHONE: _phone,
    ElementType.FILE: _file,
}
