"""Whether fields of a row agree: a day of birth or a sex with the ID number beside it, a name with what registers hold under the number."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from yiwang.data.scans._forms import Form
from yiwang.data.scans.contracts import Doubt, Held
from yiwang.data.scans.kinds import AgreeBy, AgreePart
from yiwang.data.scans.models import Cell
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import ElementType, NotThisElement
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.forms.contracts import Subject

_CALLED = {AgreeBy.BORN: "中的出生日期", AgreeBy.SEX: "中的性别位", AgreeBy.REGISTER: "在登记信息中的内容"}


def doubt(cells: Sequence[Cell], form: Form, *, by: Actor, at: datetime) -> None:
    """Of two fields that do not agree either may have been misread: both want a person's eye."""
    for _, row in groupby(cells, key=lambda cell: cell.row):
        found = {cell.column: cell for cell in row}
        for part in broken(form, {name: cell.value for name, cell in found.items()}, by=by, at=at):
            for column in (part.column, part.number):
                cell = found[column]
                cell.held, cell.doubt, cell.words = Held.DOUBTFUL, Doubt.CHECK, words(part)


def broken(form: Form, values: Mapping[str, str], *, by: Actor, at: datetime) -> Iterator[AgreePart]:
    """What does not agree in a row. A field that is empty or no value of its element agrees with everything: that is a doubt of its own."""
    for part in form.body.agree:
        number, value = _value(form, part.number, values), _value(form, part.column, values)
        if number is None or value is None:
            continue
        held = _held(form, part, str(number), by, at)
        if held is not None and held != _same(value):
            yield part


def words(part: AgreePart) -> str:
    return f"“{part.column}”与“{part.number}”{_CALLED[part.by]}不一致，请对照图片核对两栏。"


def _value(form: Form, column: str, values: Mapping[str, str]) -> Any:
    declared = form.column(column)
    try:
        return elements.parse(declared.element, declared.meaning(values.get(column, "")))
    except NotThisElement:
        return None


def _held(form: Form, part: AgreePart, number: str, by: Actor, at: datetime) -> str | None:
    """What the field ought to say by the number; None where nobody knows."""
    if part.by is AgreeBy.BORN:
        return number[6:14]
    if part.by is AgreeBy.SEX:
        return "1" if int(number[16]) % 2 else "2"
    return _registered(form, part, number, by, at)


def _registered(form: Form, part: AgreePart, number: str, by: Actor, at: datetime) -> str | None:
    """As registers answer for the element; whose number it is sees that they were asked."""
    element = form.column(part.column).element
    is_firm = elements.get(form.column(part.number).element).type is ElementType.USCC
    looked_up = forms.look_up(
        subject=Subject(None, number, "firm" if is_firm else "person"), wanted=[element], purpose=form.body.purpose,
        authority=str(form.body.title), case_number=None, by=by, at=at,
    )  # fmt: skip
    fact = looked_up.facts.get(element)
    return _same(fact.value) if fact else None


def _same(value: Any) -> str:
    """As it is compared, whatever the width of its signs and the gaps between them."""
    if isinstance(value, date):
        return f"{value:%Y%m%d}"
    return "".join(unicodedata.normalize("NFKC", str(value)).split())
