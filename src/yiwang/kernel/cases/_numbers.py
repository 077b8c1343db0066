"""Numbers of cases: 主件 region 6 + day 8 + serial 6 + check 1; 子件 the root's number + `-01`; query codes."""

import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from yiwang.kernel.base import rows
from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.cases import _keys
from yiwang.kernel.cases._turn import Turn
from yiwang.kernel.cases.models import Case
from yiwang.kernel.workdays.contracts import LEGAL_TIME

# No 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B: read out over the telephone and typed on a phone.
SIGNS = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 8
TRIES = 3
_DRAW = (
    "INSERT INTO base_counter (series, value) SELECT * FROM unnest(%s::text[], %s::bigint[]) ORDER BY 1 "
    "ON CONFLICT (series) DO UPDATE SET value = base_counter.value + EXCLUDED.value RETURNING series, value"
)
_FREE = (
    "SELECT code FROM unnest(%s::text[]) AS code "
    "WHERE NOT EXISTS (SELECT 1 FROM cases_case WHERE query_code = code) LIMIT %s"
)


def of_root(turn: Turn, region_code: str) -> tuple[str, str]:
    """The next 主件 number of a region's day and a query code; without gaps, as it is drawn in the transaction."""
    (found,) = of_roots([turn], [region_code])
    return found


def of_roots(turns: Sequence[Turn], region_codes: Sequence[str]) -> list[tuple[str, str]]:
    """As `of_root` for many turns; keys of the rows that follow are drawn in the same round trip."""
    heads = [_head(code, turn.at) for code, turn in zip(region_codes, turns, strict=True)]
    serials, codes, keys = rows.ask(_drawing(heads), _free_codes(len(heads)), _keys.drawing(_keys.OPENING, len(heads)))
    for turn, drawn in zip(turns, keys, strict=True):
        turn.keys.take(_keys.OPENING, [drawn])
    return list(zip(_numbered(heads, serials), (code for (code,) in codes), strict=True))


def of_past(days: Sequence[tuple[str, datetime]]) -> list[tuple[str, str]]:
    """Numbers and codes of cases of the past, each of a region at a time."""
    heads = [_head(code, at) for code, at in days]
    serials, codes = rows.ask(_drawing(heads), _free_codes(len(heads)))
    return list(zip(_numbered(heads, serials), (code for (code,) in codes), strict=True))


def of_child(root: Case) -> tuple[str, str]:
    """The next 子件 number of a family, and a query code; the root must be locked."""
    root.children += 1
    (((code,),),) = rows.ask(_free_codes(1))
    return f"{root.number}-{root.children:02}", code


def _head(region_code: str, at: datetime) -> str:
    """What the numbers of a region's day begin with."""
    return region_code[:6] + at.astimezone(LEGAL_TIME).strftime("%Y%m%d")


def _drawing(heads: Sequence[str]) -> rows.Statement:
    """All series at once, in one order."""
    wanted = Counter(heads)
    return _DRAW, [[f"cases:{head}" for head in wanted], list(wanted.values())]


def _numbered(heads: Sequence[str], serials: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    last, left = dict(serials), Counter(heads)
    for head in heads:
        left[head] -= 1
        digits = f"{head}{last[f'cases:{head}'] - left[head]:06}"
        yield digits + mod_11_10(digits)


def _free_codes(count: int) -> rows.Statement:
    """Codes that find a case without signing in and cannot be guessed."""
    drawn: set[str] = set()
    while len(drawn) < count + TRIES - 1:
        drawn.add(_code(secrets.randbelow(len(SIGNS) ** LENGTH)))
    return _FREE, [list(drawn), count]


def _code(number: int) -> str:
    signs = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs += SIGNS[place]
    return signs
