"""The registers of the demo place as its departments deliver them: one file a register, taken in through the lake like any other."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from yiwang.data.ingest import actions as ingest
from yiwang.data.ingest.contracts import State
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import PersonRecord
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
# Persons last: where they are, the place is made.
REGISTERS = (HOUSEHOLDS, MARRIAGES, PARENTAGE, INSURED, RESIDENTS)


def write(folder: Path, batches: Iterable[Batch]) -> None:
    """One file a register. People of a batch name nobody outside of it."""
    with ExitStack() as stack:
        files = {each: stack.enter_context(_opened(folder / each.file)) for each in REGISTERS}
        writers = {each: csv.writer(file) for each, file in files.items()}
        for each, writer in writers.items():
            writer.writerow(each.head)
        for batch in batches:
            known = {person.subject_key: person for person in batch.people}
            writers[RESIDENTS].writerows(_person(person) for person in batch.people)
            writers[HOUSEHOLDS].writerows(_households(batch, known))
            writers[MARRIAGES].writerows(_marriages(batch, known))
            writers[PARENTAGE].writerows(_parentage(batch, known))
            writers[INSURED].writerows(_insured(batch, known))


def deliver(folder: Path, *, by: Actor, at: datetime) -> None:
    """Into the lake. The same files again change nothing. Raises Unavailable where one was not taken in to its end."""
    for each in REGISTERS:
        done = ingest.run(source_id=each.source, path=folder / each.file, by=by, at=at)
        if done.state is not State.TAKEN:
            raise Unavailable(f"“{each.source}”没有汇聚完：{done.words}", hint="yiwang ingest list 列出各批次。")


def take_over(*, by: Actor, at: datetime) -> None:
    """From the lake into the registries that forms and people ask."""
    for each in REGISTERS:
        registries.take_over(registry=each.registry, by=by, at=at)


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


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
