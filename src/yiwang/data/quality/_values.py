"""What a data element asks of a value, as column conditions: each part true, false, or null where there is no value."""

from collections.abc import Iterator

from yiwang.data.quality import _digits, _patterns
from yiwang.data.quality._digits import Named
from yiwang.data.quality._engines import Engine
from yiwang.kernel.elements.contracts import PHONE_PATTERN, CodeList, Element, ElementType, Moment

DATE_SHAPE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME_SHAPE = "[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?([.][0-9]+)?"
INTEGER_SHAPE, DECIMAL_SHAPE = "-?[0-9]{1,15}", "-?[0-9]{1,15}([.][0-9]{1,12})?"
PARTS = ("shape", "length", "pattern", "codes", "digits", "range", "moment")
Part = tuple[str, str]


def parts(
    engine: Engine, c: str, kind: str, element: Element, codes: CodeList | None, today: str, named: Named
) -> dict[str, str]:
    """The conditions of an element over column `c`, which holds `kind` (a type of kernel.rules); `today` is a date literal."""
    found = _of_text(engine, c, element, codes, named) if kind in ("text", "code") else _typed(c, element)
    made = dict(found)
    if element.moment and element.type in (ElementType.DATE, ElementType.DATETIME):
        day = named(engine.a_date(engine.cut(c, 1, 10))) if kind == "text" else c
        made["moment"] = f"({day} {'<=' if element.moment is Moment.PAST else '>='} {today})"
    return made


def _of_text(engine: Engine, c: str, element: Element, codes: CodeList | None, named: Named) -> Iterator[Part]:
    kind = element.type
    if kind is ElementType.ID_NUMBER:
        yield "digits", _digits.id_number(engine, c, named)
    elif kind is ElementType.USCC:
        yield "digits", _digits.uscc(engine, c)
    elif kind is ElementType.PHONE:
        yield "shape", engine.matches(c, _patterns.portable(PHONE_PATTERN))
        yield from _pattern(engine, c, element)
    elif kind is ElementType.CODE and codes is not None:
        yield "codes", f"({c} IN ({', '.join(engine.text(item.code) for item in codes.items)}))"
    elif kind is ElementType.BOOL:
        yield "shape", f"({c} IN ('true', 'false'))"
    elif kind in (ElementType.DATE, ElementType.DATETIME):
        shape = DATE_SHAPE if kind is ElementType.DATE else TIME_SHAPE
        day = named(engine.a_date(engine.cut(c, 1, 10)))
        yield "shape", f"(CASE WHEN {c} IS NOT NULL THEN {engine.matches(c, shape)} AND {day} IS NOT NULL END)"
    elif kind in (ElementType.INTEGER, ElementType.DECIMAL):
        shape = INTEGER_SHAPE if kind is ElementType.INTEGER else DECIMAL_SHAPE
        yield "shape", engine.matches(c, shape)
        yield from _range(named(engine.number(c)), element)
    elif kind in (ElementType.TEXT, ElementType.ADDRESS):
        yield from _written(engine, c, element)


def _written(engine: Engine, c: str, element: Element) -> Iterator[Part]:
    size = engine.words.length(c)
    bounds = [f"{size} <= {element.max_length}"] if element.max_length else []
    bounds += [f"{size} >= {element.min_length}"] if element.min_length else []
    if bounds:
        yield "length", f"({' AND '.join(bounds)})"
    yield from _pattern(engine, c, element)
    if element.check_digit == "luhn":
        yield "digits", _digits.luhn(engine, c)


def _pattern(engine: Engine, c: str, element: Element) -> Iterator[Part]:
    if element.pattern and not _patterns.unsafe(element.pattern):
        yield "pattern", engine.matches(c, _patterns.portable(element.pattern))


def _typed(c: str, element: Element) -> Iterator[Part]:
    if element.type in (ElementType.INTEGER, ElementType.DECIMAL):
        yield from _range(c, element)


def _range(c: str, element: Element) -> Iterator[Part]:
    bounds = [f"{c} >= {element.minimum}"] if element.minimum is not None else []
    bounds += [f"{c} <= {element.maximum}"] if element.maximum is not None else []
    if bounds:
        yield "range", f"({' AND '.join(bounds)})"
