"""Brings columns of a register into forms that can be compared: names by sign and sound, numbers in one form, addresses as region, road and numbers.

Works on any DuckDB relation; what cannot be read becomes null, which is no evidence either way.
"""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SIGNS = 4
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# What accents and input methods do not tell apart, applied in order to the sound of one sign.
_BLUR = (("^zh", "z"), ("^ch", "c"), ("^sh", "s"), ("^l", "n"), ("^f", "h"), ("([aei])ng$", "\\1n"))
_BLANKS = "[\\s·•・.．\u3000]"
_KINDS = "股份有限公司|有限责任公司|股份公司|有限公司|集团公司|总公司|公司|个体工商户|农民专业合作社|专业合作社|合作社|经营部|商行|商店|门市部|中心|厂|店"
_BRANCH = (
    "((第[一二三四五六七八九十0-9]+)?[^公司（）]{0,12}?"
    "(分公司|支公司|营业部|分店|分厂|分行|支行|门市部|加油站|服务部|办事处|营业所|连锁店|项目部|分理处))$"
)


def clean(column: str) -> str:
    """Full width to half, blanks away; empty is null."""
    return f"nullif(regexp_replace(nfc_normalize(translate({column}, {_WIDE}, {_NARROW})), '{_BLANKS}', '', 'g'), '')"


_WIDE = "'０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ（）－—'"
_NARROW = "'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz()--'"


def person(relation: str) -> str:
    """A SELECT over a relation with key, name, sex, born_on, id_number, phone, address (all but key may be null)."""
    number, phone = f"upper({clean('id_number')})", f"regexp_replace({clean('phone')}, '^(\\+?86)|-', '', 'g')"
    is_phone = "regexp_full_match({0}, '1[3-9][0-9]{{9}}')"
    is_id = "regexp_full_match({0}, '[0-9]{{15}}|[0-9]{{17}}[0-9X]')"
    return f"""
SELECT key AS unique_id, name, {_signs("name")}, sex, born_on, id_number, phone, road, numbers, county, place FROM (
SELECT *, CASE WHEN id_is_right AND born_given IS NULL THEN try_strptime(substr(id_number, 7, 8), '%Y%m%d')::DATE ELSE born_given END AS born_on,
  concat(road, numbers) AS place
FROM (SELECT * REPLACE (CASE WHEN length(id_number) = 15 THEN {_eighteen("id_number")} ELSE id_number END AS id_number),
  length(id_number) = 15 OR {_checks("id_number")} AS id_is_right
FROM (SELECT key, {clean("name")} AS name, nullif(sex, '') AS sex, TRY_CAST(born_on AS DATE) AS born_given,
  CASE WHEN {is_id.format("num")} THEN num WHEN {is_id.format("tel")} THEN tel END AS id_number,
  CASE WHEN {is_phone.format("tel")} THEN tel WHEN {is_phone.format("num")} THEN num END AS phone,
  {_address("address")}
FROM (SELECT *, {number} AS num, upper({phone}) AS tel FROM {relation}))))"""


def firm(relation: str) -> str:
    """A SELECT over a relation with key, name, code, leader, phone, address (all but key may be null)."""
    return f"""
SELECT key AS unique_id, name, core, kind, branch, code, leader, phone, road, numbers, county, concat(road, numbers) AS place FROM (
SELECT * EXCLUDE (rest), nullif(regexp_replace(rest, '({_KINDS})$', ''), '') AS core, regexp_extract(rest, '({_KINDS})$', 1) AS kind
FROM (SELECT * EXCLUDE (bare), regexp_replace(CASE WHEN city <> '' AND starts_with(bare, city) THEN ltrim(substr(bare, length(city) + 1), '市') ELSE bare END,
    '^([^省]{{2,6}}省)?([^市]{{2,5}}市)?([^区县]{{1,5}}[区县])?', '') AS rest
FROM (SELECT *, regexp_replace(substr(name, 1, length(name) - length(branch)), '\\([^)]*\\)', '', 'g') AS bare
FROM (SELECT key, {clean("name")} AS name, regexp_extract({clean("name")}, '{_BRANCH}', 1) AS branch,
  CASE WHEN length({clean("code")}) IN (15, 18) THEN upper({clean("code")}) END AS code, {clean("leader")} AS leader,
  nullif(regexp_replace({clean("phone")}, '[^0-9]', '', 'g'), '') AS phone, {_address("address")},
  regexp_extract({clean("address")}, '(?:^|省)([^省市]{{2,5}})市', 1) AS city FROM {relation}))))"""


