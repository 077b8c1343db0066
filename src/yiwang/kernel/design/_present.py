"""How values look to a reader: dates, lamps, days left. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Lamp:
    colour: str
    word: str


def as_day(value: object) -> date | None:
    """The legal day of a date, an instant or an ISO text; None for anything else."""
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        try:
            return date.fromisoformat(value[:10])
        except ValueError:
            return None
    return None


def clock_of(value: object) -> str:
    """`09:30` of an instant, empty for a day."""
    if not isinstance(value, datetime):
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{local:%H:%M}"


def cn_date(value: object, style: str = "text") -> str:
    """2026年11月23日 in text, 2026-11-23 in tables; `minute` styles add the time of day."""
    day = as_day(value)
    if day is None:
        return ""
    if style.startswith("table"):
        text = day.isoformat()
    elif (get_language() or "").startswith("en"):
        text = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    else:
        text = f"{day.year}年{day.month}月{day.day}日"
    clock = clock_of(value) if style.endswith("minute") else ""
    return f"{text} {clock}".strip()


def lamp_of(value: object) -> Lamp:
    """The lamp for a colour word, or for anything with `.lamp`."""
    colour = str(getattr(value, "lamp", value) or "none")
    words = {
        "green": pgettext("灯", "正常"),
        "yellow": gettext("将到期"),
        "red": gettext("超期"),
        "paused": gettext("暂停计时"),
        "done": gettext("已办结"),
    }
    return Lamp(colour if colour in words else "none", words.get(colour, gettext("未计时")))


def days_left(n: int, unit: str = "workday", *, is_over: bool = False) -> str:
    """`还剩3个工作日`, `今天到期`, `今天已到期` (a limit of hours that `is_over`), `已超期2个工作日`."""
    if n == 0:
        return gettext("今天已到期") if is_over else gettext("今天到期")
    if n > 0:
        text = (
            ngettext("还剩%(n)d个工作日", "还剩%(n)d个工作日", n)
            if unit == "workday"
            else ngettext("还剩%(n)d天", "还剩%(n)d天", n)
        )
        return text % {"n": n}
    text = (
        ngettext("已超期%(n)d个工作日", "已超期%(n)d个工作日", -n)
        if unit == "workday"
        else ngettext("已超期%(n)d天", "已超期%(n)d天", -n)
    )
    return text % {"n": -n}
