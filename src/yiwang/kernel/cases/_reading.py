"""The look-ups of every action, as plain SQL: building them anew each time would cost more than running them."""

from functools import cache
from typing import Any, TypeVar

from django.db.models import Model

from yiwang.kernel.cases.models import Case, Clock, Task

Row = TypeVar("Row", bound=Model)
SEALED = ("data", "result")


def locked_root(case_id: int, *, skip_locked: bool = False) -> Case | None:
    """The root of a case's family, locked until the end of the transaction; None if absent or, when skipping, taken.

    NO KEY: rows that refer to the case may still be inserted beside us.
    """
    how = "FOR NO KEY UPDATE SKIP LOCKED" if skip_locked else "FOR NO KEY UPDATE"
    where = "id = (SELECT coalesce(root_id, id) FROM cases_case WHERE id = %s)"
    return next(iter(_rows(Case, where, case_id, how)), None)


def case(case_id: int) -> Case | None:
    return next(iter(_rows(Case, "id = %s", case_id)), None)


def open_tasks(case_id: int) -> list[Task]:
    return _rows(Task, "status = 'open' AND case_id = %s ORDER BY id", case_id)


def clocks(case_id: int) -> list[Clock]:
    return _rows(Clock, "case_id = %s ORDER BY id", case_id)


def _rows(model: type[Row], where: str, value: Any, how: str = "") -> list[Row]:
    sql = f"SELECT {_columns(model)} FROM {model._meta.db_table} WHERE {where} {how}"
    return list(model._default_manager.raw(sql, [value]))


@cache
def _columns(model: type[Model]) -> str:
    """All columns but the large sealed ones, which are read when they are asked for."""
    return ", ".join(str(field.column) for field in model._meta.concrete_fields if field.name not in SEALED)
