"""The look-ups of every action, as plain SQL: building them anew each time would cost more than running them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model

from yiwang.kernel.base import rows
from yiwang.kernel.cases import _keys
from yiwang.kernel.cases._keys import Keys
from yiwang.kernel.cases.models import Case, Clock, Task

Row = TypeVar("Row", bound=Model)
SEALED = ("data", "result")
DATA = "cases.data"
"""Under this and its key an action remembers what a case was opened with."""
_OF_ROOT = "id = (SELECT coalesce(root_id, id) FROM cases_case WHERE id = %s)"
_OPEN = "status = 'open' AND case_id = %s ORDER BY id"
_CLOCKS = "case_id = %s ORDER BY id"


@dataclass(frozen=True, slots=True)
class Locked:
    """A case under the lock of its family's root, with what most moves look at."""

    root: Case
    case: Case
    tasks: list[Task]
    clocks: list[Clock]
    keys: Keys


def locked(case_id: int) -> Locked | None:
    """Lock the family of a case until the end of the transaction and read the case, in one round trip; None if absent.

    The lock comes first: what is read after it in the same breath is what others have left.
    """
    roots, cases, tasks, own, drawn = rows.ask(
        _select(Case, _OF_ROOT, case_id, "FOR NO KEY UPDATE"),
        _select(Case, "id = %s AND root_id IS NOT NULL", case_id),
        _select(Task, _OPEN, case_id),
        _select(Clock, _CLOCKS, case_id),
        _keys.drawing(_keys.MOVING),
    )
    if not roots:
        return None
    root = _read(Case, roots)[0]
    keys = Keys()
    keys.take(_keys.MOVING, drawn)
    return Locked(root, next(iter(_read(Case, cases)), root), _read(Task, tasks), _read(Clock, own), keys)


def whole(where: str, values: Sequence[Any]) -> tuple[Case, list[Task], list[Clock]] | None:
    """The case of a condition with its open tasks and its clocks, in one round trip; None if absent."""
    which = f"case_id = (SELECT id FROM cases_case WHERE {where})"
    found, tasks, clocks = rows.ask(
        _having(Case, where, values),
        _having(Task, f"status = 'open' AND {which} ORDER BY id", values),
        _having(Clock, f"{which} ORDER BY id", values),
    )
    return (_read(Case, found)[0], _read(Task, tasks), _read(Clock, clocks)) if found else None


def locked_root(case_id: int, *, skip_locked: bool = False) -> Case | None:
    """The root of a case's family, locked until the end of the transaction; None if absent or, when skipping, taken.

    NO KEY: rows that refer to the case may still be inserted beside us.
    """
    how = "FOR NO KEY UPDATE SKIP LOCKED" if skip_locked else "FOR NO KEY UPDATE"
    return next(iter(_rows(Case, _OF_ROOT, case_id, how)), None)


def case(case_id: int) -> Case | None:
    return next(iter(_rows(Case, "id = %s", case_id)), None)


def open_tasks(case_id: int) -> list[Task]:
    return _rows(Task, _OPEN, case_id)


def clocks(case_id: int) -> list[Clock]:
    return _rows(Clock, _CLOCKS, case_id)


def _rows(model: type[Row], where: str, value: Any, how: str = "") -> list[Row]:
    return _read(model, rows.ask(_select(model, where, value, how))[0])


def _select(model: type[Model], where: str, value: Any, how: str = "") -> rows.Statement:
    return _having(model, f"{where} {how}", [value])


def _having(model: type[Model], where: str, values: Sequence[Any]) -> rows.Statement:
    return f"SELECT {rows.columns(model, without=SEALED)} FROM {model._meta.db_table} WHERE {where}", values


def _read(model: type[Row], answer: list[tuple[Any, ...]]) -> list[Row]:
    """All columns but the large sealed ones, which are read when they are asked for."""
    return rows.read(model, answer, without=SEALED)
