"""What a register of this house hands over to its registry as it happens, without the way through the lake."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from django.utils import timezone
from psycopg.errors import UniqueViolation

from yiwang.data.registries import _entering
from yiwang.data.registries._entering import Incoming
from yiwang.data.registries.contracts import (
    AlreadyRegistered,
    EnrolmentRecord,
    HouseholdRecord,
    KinshipRecord,
    LegalPersonRecord,
    MarriageRecord,
    PersonRecord,
)
from yiwang.data.registries.kinds import KeptRegistry
from yiwang.data.registries.models import Intake
from yiwang.kernel.base.sealing import sealed_digest, sealed_index

POPULATION, LEGAL_PERSONS = "population", "legal-persons"
HOUSEHOLDS, MARRIAGES, PARENTS, INSURANCE = "household", "marriage", "parentage", "insurance"
FEMALE = "2"
REGION_DIGITS = 12
Record = TypeVar("Record")
Read = Callable[[Any], str | None]
Relation = HouseholdRecord | MarriageRecord | KinshipRecord | EnrolmentRecord
# 演示登记簿自己的状态 → 登记状态代码 (code list firm.status).
_STATUS = {"open": "1", "suspended": "9", "cancelled": "3", "revoked": "2"}
# 户别: the record's word → code list household.kind.
_KINDS = {"family": "1", "collective": "2"}
_FEN_TO_TEN_THOUSAND = 1_000_000

PERSON: Mapping[str, Read] = {
    "id_number": lambda p: p.id_number,
    "name": lambda p: p.name,
    "sex": lambda p: p.sex,
    "ethnicity": lambda p: p.ethnicity,
    "born_on": lambda p: p.born_on.isoformat(),
    "address": lambda p: p.address,
    "region_code": lambda p: p.region_code,
    "household_no": lambda p: p.household_no,
    "relation": lambda p: p.relation,
    "phone": lambda p: p.phone,
    "died_on": lambda p: p.died_on and p.died_on.isoformat(),
}
FIRM: Mapping[str, Read] = {
    "uscc": lambda f: f.uscc,
    "name": lambda f: f.name,
    # The first two signs of the code say what kind it is (GB 32100).
    "kind": lambda f: f.uscc[:2],
    "status": lambda f: _STATUS.get(f.status),
    "legal_representative": lambda f: f.legal_representative,
    "established_on": lambda f: f.established_on.isoformat(),
    "region_code": lambda f: f.region_code,
    "address": lambda f: f.address,
    "capital": lambda f: f"{f.capital_fen / _FEN_TO_TEN_THOUSAND:.4f}".rstrip("0").rstrip("."),
    "industry": lambda f: f.industry,
}


@dataclass(frozen=True, slots=True)
class Given:
    """A row that is handed over: its key and those whom it names are sealed indexes already."""

    key: str
    values: Mapping[str, str | None]
    links: tuple[str, ...] | None = None


def slices(records: Iterable[Record], size: int = _entering.CHUNK) -> Iterable[list[Record]]:
    source = iter(records)
    while part := list(islice(source, size)):
        yield part


def people(records: Sequence[PersonRecord]) -> list[Given]:
    found = []
    for record in records:
        key = record.subject_key or sealed_index(record.id_number)
        book = sealed_index(record.household_no) if record.household_no else ""
        found.append(Given(key, _read(PERSON, record), (book,) if book else None))
    return found


def firms(records: Sequence[LegalPersonRecord]) -> list[Given]:
    return [Given(sealed_index(record.uscc), _read(FIRM, record)) for record in records]


def households(records: Sequence[HouseholdRecord], known: Mapping[str, PersonRecord]) -> list[Given]:
    """`known`: the persons whom the records name, as far as they are registered."""
    return [
        Given(
            sealed_index(record.book_no),
            {
                "household_no": record.book_no, "kind": _KINDS.get(record.kind, record.kind), "head_id": _number(known, record.head_key),
                "address": record.address, "region_code": record.region_code, "registered_on": _day(record.registered_on),
            },
            (record.head_key,),
        )
        for record in records
    ]  # fmt: skip


def marriages(records: Sequence[MarriageRecord], known: Mapping[str, PersonRecord]) -> list[Given]:
    return [
        Given(
            sealed_index(record.certificate_no),
            {
                "certificate_no": record.certificate_no, "husband_id": _number(known, record.husband_key),
                "wife_id": _number(known, record.wife_key), "registered_on": _day(record.registered_on),
                "office": record.office, "ended_on": _day(record.ended_on),
                "region_code": _region(known, record.husband_key) or _region(known, record.wife_key),
            },
            (record.husband_key, record.wife_key),
        )
        for record in records
    ]  # fmt: skip


def parents(records: Sequence[KinshipRecord], known: Mapping[str, PersonRecord]) -> list[Given]:
    """One row a child: its mother, its father."""
    of: dict[str, list[str]] = {}
    for record in records:
        of.setdefault(record.child_key, []).append(record.parent_key)
    found = []
    for child, keys in of.items():
        mother = next((key for key in keys if key in known and known[key].sex == FEMALE), "")
        others = [key for key in keys if key != mother]
        if not mother and len(others) > 1:
            mother = others.pop(0)
        father = others[0] if others else ""
        values = {
            "id_number": _number(known, child), "mother_id": _number(known, mother), "father_id": _number(known, father),
            "region_code": _region(known, child),
        }  # fmt: skip
        found.append(Given(child, values, (mother, father)))
    return found


def enrolments(records: Sequence[EnrolmentRecord], known: Mapping[str, PersonRecord]) -> list[Given]:
    """参保号: the scheme and the ID number, so that a department's file and what is enrolled here meet."""
    found = []
    for record in records:
        number = _number(known, record.subject_key)
        insured = f"{record.scheme}:{number or record.subject_key}"
        values = {
            "insured_no": insured, "id_number": number, "scheme": record.scheme, "region_code": record.region_code,
            "since": _day(record.since), "until": _day(record.until),
        }  # fmt: skip
        found.append(Given(sealed_index(insured), values, (record.subject_key,)))
    return found


