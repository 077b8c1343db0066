"""Check digits as column arithmetic; each is true, false, or null where the value is.

The shapes are looked at first by a pattern; what does not have the shape makes the sums null or wrong, never an error.
"""

from collections.abc import Callable
from typing import TypeAlias

from yiwang.data.quality._engines import Engine

Named: TypeAlias = Callable[[str], str]

ID_SHAPE = "[0-9]{17}[0-9X]"
USCC_SHAPE = "[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LUHN_MAX = 20


def id_number(engine: Engine, c: str, named: Named) -> str:
    """GB 11643: shape, a day that exists, and the check digit.

    The weights are powers of two modulo 11, so the sum over the digits is the number read in base two: n less 2**(i+2)
    times n // 10**i for each place, sixteen whole divisions where digit by digit takes 34 text operations.
    """
    n, sign = named(engine.whole_number(engine.cut(c, 1, 17))), engine.cut(c, 18, 1)
    base_two = " - ".join([n, *(f"{engine.quotient(n, str(10**i))} * {2 ** (i + 2)}" for i in range(1, 17))])
    last = f"CASE WHEN {sign} = 'X' THEN 10 ELSE {engine.whole_number(sign)} END"
    adds_up = named(f"((2 * ({base_two}) + {last}) % 11 = 1)")
    day = named(f"({engine.quotient(n, '1000')} % 100000000)")
    return (
        f"({engine.matches(c, ID_SHAPE)} AND {adds_up}"
        f" AND (({c} < '99' AND {c} >= '9') OR {_is_day(engine, day, named)}))"
    )


def _is_day(engine: Engine, number: str, named: Named) -> str:
    """Whether a number like 19800229 is a day."""
    year, month = named(engine.quotient(number, "10000")), named(f"({engine.quotient(number, '100')} % 100)")
    is_leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    last = f"CASE WHEN {month} = 2 THEN CASE WHEN {is_leap} THEN 29 ELSE 28 END WHEN {month} IN (4, 6, 9, 11) THEN 30 ELSE 31 END"
    return f"({year} >= 1 AND {month} BETWEEN 1 AND 12 AND {number} % 100 BETWEEN 1 AND {last})"


def uscc(engine: Engine, c: str) -> str:
    """GB 32100: shape and check sign; weights are powers of three modulo 31."""
    terms = (f"{_place(engine, c, i + 1)} * {3**i % 31}" for i in range(17))
    return f"({engine.matches(c, USCC_SHAPE)} AND ({' + '.join(terms)} + {_place(engine, c, 18)}) % 31 = 0)"


def _place(engine: Engine, c: str, at: int) -> str:
    return f"(POSITION({engine.cut(c, at, 1)} IN '{USCC_SIGNS}') - 1)"


def luhn(engine: Engine, c: str) -> str:
    """ISO/IEC 7812: digits only, at most LUHN_MAX of them."""
    padded = f"concat('{'0' * LUHN_MAX}', {c})"
    size = engine.words.length(c)
    digits = [engine.whole_number(engine.cut_at(padded, f"{size} + {LUHN_MAX - i}")) for i in range(LUHN_MAX)]
    doubled = [d if i % 2 == 0 else f"(2 * {d} - CASE WHEN {d} > 4 THEN 9 ELSE 0 END)" for i, d in enumerate(digits)]
    return f"({engine.matches(c, f'[0-9]{{2,{LUHN_MAX}}}')} AND ({' + '.join(doubled)}) % 10 = 0)"
