"""Reads facts into typed values; text that is not yet a value of its type is unknown, and so is what a rule cannot hold."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeAlias

DIGITS = 18
_MOST = 10**DIGITS
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_LEGAL_TIME = timezone(timedelta(hours=8))

Read: TypeAlias = Callable[[object], Any]


@dataclass(frozen=True, slots=True)
class FactType:
    """What a rule's fact may hold: numbers of at most 18 digits, of which a decimal has `places` after the point."""

    type: str
    places: int = 0

    @property
    def reader(self) -> Read:
        """Reads a value; unknown when it does not fit, as a column of this type could not hold it either."""
        if self.type == "integer":
            return _fitting_integer
        return _fitting_decimal(self.places) if self.type == "decimal" else READ[self.type]


def values_of(facts: Mapping[str, object], names: Sequence[tuple[str, Read]]) -> list[Any]:
    """The facts' values in the order of `names`."""
    get = facts.get
    return [None if (value := get(name)) is None or value == "" else read(value) for name, read in names]


def _read_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(_text(value))


def _read_integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = _text(value).strip()
    return int(text) if _digits(text.removeprefix("-")) else None


def _read_decimal(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    text = _text(value).strip()
    whole, dot, part = text.removeprefix("-").partition(".")
    return Decimal(text) if _digits(whole) and (_digits(part) if dot else True) else None


def _fitting_integer(value: object) -> int | None:
    read = _read_integer(value)
    return read if read is not None and -_MOST < read < _MOST else None


def _fitting_decimal(places: int) -> Read:
    most, unit = Decimal(10) ** (DIGITS - places), Decimal(10) ** -places

    def read(value: object) -> Decimal | None:
        found = _read_decimal(value)
        if found is None or not -most < found < most:
            return None
        return found if found % unit == 0 else None

    return read


def _digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 30


def _read_date(value: object) -> date | None:
    if isinstance(value, datetime):
        return (value.astimezone(_LEGAL_TIME) if value.tzinfo else value).date()
    if isinstance(value, date):
        return value
    found = _DATE.match(_text(value).strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _read_text(value: object) -> str | None:
    return _text(value) or None


def _text(value: object) -> str:
    """What a form may send for a value; nothing for what is no single value (a list, a file)."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # the browser knows one kind of number
    return str(value) if isinstance(value, str | int | float) else ""


READ: dict[str, Read] = {
    "bool": _read_bool, "integer": _read_integer, "decimal": _read_decimal, "date": _read_date,
    "code": _read_text, "text": _read_text,
}  # fmt: skip
