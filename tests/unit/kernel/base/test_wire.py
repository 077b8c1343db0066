"""Statements go prepared and several at once: what a connection knows, and what becomes of it when something goes wrong."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from psycopg.types.json import Jsonb

from yiwang.kernel.base import rows, wire
from yiwang.kernel.base.models import Counter

_PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s"


def _known(beginning: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_PREPARED, [f"{beginning}%"])
        return int(cursor.fetchone()[0])


def _value(series: str) -> list[tuple[Any, ...]]:
    return rows.fetch("SELECT value, 'wire' FROM base_counter WHERE series = %s", [series])


@pytest.mark.django_db
def test_a_statement_is_prepared_once_whatever_its_values() -> None:
    before = _known("INSERT INTO base_counter")
    for n in range(3):
        rows.insert(Counter(series=f"wire:{n}", value=n))
    assert _known("INSERT INTO base_counter") == max(before, 1)
    assert [_value(f"wire:{n}") for n in range(3)] == [[(0, "wire")], [(1, "wire")], [(2, "wire")]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("text", "一网 %s; '$1'"),
        ("text", None),
        ("bigint", 2**40),
        ("boolean", False),
        ("bytea", b"\x00\xff'"),
        ("date", date(2026, 11, 22)),
        ("timestamptz", datetime(2026, 11, 22, 8, 30, 0, 5, tzinfo=UTC)),
        ("numeric", Decimal("12.30")),
        ("bigint[]", [1, 70_000, 2**40]),
        ("text[]", []),
        ("daterange", DateRange(date(2026, 1, 1), None)),
    ],
)
def test_values_come_back_as_they_went(place: str, value: Any) -> None:
    ((back,),) = rows.fetch(f"SELECT %s::{place}", [value])
    assert back == value


@pytest.mark.django_db
def test_structured_values_are_written_and_named_values_may_stand_twice() -> None:
    ((found, both),) = rows.fetch(
        "SELECT %(what)s::jsonb ->> 'a', %(n)s::int + %(n)s::int", {"what": Jsonb({"a": "甲"}), "n": 2}
    )
    assert (found, both) == ("甲", 4)


@pytest.mark.django_db
def test_what_stands_behind_a_statement_that_fails_is_not_done_and_works_the_next_time() -> None:
    again = ("SELECT value, 'behind' FROM base_counter WHERE series = %s", ["wire:behind"])
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert(Counter(series="wire:twice", value=1))
        wire.exchange([("INSERT INTO base_counter (series, value) VALUES (%s, 2)", ["wire:twice"]), again])
    assert _value("wire:twice") == []
    assert rows.ask(again) == [[]]


@pytest.mark.django_db
def test_a_rollback_forgets_nothing() -> None:
    with pytest.raises(ValueError, match="back"), transaction.atomic():
        _value("wire:none")
        raise ValueError("back")
    assert _known("SELECT value, 'wire'") == 1
    assert _value("wire:none") == []


@pytest.mark.django_db
def test_what_the_server_forgot_is_prepared_anew_after_one_error() -> None:
    _value("wire:none")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    with pytest.raises(ProgrammingError, match="does not exist"), transaction.atomic():
        _value("wire:none")
    assert _value("wire:none") == []


@pytest.mark.django_db
def test_a_value_that_cannot_be_written_is_told_before_anything_is_sent() -> None:
    with pytest.raises(DataError):
        _value("\x00")
    with pytest.raises(ProgrammingError, match="cannot adapt"):
        rows.fetch("SELECT %s::text", [object()])
    assert _value("wire:none") == []


@pytest.mark.django_db
def test_a_connection_that_knows_enough_remembers_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PREPARED_MAX", 0)
    assert rows.fetch("SELECT %s::int, 'unremembered'", [3]) == [(3, "unremembered")]
    assert _known("SELECT $1::int, 'unremembered'") == 0


@pytest.mark.django_db(transaction=True)
def test_a_transaction_begins_with_its_first_statement_and_a_lost_connection_is_told() -> None:
    with pytest.raises(ValueError, match="back"), transaction.atomic():
        rows.insert(Counter(series="wire:back", value=1))
        raise ValueError("back")
    assert _value("wire:back") == []
    with pytest.raises(OperationalError):
        rows.fetch("SELECT pg_terminate_backend(pg_backend_pid())", [])
    connection.close()
    assert _value("wire:back") == []
