"""COPY of firms into the house's own table, sealed on the way."""

from collections.abc import Iterable
from dataclasses import fields

from django.db import connection
from psycopg.errors import UniqueViolation

from yiwang.data.registries.contracts import AlreadyRegistered, LegalPersonRecord
from yiwang.kernel.base.sealing import seal

_COLUMNS = tuple(field.name for field in fields(LegalPersonRecord))


def copy_firms(records: Iterable[LegalPersonRecord]) -> int:
    """Returns how many. Runs inside the caller's transaction. Raises AlreadyRegistered; then it can only be rolled back."""
    statement = f"COPY registries_legalperson ({', '.join(_COLUMNS)}) FROM STDIN"
    count = 0
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for record in records:
                sealed = {"legal_representative": seal(record.legal_representative.encode())}
                copy.write_row([sealed.get(name, getattr(record, name)) for name in _COLUMNS])
                count += 1
    except UniqueViolation as twice:
        raise AlreadyRegistered("登记簿中已有相同的记录。", hint="请去掉重复的记录后重试。") from twice
    return count
