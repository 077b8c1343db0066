"""Who gets a campaign: lines of a file, or persons of the register whom a pack's audience describes. Kept as keys, never as numbers."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from yiwang.data.ingest import queries as files
from yiwang.data.registries import queries as registries
from yiwang.kernel.base.codes import is_id_number, is_uscc
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.people import queries as people
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.support.notify._campaign_contracts import BadCampaign
from yiwang.support.notify.kinds import Audience

LINES_MAX = 100_000
ROWS_AT_ONCE = 5_000
NUMBER, COLUMNS = "证件号码", frozenset({"证件号码", "姓名"})
UNKNOWN = "没有注册，无法送达。"


class Line(NamedTuple):
    line: int
    subject_key: str = ""
    party_id: int | None = None
    problem: str = ""


def of_file(content: bytes) -> list[Line]:
    """Every line of a file with the column 证件号码; a column 姓名 may stand there and is not kept. Raises BadCampaign, CannotRead."""
    lines = iter(files.rows(content))
    _, header = next(lines, (0, []))
    titles = [title.strip() for title in header]
    if NUMBER not in titles or set(titles) - COLUMNS or len(set(titles)) != len(titles):
        raise BadCampaign("文件要有“证件号码”一列，可以另有“姓名”，不要其他列。", hint="请按要求整理后重新上传。")
    place = titles.index(NUMBER)
    return _known(_checked(lines, place, len(titles)))


def of_register(audience: Audience, stem: str, at: datetime) -> list[Line]:
    """Living residents of a region (the stem of its code) whom the audience describes. Raises BadCampaign past the most."""
    born_from, born_until = _born(audience, at.astimezone(LEGAL_TIME).date())
    found: list[str] = []
    after = 0
    for _ in range(LINES_MAX // ROWS_AT_ONCE + 2):
        rows = registries.residents_born(
            born_from, born_until, stem=stem, sex=audience.sex, after=after, size=ROWS_AT_ONCE
        )
        found.extend(key for _, key in rows)
        if len(rows) < ROWS_AT_ONCE:
            break
        after = rows[-1][0]
    if len(found) > LINES_MAX:
        raise BadCampaign(f"一次最多{LINES_MAX}人。", hint="请按区、乡镇分次发送。")
    return _known(Line(number, key) for number, key in enumerate(found, 1))


def digest(lines: Iterable[Line]) -> str:
    """What tells an audience from another, without numbers: of the keys in their order."""
    return hashlib.sha256("\n".join(line.subject_key for line in lines).encode()).hexdigest()


def _checked(lines: Iterator[tuple[int, list[str]]], place: int, width: int) -> Iterator[Line]:
    seen: dict[str, int] = {}
    for count, (line, cells) in enumerate(lines):
        if count == LINES_MAX:
            raise BadCampaign(f"一次最多{LINES_MAX}行。", hint="请分成几个文件。")
        number = cells[place].strip().upper() if len(cells) == width else ""
        if not number:
            yield Line(line, problem="列数与表头不同，或没有写证件号码。")
        elif not (is_id_number(number) or is_uscc(number)):
            yield Line(line, problem="证件号码不对。")
        elif seen.setdefault(number, line) != line:
            yield Line(line, problem="同一人在前面已有一行。")
        else:
            yield Line(line, sealed_index(number))


def _known(lines: Iterable[Line]) -> list[Line]:
    found = list(lines)
    keys = [line.subject_key for line in found if line.subject_key]
    known: dict[str, int] = {}
    for start in range(0, len(keys), ROWS_AT_ONCE):
        known |= people.party_ids(keys[start : start + ROWS_AT_ONCE])
    return [
        line if line.problem else line._replace(party_id=party, problem="" if party else UNKNOWN)
        for line in found
        for party in (known.get(line.subject_key),)
    ]


def _born(audience: Audience, today: date) -> tuple[date, date]:
    """Born from, born until: whoever is so old today."""
    first, last = audience.age_until + 1, audience.age_from
    return _years_before(today, first, days=1), _years_before(today, last)


def _years_before(day: date, years: int, *, days: int = 0) -> date:
    try:
        before = day.replace(year=day.year - years)
    except ValueError:
        before = date(day.year - years, 3, 1)  # born on 29 February, a year older on 1 March
    return date.fromordinal(before.toordinal() + days)
