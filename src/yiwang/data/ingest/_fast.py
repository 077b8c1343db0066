"""A data element in SQL: values written as they should be, tested and typed by DuckDB.

What fails the test is not wrong: it is asked of kernel.elements, value by value. So both agree as long as everything that passes
here is what `parse` makes of it, which a test holds for every element of the packs.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from yiwang.data.engine.queries import literal
from yiwang.kernel.elements.contracts import CodeList, Element, ElementType

_SIGN = "[!-~㐀-鿿（）《》〈〉【】、，。：；？！“”‘’—…·]"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(3**n % 31 for n in range(17))
# What Python and RE2 read differently of these signs: words and their bounds, look-around.
_TOO_CLEVER = re.compile(r"\(\?|\\[wWbBpPAZ]")
_EARLIEST, _LATEST = "DATE '1850-01-01'", "DATE '2150-12-31'"


@dataclass(frozen=True, slots=True)
class Fast:
    """`test` says that a value is written as it should be, `value` types it; both over the column that `{v}` stands for."""

    test: str
    value: str
    type: str


def fast(element: Element, codes: CodeList | None) -> Fast:
    """The SQL of an element; a test that is never true where every value must be asked of kernel.elements."""
    if element.type is ElementType.CODE:
        listed = ", ".join(literal(item.code) for item in codes.items) if codes else "''"
        return Fast(f"{{v}} IN ({listed})", "{v}", "VARCHAR")
    return _WAYS[element.type](element)


def _text(element: Element) -> Fast:
    test = f"regexp_full_match({{v}}, {literal(f'{_SIGN}([ ]|{_SIGN})*')}) AND NOT ends_with({{v}}, ' ')"
    if element.max_length:
        test += f" AND length({{v}}) <= {element.max_length}"
    if element.min_length:
        test += f" AND length({{v}}) >= {element.min_length}"
    if element.pattern:
        test += f" AND regexp_full_match({{v}}, {literal(element.pattern)})"
    clever = element.check_digit or _TOO_CLEVER.search(element.pattern)
    return Fast("false" if clever else test, "{v}", "VARCHAR")


def _integer(element: Element) -> Fast:
    value = "TRY_CAST({v} AS BIGINT)"
    return Fast(f"regexp_full_match({{v}}, '-?[0-9]{{1,15}}'){_bounds(element, value)}", value, "BIGINT")


def _decimal(element: Element) -> Fast:
    value = f"TRY_CAST({{v}} AS DECIMAL({15 + element.places}, {element.places}))"
    fraction = f"([.][0-9]{{1,{element.places}}})?" if element.places else ""
    test = f"regexp_full_match({{v}}, '-?[0-9]{{1,15}}{fraction}'){_bounds(element, value)}"
    return Fast(test, value, f"DECIMAL({15 + element.places}, {element.places})")


def _bounds(element: Element, value: str) -> str:
    low = f" AND {value} >= {element.minimum}" if element.minimum is not None else ""
    return low + (f" AND {value} <= {element.maximum}" if element.maximum is not None else "")


def _date(element: Element) -> Fast:
    value = "TRY_CAST({v} AS DATE)"
    test = f"regexp_full_match({{v}}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') AND {value} BETWEEN {_EARLIEST} AND {_LATEST}"
    return Fast(test, value, "DATE")


def _datetime(element: Element) -> Fast:
    shape = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]([01][0-9]|2[0-3]):[0-5][0-9]"
    value = "TRY_CAST(replace({v}, 'T', ' ') || ':00' AS TIMESTAMP)"
    test = f"regexp_full_match({{v}}, '{shape}') AND {value}::DATE BETWEEN {_EARLIEST} AND {_LATEST}"
    return Fast(test, value, "TIMESTAMP")  # the law's time, as it was written


def _bool(element: Element) -> Fast:
    return Fast("{v} IN ('true', '是', '1', 'false', '否', '0')", "{v} IN ('true', '是', '1')", "BOOLEAN")


def _id_number(element: Element) -> Fast:
    number = "TRY_CAST(left({v}, 17) AS BIGINT)"
    terms = " + ".join(f"({number} // {10 ** (16 - n)} % 10) * {weight}" for n, weight in enumerate(_ID_WEIGHTS))
    born = "TRY_CAST(substring({v}, 7, 4) || '-' || substring({v}, 11, 2) || '-' || substring({v}, 13, 2) AS DATE)"
    test = (
        f"regexp_full_match({{v}}, '[0-9]{{17}}[0-9X]') AND substring('10X98765432', ({terms}) % 11 + 1, 1) = right({{v}}, 1)"
        f" AND {born} IS NOT NULL"
    )
    return Fast(test, "{v}", "VARCHAR")


def _uscc(element: Element) -> Fast:
    signs = literal(_USCC_SIGNS)
    terms = " + ".join(f"(strpos({signs}, {{v}}[{n + 1}]) - 1) * {weight}" for n, weight in enumerate(_USCC_WEIGHTS))
    shape = "[1-9ANY][0-9A-HJ-NPQRTUWXY][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
    test = f"regexp_full_match({{v}}, '{shape}') AND substring({signs}, (31 - ({terms}) % 31) % 31 + 1, 1) = right({{v}}, 1)"
    return Fast(test, "{v}", "VARCHAR")


def _phone(element: Element) -> Fast:
    is_plain = not (element.pattern or element.min_length) and (element.max_length or 11) >= 11
    return Fast("regexp_full_match({v}, '1[3-9][0-9]{9}')" if is_plain else "false", "{v}", "VARCHAR")


def _file(element: Element) -> Fast:
    return Fast("regexp_full_match({v}, '[0-9]{1,18}')", "TRY_CAST({v} AS BIGINT)", "BIGINT")


_WAYS: dict[ElementType, Callable[[Element], Fast]] = {
    ElementType.TEXT: _text,
    ElementType.ADDRESS: _text,
    ElementType.INTEGER: _integer,
    ElementType.DECIMAL: _decimal,
    ElementType.DATE: _date,
    ElementType.DATETIME: _datetime,
    ElementType.BOOL: _bool,
    ElementType.ID_NUMBER: _id_number,
    ElementType.USCC: _uscc,
    ElementType.PHONE: _phone,
    ElementType.FILE: _file,
}
