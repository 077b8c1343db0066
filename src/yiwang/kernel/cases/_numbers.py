"""Numbers of cases: 主件 region 6 + day 8 + serial 6 + check 1; 子件 the root's number + `-01`; query codes."""

import secrets

from yiwang.kernel.base import rows
from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.base.numbering import drawing
from yiwang.kernel.cases import _keys
from yiwang.kernel.cases._turn import Turn
from yiwang.kernel.cases.models import Case
from yiwang.kernel.workdays.contracts import LEGAL_TIME

# No 0 and O, 1, I and L, 2 and Z, 5 and S, 8 and B: read out over the telephone and typed on a phone.
SIGNS = "34679ACDEFGHJKMNPQRTUVWXY"
LENGTH = 8
TRIES = 3
_FREE = (
    "SELECT code FROM unnest(%s::text[]) AS code "
    "WHERE NOT EXISTS (SELECT 1 FROM cases_case WHERE query_code = code) LIMIT 1"
)


def of_root(turn: Turn, region_code: str) -> tuple[str, str]:
    """The next 主件 number of a region's day and a query code; without gaps, as it is drawn in the transaction.

    Keys of the rows that follow are drawn in the same round trip.
    """
    head = region_code[:6] + turn.at.astimezone(LEGAL_TIME).strftime("%Y%m%d")
    wanted = _keys.OPENING
    (((serial,),), ((code,),), keys) = rows.ask(drawing(f"cases:{head}"), _free_code(), _keys.drawing(wanted))
    turn.keys.take(wanted, keys)
    digits = f"{head}{serial:06}"
    return digits + mod_11_10(digits), code


def of_child(root: Case) -> tuple[str, str]:
    """The next 子件 number of a family, and a query code; the root must be locked."""
    root.children += 1
    (((code,),),) = rows.ask(_free_code())
    return f"{root.number}-{root.children:02}", code


def _free_code() -> rows.Statement:
    """A code that finds a case without signing in and cannot be guessed."""
    return _FREE, [[_code(secrets.randbelow(len(SIGNS) ** LENGTH)) for _ in range(TRIES)]]


def _code(number: int) -> str:
    signs = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(SIGNS))
        signs += SIGNS[place]
    return signs