def rows_of(body: KeptRegistry, rows: Iterable[Mapping[str, str | None]]) -> list[Given]:
    """Rows by the columns of a registry's pack; each key once, the last that was said."""
    assert body.key is not None  # whoever hands over has looked
    found = [Given(sealed_index(row[body.key] or ""), row, links_of(row, body.links)) for row in rows]
    return list({row.key: row for row in found}.values())


def enter(registry: str, rows: Sequence[Given], *, at: datetime, is_new: bool = False) -> _entering.Tally:
    """Hand rows over; raises AlreadyRegistered where `is_new` says that none is there, and one is: then the transaction can only be rolled back."""
    if not rows:
        return _entering.Tally()
    intake = _entering.handed_over(_entering.register_of(registry), at=at)
    since = timezone.localdate(at).isoformat()
    try:
        tally = _entering.enter(intake, [_row(intake, registry, row, since) for row in rows], is_direct=True)
    except UniqueViolation as twice:
        raise _already() from twice
    if is_new and tally.added < len(rows):
        raise _already()
    kept = len(rows) - tally.added - tally.changed
    Intake.objects.filter(pk=intake.pk).update(read=len(rows), kept=kept)
    return tally


def _already() -> AlreadyRegistered:
    return AlreadyRegistered("登记簿中已有相同的记录。", hint="请去掉重复的记录后重试。")


def _row(intake: Intake, registry: str, given: Given, since: str) -> Incoming:
    values = {name: value or None for name, value in given.values.items()}
    digest = row_digest(tuple(values), tuple(values.values()))
    region, name = region_of(values.get("region_code")), values.get("name")
    groups = [[registry, since, intake.pk, values]]
    return Incoming(given.key, sealed_index(name) if name else "", digest, groups, region, given.links)


def _read(columns: Mapping[str, Read], record: Any) -> dict[str, str | None]:
    return {name: read(record) for name, read in columns.items()}


def _number(known: Mapping[str, PersonRecord], key: str) -> str | None:
    return known[key].id_number if key in known else None


def _region(known: Mapping[str, PersonRecord], key: str) -> str | None:
    return known[key].region_code if key in known else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def region_of(value: object) -> str:
    """A division's code as entries keep it: 12 digits; empty where the value is none."""
    text = str(value or "")
    return text.ljust(REGION_DIGITS, "0") if text.isdecimal() and len(text) <= REGION_DIGITS else ""


def links_of(values: Mapping[str, object], columns: Sequence[str]) -> tuple[str, ...] | None:
    """The keys of those whom a row names, in the order of the columns; None where it names nobody."""
    found = tuple(sealed_index(str(value)) if (value := values.get(name)) else "" for name in columns)
    return found if any(found) else None


def row_digest(names: Sequence[str], values: Sequence[str | None]) -> bytes:
    """The same for the same values of the same columns."""
    parts = ["\x1f".join(names), *("\x00" if value is None else value for value in values)]
    return sealed_digest("\x1e".join(parts).encode())
