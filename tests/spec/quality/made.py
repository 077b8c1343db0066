"""Rows of a made-up register with every kind of fault, and the rules that find them."""

import random
from datetime import date, timedelta

from yiwang.data.quality.contracts import Agrees, Columns, Holds, Present, Rule, Trait, Unique, Valid, Within
from yiwang.kernel.base.codes import id_check_digit
from yiwang.kernel.elements.contracts import CodeItem, CodeList, Element, ElementType, Sensitivity
from yiwang.kernel.packs.contracts import Text

ON = date(2026, 11, 22)
COLUMNS = Columns(
    {
        "k": "integer",
        "id": "text",
        "name": "text",
        "sex": "text",
        "born": "date",
        "left": "date",
        "pay": "decimal",
        "region": "text",
    },
    {"pay": 2},
)
DUCKDB = {
    "k": "BIGINT",
    "id": "VARCHAR",
    "name": "VARCHAR",
    "sex": "VARCHAR",
    "born": "DATE",
    "left": "DATE",
    "pay": "DECIMAL(18,2)",
    "region": "VARCHAR",
}
SPARK = {**DUCKDB, **{name: "STRING" for name, kind in DUCKDB.items() if kind == "VARCHAR"}}


def element(kind: ElementType, **more: object) -> Element:
    return Element("made.one", Text("一项"), kind, Sensitivity.GENERAL, **more)  # type: ignore[arg-type]


SEXES = CodeList("made.sex", Text("性别"), tuple(CodeItem(code, Text(code)) for code in "0129"))
RULES = (
    Rule("id-there", "", Trait.COMPLETENESS, Present("id"), weight=3),
    Rule("id-digits", "", Trait.VALIDITY, Valid("id", element(ElementType.ID_NUMBER)), weight=3),
    Rule("id-once", "", Trait.UNIQUENESS, Unique(("id",))),
    Rule(
        "name-written", "", Trait.VALIDITY, Valid("name", element(ElementType.TEXT, max_length=6, pattern=r"[^\d<>]+"))
    ),
    Rule("sex-coded", "", Trait.VALIDITY, Valid("sex", element(ElementType.CODE, code_list="made.sex"), SEXES)),
    Rule("sex-there", "", Trait.COMPLETENESS, Present("sex")),
    Rule("pay-range", "", Trait.VALIDITY, Valid("pay", element(ElementType.DECIMAL, minimum=0, maximum=500))),
    Rule("left-later", "", Trait.CONSISTENCY, Holds('"left" >= born')),
    Rule("of-age", "", Trait.CONSISTENCY, Holds("years_between(born, as_of) >= 18 or pay = 0")),
    Rule("fresh", "", Trait.TIMELINESS, Holds('days_between("left", as_of) <= 300')),
    Rule("region-known", "", Trait.CONSISTENCY, Within("region", "regions", "code")),
    Rule("name-agrees", "", Trait.ACCURACY, Agrees("name", "police", "name", (("id", "id"),))),
    Rule("key-once", "", Trait.UNIQUENESS, Unique(("name", "born"))),
)


def rows(count: int, seed: int = 1) -> list[tuple[object, ...]]:
    draw = random.Random(seed)

    def number() -> str:
        first = f"{draw.randint(110000, 659999)}{draw.randint(1899, 2026)}{draw.randint(0, 13):02d}{draw.randint(0, 32):02d}{draw.randint(0, 999):03d}"
        return first + (id_check_digit(first) if draw.random() < 0.7 else draw.choice("0123456789Xx"))

    ids = [number() for _ in range(count)]
    return [
        (
            k,
            draw.choice([ids[k], ids[k], ids[k], ids[k // 2], None, "", "1", "１２３"]),
            draw.choice(["张三", "李四", "王5", "", None, "欧阳长长长长长"]),
            draw.choice(["1", "2", "3", None]),
            draw.choice([None, date(1960, 2, 29), date(1950, 1, 1) + timedelta(days=draw.randint(0, 28400))]),
            draw.choice([None, date(2026, 9, 1) - timedelta(days=draw.randint(0, 9000))]),
            draw.choice([None, 0, -1, draw.randint(0, 90000) / 100]),
            draw.choice(["9901", "9902", "9999", None]),
        )
        for k in range(count)
    ]


def police(count: int) -> list[tuple[object, ...]]:
    known = [row for row in rows(count) if row[1]]
    return [(row[1], "张三" if number % 3 else row[2]) for number, row in enumerate(known)]


REGIONS: list[tuple[object, ...]] = [("9901",), ("9902",), (None,)]
OTHERS = {"regions": "regions", "police": "police"}


def literals(rows: list[tuple[object, ...]]) -> str:
    """Rows as SQL that every engine reads."""
    return ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return str(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"
