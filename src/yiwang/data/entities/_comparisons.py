"""Ways to compare two records, for packs to name: each a list of levels, from the same to wholly different, as SQL."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """One answer of a comparison; the first whose test holds is taken. `title` is what a steward reads."""

    code: str
    title: str
    test: str


def _both(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _same(*columns: str) -> str:
    return " AND ".join(f"{column}_l = {column}_r" for column in columns)


_DIFFER = " + ".join(f"(sign{n}_l <> sign{n}_r)::INT" for n in range(1, 5))
_UNWRITTEN = " OR ".join(
    f"((sign{n}_l IN ('？', '?', '*', '□')) <> (sign{n}_r IN ('？', '?', '*', '□')))" for n in (1, 2, 3, 4)
)

NAME = (
    Level("same", "姓名相同", _same("name")),
    Level("sound", "姓名同音", _same("sound")),
    Level("near", "姓名近音", _same("blur")),
    Level("unwritten", "只差一个没有写出的字", f"({_DIFFER}) = 1 AND ({_UNWRITTEN})"),
    Level("sign", "姓同，名中一字不同", f"({_DIFFER}) = 1 AND sign1_l = sign1_r AND length(name_l) = length(name_r)"),
    Level("surname", "名同，姓不同", f"({_DIFFER}) = 1 AND sign1_l <> sign1_r"),
    Level("order", "名中两字颠倒，或少一字", "sign1_l = sign1_r AND ((sign2_l = sign3_r AND sign3_l = sign2_r)"
          " OR (length(name_l) <> length(name_r) AND (sign2_l = sign2_r OR sign2_l = sign3_r OR sign3_l = sign2_r)))"),
    Level("family", "只有姓相同", "sign1_l = sign1_r"),
    Level("other", "姓名不同", "ELSE"),
)  # fmt: skip
IDENTITY = (
    Level("same", "身份号码相同", _same("id_number")),
    Level("slip", "身份号码只差一两位", "hamming(id_number_l, id_number_r) <= 2 AND substr(id_number_l, 15, 3) = substr(id_number_r, 15, 3)"),
    Level("tail", "身份号码末几位相差一两位", "hamming(id_number_l, id_number_r) <= 2"),
    Level("other", "身份号码不同", "ELSE"),
)  # fmt: skip
BORN = (
    Level("same", "出生日期相同", _same("born_on")),
    Level("part", "年、月、日中两项相同", "((year(born_on_l) = year(born_on_r))::INT + (month(born_on_l) = month(born_on_r))::INT"
          " + (day(born_on_l) = day(born_on_r))::INT) = 2"),
    Level("turned", "月和日颠倒", "year(born_on_l) = year(born_on_r) AND month(born_on_l) = day(born_on_r) AND day(born_on_l) = month(born_on_r)"),
    Level("moon", "相差五十多天以内（如公历与农历）", "abs(date_diff('day', born_on_l, born_on_r)) <= 55"),
    Level("other", "出生日期不同", "ELSE"),
)  # fmt: skip
# One comparison, not two: people of one household share both, so that the second says little more.
CONTACT = (
    Level("both", "电话和住址都相同", _same("phone", "place")),
    Level("one", "电话或住址相同", "phone_l = phone_r OR place_l = place_r"),
    Level("near", "电话只差一位，或住在同一条路", "(length(phone_l) = length(phone_r) AND hamming(phone_l, phone_r) = 1)"
          " OR (road_l = road_r AND county_l = county_r)"),
    Level("county", "同一区县", _same("county")),
    Level("other", "电话和住址都不同", "ELSE"),
)  # fmt: skip
SEX = (Level("same", "性别相同", _same("sex")), Level("other", "性别不同", "ELSE"))
FIRM = (
    Level("same", "名称相同", _same("name")),
    Level("core", "字号和行业相同", "core_l = core_r AND branch_l = branch_r"),
    Level("sound", "字号和行业同音", "sound_l = sound_r AND branch_l = branch_r"),
    Level("sign", "字号只差一字", "branch_l = branch_r AND length(core_l) = length(core_r) AND length(core_l) >= 4 AND levenshtein(core_l, core_r) <= 3"
          " AND substr(core_l, 3) = substr(core_r, 3)"),
    Level("branch", "总公司与分支，或不同分支", "core_l = core_r"),
    Level("brand", "字号相同，行业不同", "substr(core_l, 1, 2) = substr(core_r, 1, 2)"),
    Level("other", "名称不同", "ELSE"),
)  # fmt: skip
CODE = (
    Level("same", "信用代码相同", _same("code")),
    Level("slip", "信用代码只差一两位", "length(code_l) = length(code_r) AND hamming(code_l, code_r) <= 2"),
    Level("forms", "一个是旧注册号，一个是信用代码", "length(code_l) <> length(code_r)"),
    Level("other", "信用代码不同", "ELSE"),
)
LEADER = (Level("same", "法定代表人相同", _same("leader")), Level("other", "法定代表人不同", "ELSE"))

WAYS: Mapping[str, tuple[str, str, tuple[Level, ...]]] = {
    # code: (title, columns that both must have, levels)
    "name": ("姓名", "name", NAME),
    "id-number": ("公民身份号码", "id_number", IDENTITY),
    "born": ("出生日期", "born_on", BORN),
    "contact": ("电话和住址", "phone", CONTACT),
    "sex": ("性别", "sex", SEX),
    "firm-name": ("名称", "name", FIRM),
    "credit-code": ("统一社会信用代码", "code", CODE),
    "leader": ("法定代表人", "leader", LEADER),
}


def missing(way: str) -> str:
    """When a comparison has nothing to say."""
    if way == "contact":
        return f"({_both('phone')}) AND ({_both('place')})"
    return _both(WAYS[way][1])
