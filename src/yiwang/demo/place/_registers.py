"""The registers of the demo place as its departments deliver them: one file a register, taken in through the lake like any other."""

import csv
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from yiwang.data.ingest import actions as ingest
from yiwang.data.ingest.contracts import State
from yiwang.data.quality import actions as inspections
from yiwang.data.quality import queries as quality
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import PersonRecord
from yiwang.data.transform import actions as transform
from yiwang.demo.place._dirt import WAYS, Dirt
from yiwang.demo.place._population import FEMALE, Batch
from yiwang.kernel.base.contracts import Actor, Unavailable

_KINDS = {"family": "1", "collective": "2"}
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Register:
    """One department's file, the source that reads it and the registry that it fills."""

    file: str
    source: str
    registry: str
    head: tuple[str, ...]


RESIDENTS = _Register(
    "residents.csv", "anlan.source.residents", "population",
    ("公民身份号码", "姓名", "性别", "民族", "出生日期", "户籍地址", "户籍所在区划", "户号", "与户主关系", "联系电话"),
)  # fmt: skip
HOUSEHOLDS = _Register(
    "households.csv", "anlan.source.households", "household",
    ("户号", "户别", "户主公民身份号码", "住址", "区划", "立户日期"),
)  # fmt: skip
MARRIAGES = _Register(
    "marriages.csv", "anlan.source.marriages", "marriage",
    ("结婚证字号", "男方公民身份号码", "女方公民身份号码", "登记日期", "登记机关", "区划"),
)  # fmt: skip
PARENTAGE = _Register(
    "parentage.csv", "anlan.source.parentage", "parentage",
    ("子女公民身份号码", "母亲公民身份号码", "父亲公民身份号码", "区划"),
)  # fmt: skip
INSURED = _Register(
    "insured.csv", "anlan.source.insured", "insurance",
    ("参保号", "公民身份号码", "险种", "参保地区划", "参保日期"),
)  # fmt: skip
ECONOMY = _Register(
    "economy.csv", "anlan.source.economy", "economy",
    ("区划代码", "区划名称", "指标", "期间", "期末日期", "数值", "单位"),
)  # fmt: skip
# Persons last: where they are, the place is made.
REGISTERS = (ECONOMY, HOUSEHOLDS, MARRIAGES, PARENTAGE, INSURED, RESIDENTS)
_SERIES = "anlan.registry.economy"
_QUARTERS = 8
# Indicator, unit, and what it is about in a county's quarter.
_INDICATORS = (
    ("地区生产总值", "亿元", 62.0), ("规模以上工业增加值", "亿元", 18.5), ("固定资产投资", "亿元", 24.0),
    ("社会消费品零售总额", "亿元", 21.0), ("一般公共预算收入", "亿元", 4.2), ("居民人均可支配收入", "元", 9800.0),
)  # fmt: skip


def write(folder: Path, batches: Iterable[Batch], *, counties: Mapping[str, str], seed: int, today: date) -> None:
    """One file a register, mistakes among the rows. People of a batch name nobody outside of it; `counties` are names by their codes."""
    with ExitStack() as stack:
        files = {each: stack.enter_context(_opened(folder / each.file)) for each in REGISTERS}
        writers = {each: csv.writer(file) for each, file in files.items()}
        for each, writer in writers.items():
            writer.writerow(each.head)
        dirt = {each: Dirt(WAYS.get(each.file, ())) for each in REGISTERS}
        writers[ECONOMY].writerows(_economy(counties, random.Random(seed), today))
        for batch in batches:
            known = {person.subject_key: person for person in batch.people}
            writers[RESIDENTS].writerows(dirt[RESIDENTS].among(map(_person, batch.people)))
            writers[HOUSEHOLDS].writerows(dirt[HOUSEHOLDS].among(_households(batch, known)))
            writers[MARRIAGES].writerows(_marriages(batch, known))
            writers[PARENTAGE].writerows(_parentage(batch, known))
            writers[INSURED].writerows(dirt[INSURED].among(_insured(batch, known)))


def deliver(folder: Path, *, by: Actor, at: datetime) -> None:
    """Into the lake. The same files again change nothing. Raises Unavailable where one was not taken in to its end."""
    for each in REGISTERS:
        done = ingest.run(source_id=each.source, path=folder / each.file, by=by, at=at)
        if done.state is not State.TAKEN:
            raise Unavailable(f"“{each.source}”没有汇聚完：{done.words}", hint="yiwang ingest list 列出各批次。")
    transform.run(transformation_id=_SERIES, by=by, at=at)


def take_over(*, by: Actor, at: datetime) -> None:
    """From the lake into the registries that forms and people ask."""
    for each in REGISTERS:
        registries.take_over(registry=each.registry, by=by, at=at)


def inspect(*, by: Actor, at: datetime) -> int:
    """The first inspection of what was delivered, so that quality pages speak from the first day. Returns how many resources."""
    found = quality.inspectable()
    for code in found:
        inspections.inspect(resource=code, by=by, at=at)
    return len(found)


def _opened(path: Path) -> IO[str]:
    return open(path, "w", encoding="utf-8", newline="")


def _person(person: PersonRecord) -> Row:
    return (
        person.id_number, person.name, person.sex, person.ethnicity, person.born_on.isoformat(), person.address,
        person.region_code, person.household_no, person.relation, person.phone,
    )  # fmt: skip


def _households(batch: Batch, known: Mapping[str, PersonRecord]) -> Iterator[Row]:
    for each in batch.households:
        head = known[each.head_key].id_number
        yield each.book_no, _KINDS[each.kind], head, each.address, each.region_code, _day(each.registered_on)


def _marriages(batch: Batch, known: Mapping[str, PersonRecord]) -> Iterator[Row]:
    for each in batch.marriages:
        husband, wife = known[each.husband_key], known[each.wife_key]
        yield (
            each.certificate_no, husband.id_number, wife.id_number, each.registered_on.isoformat(), each.office,
            husband.region_code,
        )  # fmt: skip


def _parentage(batch: Batch, known: Mapping[str, PersonRecord]) -> Iterator[Row]:
    parents: dict[str, dict[bool, str]] = {}
    for each in batch.kinships:
        parent = known[each.parent_key]
        parents.setdefault(each.child_key, {})[parent.sex == FEMALE] = parent.id_number
    for child, named in parents.items():
        yield known[child].id_number, named.get(True, ""), named.get(False, ""), known[child].region_code


def _insured(batch: Batch, known: Mapping[str, PersonRecord]) -> Iterator[Row]:
    for each in batch.enrolments:
        number = known[each.subject_key].id_number
        yield f"{each.scheme}:{number}", number, each.scheme, each.region_code, each.since.isoformat()


def _economy(counties: Mapping[str, str], chance: random.Random, today: date) -> Iterator[Row]:
    """Past quarters, each a little above the one before."""
    first = today.year * 4 + (today.month - 1) // 3 - _QUARTERS
    for code, name in counties.items():
        for indicator, unit, usual in _INDICATORS:
            value = usual * chance.uniform(0.6, 1.4)
            for quarter in range(first, first + _QUARTERS):
                year, of_year = divmod(quarter, 4)
                ended = date(year, of_year * 3 + 3, 31 if of_year in (0, 3) else 30)
                value *= chance.uniform(0.99, 1.04)
                yield code, name, indicator, f"{year}Q{of_year + 1}", ended.isoformat(), f"{value:.2f}", unit


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
