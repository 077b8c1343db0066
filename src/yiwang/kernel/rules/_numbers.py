"""Exact arithmetic: sums and products are never rounded, a quotient only as its rule says."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

# Wide enough for every product that an expression of bounded length can form: nothing is ever rounded.
_EXACT = Context(prec=20_000, traps=[Inexact, InvalidOperation, Overflow])
ROUNDINGS = ("down", "up", "half-up")

Number = int | Decimal


def add(a: Number, b: Number) -> Decimal:
    return _EXACT.add(Decimal(a), Decimal(b))


def subtract(a: Number, b: Number) -> Decimal:
    return _EXACT.subtract(Decimal(a), Decimal(b))


def multiply(a: Number, b: Number) -> Decimal:
    return _EXACT.multiply(Decimal(a), Decimal(b))


def divide(a: Number, b: Number, places: int, rounding: str) -> Number | None:
    """`a / b` to so many places: down (towards zero), up (away from it) or half-up; unknown when `b` is 0."""
    (n, below), (d, under) = Decimal(a).as_integer_ratio(), Decimal(b).as_integer_ratio()
    if d == 0:
        return None
    top, bottom = abs(n * under) * 10**places, abs(below * d)
    whole = (2 * top + bottom) // (2 * bottom) if rounding == "half-up" else (top + bottom - 1) // bottom
    whole = top // bottom if rounding == "down" else whole
    signed = whole if (n < 0) == (d < 0) else -whole
    return Decimal(signed).scaleb(-places, _EXACT) if places else signed
