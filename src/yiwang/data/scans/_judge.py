"""Whether a value read may stand as it is: its element's own check, how sure the reader was, and what a check digit settles."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yiwang.data.ingest.contracts import DeclaredColumn
from yiwang.data.scans._find import Found
from yiwang.data.scans.contracts import Doubt
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, NotThisElement

# What a reader takes for a digit; only signs that cannot stand in a code are ever replaced.
_DIGITS = {
    "O": "0", "D": "0", "Q": "0", "U": "0", "I": "1", "L": "1", "|": "1", "!": "1", "Z": "2", "S": "5", "B": "8", "G": "6",
    "A": "4", "T": "7", "V": "UY", "×": "X", "K": "X",
}  # fmt: skip
_STROKES = re.compile(r"[\s。.,，、·:：;；'\"`\-—_~]")
_NOT_IN_CODES = {ElementType.USCC: re.compile(r"[^0-9A-HJ-NPQRTUWXY]"), ElementType.ID_NUMBER: re.compile(r"[^0-9X]")}
_NO_DIGIT = re.compile(r"[^0-9]")
_STRANGE_MAX = 6


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with what speaks against it: nothing, or a doubt with its words."""

    value: str
    doubt: Doubt
    words: str = ""
    is_corrected: bool = False


def judge(found: Found, column: DeclaredColumn, *, sure_from: int, today: date) -> Judged:
    """What may stand without a person's eye has no doubt."""
    if not found.text:
        return Judged("", Doubt.MISSING, "没有找到这一栏，或栏内没有文字。")
    value, is_corrected, wrong = found.text, False, refusal(found.text, column, today)
    if wrong:
        settled = _settled(found.text, column, today)
        if settled is None:
            return Judged(value, Doubt.CHECK, wrong)
        value, is_corrected = settled, True
    if percent(found.sure) < sure_from:
        return Judged(value, Doubt.LOW, f"识别把握{percent(found.sure)}%。", is_corrected)
    return Judged(value, Doubt.NONE, "", is_corrected)


def refusal(value: str, column: DeclaredColumn, today: date) -> str:
    """What the column's element says against a value, as ingest will read it; nothing where it fits or the column has no element."""
    if not column.element:
        return ""
    try:
        elements.parse(column.element, column.meaning(value), today=today)
    except NotThisElement as wrong:
        return f"{wrong.message}{wrong.hint}"
    return ""


def percent(sure: float) -> int:
    return int(sure * 100)


def _settled(text: str, column: DeclaredColumn, today: date) -> str | None:
    """The one reading of signs that cannot stand in such a code which its check digit proves right; None where none or several are."""
    element = elements.find(column.element)
    if element is None or not (element.type in _NOT_IN_CODES or element.check_digit):
        return None
    bare = _STROKES.sub("", text).upper()
    strange = [match.start() for match in _NOT_IN_CODES.get(element.type, _NO_DIGIT).finditer(bare)]
    if len(strange) > _STRANGE_MAX:
        return None
    proved = {each for each in _alternatives(bare, strange) if not refusal(each, column, today)}
    return proved.pop() if len(proved) == 1 else None


def _alternatives(text: str, strange: list[int]) -> Iterator[str]:
    for signs in itertools.product(*(_DIGITS.get(text[index], "") for index in strange)):
        made = list(text)
        for index, sign in zip(strange, signs, strict=True):
            made[index] = sign
        yield "".join(made)