def _signs(column: str) -> str:
    return ", ".join(f"substr({column}, {place}, 1) AS sign{place}" for place in range(1, SIGNS + 1))


def _address(column: str) -> str:
    """Region, road and numbers of an address, whichever way it is written."""
    text = clean(column)
    return (
        f"nullif(regexp_extract({text}, '(?:^|省|市)([^省市区县]{{1,6}}[区县])', 1), '') AS county,"
        f" nullif(regexp_extract({text}, '([^省市区县镇乡村社道0-9]{{1,8}}?(?:路|街|巷|道|大道))[0-9]', 1), '') AS road,"
        f" nullif(array_to_string(regexp_extract_all({text}, '[0-9]+'), '-'), '') AS numbers"
    )


def _checks(number: str) -> str:
    total = " + ".join(
        f"TRY_CAST(substr({number}, {place + 1}, 1) AS INTEGER) * {weight}" for place, weight in enumerate(_WEIGHTS)
    )
    return f"(length({number}) = 18 AND substr('10X98765432', ({total}) % 11 + 1, 1) = substr({number}, 18, 1))"


def _eighteen(number: str) -> str:
    """The 18-sign form of an old number: those who had one were born before 2000."""
    full = f"(substr({number}, 1, 6) || '19' || substr({number}, 7, 9))"
    total = " + ".join(
        f"TRY_CAST(substr({full}, {place + 1}, 1) AS INTEGER) * {weight}" for place, weight in enumerate(_WEIGHTS)
    )
    return f"{full} || substr('10X98765432', ({total}) % 11 + 1, 1)"


def prepare(connection: "DuckDBPyConnection", kind: str, relation: str, into: str) -> None:
    """Make the table `into` of a relation's records in comparable form. `kind` is person or firm."""
    text, spoken = (person(relation), "name") if kind == "person" else (firm(relation), "core")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE plain AS {text}")
    _hear(connection, spoken)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT plain.*, heard.sound, heard.blur FROM plain"
        f" LEFT JOIN heard ON heard.text = plain.{spoken}"
    )
    connection.execute("DROP TABLE plain")
    connection.unregister("heard")


def _hear(connection: "DuckDBPyConnection", column: str) -> None:
    """The table `heard`: how each different text of a column sounds, sign by sign; a sign without sound stands for itself."""
    import pyarrow

    sounds, blurs = _table()
    texts = [
        row[0]
        for row in connection.execute(f"SELECT DISTINCT {column} FROM plain WHERE {column} IS NOT NULL").fetchall()
    ]
    heard = {
        "text": texts,
        "sound": [text.translate(sounds) for text in texts],
        "blur": [text.translate(blurs) for text in texts],
    }
    connection.register("heard", pyarrow.table(heard))


@cache
def _table() -> tuple[dict[int, str], dict[int, str]]:
    """For each common sign one sign of a private area that stands for its sound, and for its sound as an accent blurs it."""
    from pypinyin import Style, pinyin

    signs = b"".join(bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)).decode(
        "gb2312", "ignore"
    )
    sounds = [pinyin(sign, style=Style.NORMAL)[0][0] for sign in signs]
    blurs = sounds
    for pattern, heard in _BLUR:
        blurs = [re.sub(pattern, heard, sound) for sound in blurs]
    return _written(signs, sounds), _written(signs, blurs)


def _written(signs: str, sounds: list[str]) -> dict[int, str]:
    places = {sound: place for place, sound in enumerate(dict.fromkeys(sounds))}
    return {ord(sign): chr(0xE000 + places[sound]) for sign, sound in zip(signs, sounds, strict=True)}
