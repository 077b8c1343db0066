"""Numbers of cases: 主件 region 6 + day 8 + serial 6 + check 1; 子件 the root's number + `-01`; query codes."""

import secrets
from datetime import datetime

from django.db import connection

from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.base.numbering import next_number
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


def root_number(region_code: str, at: datetime) -> str:
    """The next 主件 number of a region's day; without gaps, as it is drawn in the transaction."""
    head = region_code[:6] + at.astimezone(LEGAL_TIME).strftime("%Y%m%d")
    digits = f"{head}{next_number(f'cases:{head}'):06}"
    return digits + mod_11_10(digits)


def child_number(root: Case) -> str:
    """The next 子件 number of a family; the root must be locked."""
    root.children += 1
    return f"{root.number}-{root.children:02}"


def query_code() -> str:
    """A code that finds a case without signing in and cannot be guessed."""
    codes = ["".join(secrets.choice(SIGNS) for _ in range(LENGTH)) for _ in range(TRIES)]
    with connection.cursor() as cursor:
        cursor.execute(_FREE, [codes])
        (code,) = cursor.fetchone()
    return str(code)
