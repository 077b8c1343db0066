"""Check digits and shapes of Chinese identity codes."""

import re

from stdnum.cn import ric, uscc

_PHONE = re.compile(r"1[3-9]\d{9}")
# 9 in front: permanent residence card of a foreigner (2023 form), which has no division prefix.
_FOREIGN = re.compile(r"9\d{16}[\dX]")
# Registering bodies N (农村集体经济组织) and Y are letters, which stdnum's own check refuses.
_USCC = re.compile(r"[1-9ANY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_check_digit(first17: str) -> str:
    """GB 11643: the 18th sign of a citizen ID number."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def is_id_number(value: str) -> bool:
    """An 18-sign citizen ID number with a right date and check digit.

    The demo place's 99xxxx divisions do not exist, so the division itself is not looked up.
    """
    value = value.upper()
    if not re.fullmatch(r"\d{17}[\dX]", value) or id_check_digit(value[:17]) != value[17]:
        return False
    if _FOREIGN.fullmatch(value) and not value.startswith("99"):
        return True
    try:
        ric.get_birth_date(value)
    except ric.InvalidComponent:
        return False
    return True


def is_uscc(value: str) -> bool:
    """A unified social credit code (GB 32100)."""
    return bool(_USCC.fullmatch(value)) and value[-1] == uscc.calc_check_digit(value[:17])


def is_mobile(value: str) -> bool:
    return bool(_PHONE.fullmatch(value))


def mod_11_10(digits: str) -> str:
    """ISO 7064 MOD 11,10 check digit of a string of digits."""
    check = 10
    for digit in digits:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - check) % 10)
