"""What a case was opened with and what it hands on: sealed, and read by those who are asked for it."""

from collections.abc import Hashable, Iterable
from typing import Any

from django.db import connection

from yiwang.kernel.base import rows
from yiwang.kernel.cases._errors import missing
from yiwang.kernel.cases._reading import DATA
from yiwang.kernel.cases.models import Case


def data(case_id: int) -> dict[str, Any]:
    """What the case was opened with. Raises NoSuchCase."""
    return dict(rows.recall(*_asking(case_id), _opened_with))


def foresee_data(case_id: int) -> None:
    """An action that will ask for `data` gets it with its next question."""
    rows.foresee(*_asking(case_id))


def _asking(case_id: int) -> tuple[Hashable, rows.Statement]:
    return (DATA, case_id), ("SELECT data FROM cases_case WHERE id = %s", [case_id])


def _opened_with(answer: list[tuple[Any, ...]]) -> Any:
    if not answer:
        raise missing()
    return _unsealed("data", answer[0][0])


def data_of(case_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """As `data` for many cases, in one question; unknown ids are absent."""
    found = rows.fetch("SELECT id, data FROM cases_case WHERE id = ANY(%s::bigint[])", [sorted(set(case_ids))])
    return {case_id: dict(_unsealed("data", value)) for case_id, value in found}


def results(case_id: int) -> dict[str, Any]:
    """What the case handed on: of its effects and of outside systems. Raises NoSuchCase."""
    return dict(_sealed(case_id, "result") or {})


def _sealed(case_id: int, name: str) -> Any:
    found = rows.fetch(f"SELECT {name} FROM cases_case WHERE id = %s", [case_id])
    if not found:
        raise missing()
    return _unsealed(name, found[0][0])


def _unsealed(name: str, value: Any) -> Any:
    field: Any = Case._meta.get_field(name)
    return field.from_db_value(value, None, connection)
