"""COPY of registry records into their tables, sealed on the way."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any

from django.db import connection
from psycopg.errors import UniqueViolation

from yiwang.data.registries import contracts as c
from yiwang.kernel.base.sealing import seal, sealed_index

Make = Callable[[Any], object]


def _sealed(name: str) -> Make:
    return lambda record: seal(getattr(record, name).encode())


def _key(name: str) -> Make:
    return lambda record: sealed_index(getattr(record, name))


# Columns that are not copied as they stand in the record.
_MADE: Mapping[type, Mapping[str, Make]] = {
    c.PersonRecord: {
        "subject_key": lambda person: person.subject_key or sealed_index(person.id_number),
        "name_key": _key("name"),
        **{name: _sealed(name) for name in ("id_number", "name", "address", "phone")},
    },
    c.HouseholdRecord: {"address": _sealed("address")},
    c.MarriageRecord: {
        "certificate_no": _sealed("certificate_no"),
        "certificate_key": _key("certificate_no"),
    },
    c.LegalPersonRecord: {"legal_representative": _sealed("legal_representative")},
    c.KinshipRecord: {},
    c.EnrolmentRecord: {},
}
_TABLES = {
    c.PersonRecord: "registries_person",
    c.HouseholdRecord: "registries_household",
    c.MarriageRecord: "registries_marriage",
    c.KinshipRecord: "registries_kinship",
    c.EnrolmentRecord: "registries_enrolment",
    c.LegalPersonRecord: "registries_legalperson",
}


def copy_records(kind: type, records: Iterable[object]) -> int:
    """COPY records of one `kind`; returns how many. Runs inside the caller's transaction.

    Raises AlreadyRegistered; then the transaction can only be rolled back.
    """
    made = _MADE[kind]
    own = [field.name for field in fields(kind)]
    columns = [*own, *(name for name in made if name not in own)]
    makers = [made.get(name) or (lambda record, name=name: getattr(record, name)) for name in columns]
    statement = f"COPY {_TABLES[kind]} ({', '.join(columns)}) FROM STDIN"
    count = 0
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for record in records:
                copy.write_row([make(record) for make in makers])
                count += 1
    except UniqueViolation as twice:
        raise c.AlreadyRegistered("登记簿中已有相同的记录。", hint="请去掉重复的记录后重试。") from twice
    return count
