"""What a register of this house hands over to its registry as it happens, without the way through the lake: persons and firms."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from django.utils import timezone

from yiwang.data.registries import _entering
from yiwang.data.registries._entering import Incoming
from yiwang.data.registries.contracts import LegalPersonRecord, PersonRecord
from yiwang.data.registries.models import Intake
from yiwang.kernel.base.sealing import sealed_digest, sealed_index

POPULATION, LEGAL_PERSONS = "population", "legal-persons"
Record = TypeVar("Record")
Read = Callable[[Any], str | None]
# 演示登记簿自己的状态 → 登记状态代码 (code list firm.status).
_STATUS = {"open": "1", "suspended": "9", "cancelled": "3", "revoked": "2"}
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


def slices(records: Iterable[Record], size: int = _entering.CHUNK) -> Iterable[list[Record]]:
    source = iter(records)
    while part := list(islice(source, size)):
        yield part


def enter_people(people: Sequence[PersonRecord], *, at: datetime) -> None:
    _enter(POPULATION, PERSON, people, [person.id_number for person in people], at=at)


def enter_firms(firms: Sequence[LegalPersonRecord], *, at: datetime) -> None:
    _enter(LEGAL_PERSONS, FIRM, firms, [firm.uscc for firm in firms], at=at)


def values(columns: Mapping[str, Read], record: Any) -> dict[str, str]:
    """What a record would hand over."""
    read = {name: each(record) for name, each in columns.items()}
    return {name: value for name, value in read.items() if value}


def _enter(
    registry: str, columns: Mapping[str, Read], records: Sequence[Any], keys: Sequence[str], *, at: datetime
) -> None:
    if not records:
        return
    intake = _entering.handed_over(_entering.register_of(registry), at=at)
    since = timezone.localdate(at).isoformat()
    rows = [_row(intake, registry, columns, record, key, since) for record, key in zip(records, keys, strict=True)]
    tally = _entering.enter(intake, rows, is_direct=True)
    kept = len(rows) - tally.added - tally.changed
    Intake.objects.filter(pk=intake.pk).update(read=len(rows), kept=kept)


def _row(intake: Intake, registry: str, columns: Mapping[str, Read], record: Any, key: str, since: str) -> Incoming:
    values: dict[str, str | None] = {name: read(record) or None for name, read in columns.items()}
    digest = row_digest(tuple(columns), tuple(values.values()))
    groups = [[registry, since, intake.pk, values]]
    return Incoming(sealed_index(key), sealed_index(values["name"] or ""), digest, groups)


def row_digest(names: Sequence[str], values: Sequence[str | None]) -> bytes:
    """The same for the same values of the same columns."""
    parts = ["\x1f".join(names), *("\x00" if value is None else value for value in values)]
    return sealed_digest("\x1e".join(parts).encode())
