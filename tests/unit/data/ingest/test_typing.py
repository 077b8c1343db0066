"""SQL and kernel.elements make the same of every value: what the quick test lets pass is what `parse` answers."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.data.ingest import _typing
from yiwang.data.ingest._fast import fast
from yiwang.data.ingest.kinds import ColumnPart
from yiwang.kernel.elements import queries as elements
from yiwang.kernel.elements.contracts import Element, ElementType, NotThisElement
from yiwang.kernel.packs import queries as packs

# Written well, nearly well and not at all, for every type.
SEEDS = (
    "1", "01", "-1", "0", "007", "12.5", "12.50", "12.345", "-0.00", "999999999999999", "1000000000000000", "1,000", "１２",
    "2026-01-02", "2026-1-2", "2026年1月2日", "20260102", "2026-02-30", "1849-12-31", "1850-01-01", "2150-12-31", "2151-01-01",
    "2026-01-02 08:30", "2026-01-02T08:30", "2026-01-02 24:00", "2026-01-02 08:30:59", "1986-05-04 00:30", "2026-01-02 8:30",
    "true", "TRUE", "是", "否", "有", "无", "on", "off", "男", "女", "2", "3", "9", "企业",
    "110101199003070011", "11010119900307867X", "11010119900307867x", "990102199901019012", "110101199002300019",
    "91110000600037341L", "91110000600037341M", "91110000600037341l", "9111 0000 6000 3734 1L", "N2110000600037341L",
    "13800138000", "138 0013 8000", "+8613800138000", "12800138000", "0999-6234567", "12345", "010-62345678",
    "甲店", " 甲店", "甲店 ", "甲 店", "甲\u3000店", "\u3000", "\xa0甲", "甲\n店", "甲\x00店", "𠮷野家", "ａｂｃ", "a", "“引号”", "甲" * 300, "e\u0301",
)  # fmt: skip


@pytest.fixture(scope="module")
def lake() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def all_elements() -> list[Element]:
    """One of each kind that differs in more than its name."""
    unlike = {
        (e.type, e.code_list, e.max_length, e.min_length, e.minimum, e.maximum, e.places, e.pattern, e.check_digit): e
        for e in elements.all()
        if e.type is not ElementType.FILE
    }
    return list(unlike.values())


def by_python(element: Element, raw: str) -> object:
    """The value, None for nothing written, or the sentence."""
    if not raw.strip():
        return None
    codes = elements.code_list(element.code_list) if element.code_list else None
    try:
        return elements.value_of(element, raw, codes=codes)
    except NotThisElement as wrong:
        return wrong.message


def by_sql(lake: duckdb.DuckDBPyConnection, element: Element, raws: list[str]) -> list[object]:
    lake.execute("CREATE OR REPLACE TABLE found AS SELECT unnest($1::VARCHAR[]) AS v", [raws])
    lake.execute("ALTER TABLE found ADD COLUMN _line BIGINT")
    lake.execute("UPDATE found SET _line = rowid")
    _typing.type_all(lake, [ColumnPart(name="v", element=element.id, **{"as": "v"})])
    found = lake.execute("SELECT v, _words FROM typed ORDER BY _line").fetchall()
    return [words if words is not None else value for value, words in found]


def same(one: object, other: object) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.replace(tzinfo=None) == other  # the lake keeps the law's time without saying so
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one == other
    return type(one) is type(other) and one == other


def test_every_element_reads_every_seed_alike(lake: duckdb.DuckDBPyConnection) -> None:
    examples = [str(each.raw) for pack in packs.all_of("DataElement") for each in pack.body.examples]  # type: ignore[attr-defined]
    raws = [*SEEDS, *examples]
    for element in all_elements():
        wanted = [by_python(element, raw) for raw in raws]
        got = by_sql(lake, element, raws)
        differ = [(raw, a, b) for raw, a, b in zip(raws, wanted, got, strict=True) if not same(a, b)]
        assert differ == [], element.id


@given(
    st.lists(
        st.text(max_size=12) | st.from_regex(r"[0-9一-三年月日:./\- X]{1,20}", fullmatch=True),
        min_size=60,
        max_size=120,
    )
)
@settings(max_examples=6)
def test_whatever_is_written_is_read_alike(lake: duckdb.DuckDBPyConnection, raws: list[str]) -> None:
    by_type: dict[Any, Element] = {}
    for element in all_elements():
        by_type.setdefault((element.type, bool(element.pattern)), element)
    for element in by_type.values():
        if element.type in (
            ElementType.TEXT,
            ElementType.DATE,
            ElementType.DECIMAL,
            ElementType.DATETIME,
            ElementType.PHONE,
        ):
            wanted = [by_python(element, raw) for raw in raws]
            assert all(map(same, wanted, by_sql(lake, element, raws))), element.id


def test_well_written_values_are_not_asked_one_by_one(lake: duckdb.DuckDBPyConnection) -> None:
    good = {
        "firm.uscc": "91110000600037341L", "person.name": "欧阳安澜", "person.born-on": "1990-03-07",
        "person.id-number": "11010519491231002X",
    }  # fmt: skip
    for element_id, raw in good.items():
        element = elements.get(element_id)
        test = fast(element, None).test.replace("{v}", "v")
        assert lake.execute(f"SELECT {test} FROM (SELECT ?::VARCHAR AS v)", [raw]).fetchall() == [(True,)], element_id
