"""Files as departments of the demo place deliver them, with the dirt that such files have; the same seed makes the same files."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from yiwang.demo.place._firms import credit_code
from yiwang.demo.place.kinds import Names

HEAD = [
    "统一社会信用代码",
    "企业名称",
    "法定代表人",
    "主体类别",
    "登记状态",
    "成立日期",
    "住所",
    "注册资本",
    "经营范围",
]
TAX_HEAD = ["社会信用代码", "纳税人名称", "纳税人类型", "登记状态"]
ARREARS_HEAD = ["社会信用代码", "纳税人名称", "税种", "欠税余额（分）", "公告日期"]
QUARTERS = (date(2026, 3, 31), date(2026, 6, 30))
# How often of a thousand rows each mistake is made.
DIRT = {
    "wrong-digit": 12,
    "no-name": 8,
    "no-such-day": 5,
    "other-date": 60,
    "other-status": 15,
    "words-for-money": 10,
    "wide-signs": 20,
    "torn": 3,
}
_SERIAL = 40_000_000
_ROADS = ("江滨路", "学府街", "临港大道", "人民路")


@dataclass(frozen=True, slots=True)
class Delivered:
    """The files by source, and how many rows of which mistake were put in."""

    enterprises: Path
    taxpayers: Path
    arrears: tuple[Path, ...]
    mistakes: dict[str, int]


def write(folder: Path, *, names: Names, county: str, firms: int, seed: int, today: date) -> Delivered:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    chance = random.Random(seed)
    rows = list(_firms(chance, names, county, firms, today))
    mistakes: Counter[str] = Counter()
    dirty = [_spoilt(row, chance, mistakes) for row in rows]
    again = chance.sample(dirty, max(1, firms // 100))
    mistakes["twice"] = len(again)
    listed = _put(folder / "enterprises.csv", HEAD, [*dirty, *again], "gb18030")
    states = ("正常", "正常", "正常", "非正常")
    taxed = [
        [row[0], _renamed(row[1], chance), chance.choice(("一般纳税人", "小规模纳税人")), chance.choice(states)]
        for row in rows
        if chance.random() < 0.85
    ]
    owing = [row for row in rows if chance.random() < 0.03]
    return Delivered(
        listed,
        _put(folder / "taxpayers.csv", TAX_HEAD, taxed, "utf-8"),
        tuple(
            _put(folder / f"arrears-{day:%Y-%m}.csv", ARREARS_HEAD, list(_owed(owing, day, chance)), "utf-8")
            for day in QUARTERS
        ),
        dict(sorted(mistakes.items())),
    )


def corrected(path: Path, target: Path, *, key: str, uscc: str, column: str, value: str, encoding: str) -> int:
    """A file with one value put right in the rows of one firm; answers how many rows that was."""
    with open(path, encoding=encoding, newline="") as stream:
        head, *rows = list(csv.reader(stream))
    mark, place, changed = head.index(key), head.index(column), 0
    for row in rows:
        if len(row) > max(place, mark) and row[mark] == uscc:
            row[place], changed = value, changed + 1
    _put(target, head, rows, encoding)
    return changed


def _firms(chance: random.Random, names: Names, county: str, count: int, today: date) -> Iterator[list[str]]:
    for serial in range(1, count + 1):
        trade, industry = names.trade(chance)
        kind = chance.choices(("91", "92", "93"), (80, 17, 3))[0]
        ending = {"91": "有限公司", "92": "商行", "93": "专业合作社"}[kind]
        since = today - timedelta(days=chance.randrange(30, 9000))
        yield [
            credit_code(kind=kind, county=county, serial=_SERIAL + serial),
            f"{names.city}{names.brand(chance)}{trade}{ending}",
            names.somebody(chance),
            chance.choice((kind, {"91": "企业", "92": "个体工商户", "93": "农民专业合作社"}[kind])),
            chance.choices(("1", "存续", "2", "3"), (60, 30, 4, 6))[0],
            since.isoformat(),
            f"{names.city}市{chance.choice(_ROADS)}{chance.randrange(1, 300)}号",
            str(chance.choice((10, 50, 100, 200, 500, 1000, 5000))),
            f"{trade}；{industry}",
        ]


def _spoilt(row: list[str], chance: random.Random, mistakes: Counter[str]) -> list[str]:
    row = list(row)
    for name, rate in DIRT.items():
        if chance.randrange(1000) < rate:
            row = _WAYS[name](row)
            mistakes[name] += 1
    return row


def _renamed(name: str, chance: random.Random) -> str:
    """Two of a hundred firms have another name at the tax office."""
    return name.replace("有限公司", "有限责任公司") if chance.random() < 0.02 else name


def _day(row: list[str]) -> list[str]:
    year, month, day = row[5].split("-")[:3]
    return _with(row, 5, f"{year}年{int(month)}月{int(day)}日")


def _with(row: list[str], place: int, value: str) -> list[str]:
    return [*row[:place], value, *row[place + 1 :]]


_WAYS: dict[str, Callable[[list[str]], list[str]]] = {
    "wrong-digit": lambda row: _with(row, 0, row[0][:-1] + ("0" if row[0][-1] != "0" else "1")),
    "no-name": lambda row: _with(row, 1, ""),
    "other-date": _day,
    "no-such-day": lambda row: _with(row, 5, f"{row[5][:4]}-02-30"),
    "other-status": lambda row: _with(row, 4, "在营（开业）企业"),
    "words-for-money": lambda row: _with(row, 7, f"{row[7]}万元人民币"),
    "wide-signs": lambda row: _with(row, 6, row[6].translate({ord(sign): ord(sign) + 0xFEE0 for sign in "0123456789"})),
    "torn": lambda row: row[:4],
}


def _owed(rows: list[list[str]], day: date, chance: random.Random) -> Iterator[list[str]]:
    for row in rows:
        for tax in chance.sample(("增值税", "企业所得税", "城镇土地使用税"), chance.randrange(0, 3)):
            yield [row[0], row[1], tax, str(chance.randrange(1, 900) * 10_000), day.isoformat()]


def _put(path: Path, head: list[str], rows: list[list[str]], encoding: str) -> Path:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([head, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path
