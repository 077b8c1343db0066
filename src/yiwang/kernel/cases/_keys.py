"""Keys of rows to come, drawn beside what an action asks anyway, so that rows can be written together and refer to each other."""

from collections.abc import Mapping

from django.db.models import Model

from yiwang.kernel.base import rows
from yiwang.kernel.cases.models import Case, Clock, Task

MOVING: Mapping[type[Model], int] = {Task: 2, Clock: 3}
"""What most moves need. What is not used is a gap, as it is after a transaction that is rolled back."""
OPENING: Mapping[type[Model], int] = {Case: 1, Task: 1, Clock: 3}
_SPARE = 8


class Keys:
    """Keys a turn may use up; more are drawn when they run out."""

    def __init__(self) -> None:
        self._left: dict[type[Model], list[int]] = {}

    def give(self, model: type[Model]) -> int:
        """The next key of a model, in the order of the sequence."""
        left = self._left.setdefault(model, [])
        if not left:
            self.take({model: _SPARE}, rows.ask(drawing({model: _SPARE}))[0])
        return self._left[model].pop(0)

    def take(self, wanted: Mapping[type[Model], int], answer: list[tuple[int, ...]]) -> None:
        """Put in the answer to `drawing`."""
        drawn = iter(answer[0])
        for model, count in wanted.items():
            self._left.setdefault(model, []).extend(next(drawn) for _ in range(count))


def drawing(wanted: Mapping[type[Model], int], times: int = 1) -> rows.Statement:
    """A row of keys for each of so many turns."""
    values = [f"nextval('{model._meta.db_table}_id_seq')" for model, count in wanted.items() for _ in range(count)]
    return f"SELECT {', '.join(values)} FROM generate_series(1, %s)", [times]
