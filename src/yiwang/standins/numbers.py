"""Numbers that an outside authority gives out: citizens' numbers by GB 11643, and receipts."""

import hashlib
import re
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def check_character(first17: str) -> str:
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def id_number(region: str, born_on: date, sequence: int) -> str:
    first17 = f"{region}{born_on:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)


def is_id_number(text: object) -> bool:
    if not isinstance(text, str) or not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return check_character(text[:17]) == text[17]


def receipt(system: str, reference: str, turn: int) -> str:
    return hashlib.sha256(f"{system}|{reference}|{turn}".encode()).hexdigest()[:16].upper()
