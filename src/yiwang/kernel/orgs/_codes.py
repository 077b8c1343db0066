"""Twelve-digit region codes: level, ancestors and what is wrong with one."""

import re

from django.conf import settings

from yiwang.kernel.orgs.contracts import BadRegion, Level

# Significant digits of each level: 2 省, 4 市, 6 县 (GB/T 2260), 9 乡 (GB/T 10114), 12 村.
_WIDTHS = {Level.PROVINCE: 2, Level.CITY: 4, Level.COUNTY: 6, Level.TOWN: 9, Level.VILLAGE: 12}
_SHAPE = re.compile(r"[1-9]\d{11}")
_MADE_UP = "99"


def checked(code: str) -> str:
    """`code` itself; raises BadRegion if it is no 12-digit code, or made up outside the demo place."""
    if not _SHAPE.fullmatch(code):
        raise BadRegion("行政区划代码应为12位数字。", hint="不足12位的在后面补0,如 370100000000。")
    if code.startswith(_MADE_UP) and not settings.YIWANG_DEMO:
        raise BadRegion("99开头的区划代码只用于演示地。", hint="请使用国家统计局公布的区划代码。")
    return code


def level_of(code: str) -> Level:
    """The highest level whose digits hold all of the code: `370100000000` is a city."""
    return next(level for level, width in _WIDTHS.items() if not code[width:].strip("0"))


def stem(code: str) -> str:
    """The digits that a region's code shares with all below it."""
    return code[: _WIDTHS[level_of(code)]]


def line_of(code: str) -> list[str]:
    """The code and those above it, nearest first: what a search upwards looks through."""
    cut = [code[: _WIDTHS[level]].ljust(12, "0") for level in Level if level <= level_of(code)]
    return list(dict.fromkeys(reversed(cut)))
