"""Years and days between two dates, as the law counts them."""

from datetime import date


def years_between(a: date, b: date) -> int:
    """Full years from `a` to `b`; negative when b comes first.

    A year ends on the corresponding day, and where the month has none, on its last day (Civil Code art. 202):
    who was born on 29 February is a year older on 28 February.
    """
    if b < a:
        return -years_between(b, a)
    return b.year - a.year - (_anniversary(a, b.year) > b)


def days_between(a: date, b: date) -> int:
    """Days from `a` to `b`; negative when b comes first."""
    return (b - a).days


def _anniversary(a: date, year: int) -> date:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if (a.month, a.day) == (2, 29) and not is_leap:
        return date(year, 2, 28)
    return date(year, a.month, a.day)
