"""Rows written in few round trips: on the path of every action the way to the database costs more than the row.

Inside `together()` a statement that needs no answer waits and is sent with the others: before anything else is asked on the
connection, so that whoever reads sees it, and at the end of the block, with its COMMIT where the block is an `action` of its
own. What will be asked may come with an earlier question (`foresee`, `soon`). A savepoint waits too, and one that is released
before anything was asked is never made. Statements are built once for a model, not for a row, and planned once a connection
(`wire`).
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Model

from yiwang.kernel.base import stored, wire
from yiwang.kernel.base.texts import Statement as Statement
from yiwang.kernel.base.texts import placed, texts
from yiwang.kernel.base.wire import Answer

Row = TypeVar("Row", bound=Model)
Found = TypeVar("Found")
Done = TypeVar("Done")
Given = ParamSpec("Given")
End = Callable[[list[Any]], None]
Told = Callable[[Answer], None]
MANY = 40
_SAVE, _RELEASE, _BACK = "SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT "


class _Batch:
    """Statements that wait, and what gathers for the end."""

    def __init__(self) -> None:
        self.waiting: list[Statement] = []
        self.gathered: dict[End, list[Any]] = {}
        self.remembered: dict[Hashable, Any] = {}
        self.foreseen: dict[Hashable, Statement] = {}
        self.answers: dict[Hashable, Answer] = {}
        self.soon: list[tuple[Statement, Told]] = []
        self.is_sending = False

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Stands in front of every statement of the connection."""
        if not self.is_sending:
            text = str(sql)
            if not text.startswith((_SAVE, _RELEASE, _BACK)):
                self.send()
            elif self.keeps(text):
                return None
        return execute(sql, params, many, context)

    def keeps(self, text: str) -> bool:
        """Whether a savepoint's statement need not be sent by itself."""
        if text.startswith(_SAVE):
            self.waiting.append((text, ()))
            return True
        is_release = text.startswith(_RELEASE)
        mark: Statement = (_SAVE + text.removeprefix(_RELEASE if is_release else _BACK), ())
        if mark in self.waiting:
            where = self.waiting.index(mark)
            del self.waiting[where if is_release else where + 1 : where + 1 if is_release else None]
            return True
        if is_release:
            self.waiting.append((text, ()))
            return True
        self.waiting.clear()
        return False

    def send(self) -> None:
        if statements := self.take():
            _send(statements, self)

    def take(self) -> list[Statement]:
        statements, self.waiting = self.waiting, []
        return statements

    def end(self, *, with_commit: bool) -> None:
        while self.gathered:
            end, items = self.gathered.popitem()
            end(items)
        if self.soon:
            ask()
        wrapper: Any = connections[DEFAULT_DB_ALIAS]
        # A transaction that is lost already must fail here, as everything that is sent does.
        is_lost = wrapper.needs_rollback or wrapper.closed_in_transaction
        if with_commit and not is_lost and len(self.waiting) < MANY:
            wrapper.before_commit = self.take()
        else:
            self.send()


_batch: ContextVar[_Batch | None] = ContextVar("batch", default=None)


def action(work: Callable[Given, Done]) -> Callable[Given, Done]:
    """Decorate what changes something: one transaction, with its statements sent `together`, the last of them with the COMMIT.

    Within another action it is a part that can be taken back alone.
    """

    @wraps(work)
    def whole(*args: Given.args, **named: Given.kwargs) -> Done:
        is_whole = not connection.in_atomic_block
        with transaction.atomic(), together(with_commit=is_whole):
            return work(*args, **named)

    return whole


@contextmanager
def together(*, with_commit: bool = False) -> Iterator[None]:
    """Keep statements that need no answer until they are needed; inside a transaction only. A block within one is part of it.

    `with_commit` leaves the last to the connection, for the COMMIT that follows at once.
    """
    if _batch.get() is not None:
        yield
        return
    batch = _Batch()
    token = _batch.set(batch)
    try:
        with connection.execute_wrapper(batch):
            yield
            batch.end(with_commit=with_commit)
    finally:
        _batch.reset(token)


def gather(end: End, item: Any) -> None:
    """Keep something for the end of the block, where `end` gets all that gathered for it; at once without a block."""
    batch = _batch.get()
    if batch is None:
        end([item])
    else:
        batch.gathered.setdefault(end, []).append(item)


def remember(key: Hashable, find: Callable[[], Found]) -> Found:
    """What `find` answers, asked once in a block: for what no action changes after others have read it."""
    batch = _batch.get()
    if batch is None:
        return find()
    if key not in batch.remembered:
        batch.remembered[key] = find()
    found: Found = batch.remembered[key]
    return found


def recall(key: Hashable, statement: Statement, read: Callable[[Answer], Found]) -> Found:
    """As `remember`: what `read` makes of the answer to a statement, which may have come already (`foresee`)."""
    batch = _batch.get()
    if batch is None:
        return read(ask(statement)[0])
    if key not in batch.remembered:
        batch.foreseen.pop(key, None)
        answer = batch.answers.pop(key) if key in batch.answers else ask(statement)[0]
        batch.remembered[key] = read(answer)
    found: Found = batch.remembered[key]
    return found


def foresee(key: Hashable, statement: Statement) -> None:
    """Have the answer that `recall` will want come in the round trip of the next question."""
    batch = _batch.get()
    if batch is not None and key not in batch.remembered and key not in batch.answers:
        batch.foreseen[key] = statement


def soon(sql: str, values: Sequence[Any], told: Told) -> None:
    """Ask in the round trip of the next question, and at the end of the block at the latest; `told` may refuse what was answered."""
    batch = _batch.get()
    if batch is None:
        told(ask((sql, values))[0])
    else:
        batch.soon.append(((sql, values), told))


def later(sql: str, values: Sequence[Any]) -> None:
    """Run a statement whose answer nobody needs."""
    batch = _batch.get()
    if batch is None:
        _send([(sql, values)], None)
    else:
        batch.waiting.append((sql, values))


def ask(*statements: Statement) -> list[list[tuple[Any, ...]]]:
    """The answers of several statements, in one round trip with those that wait; each sees what those before it did."""
    batch = _batch.get()
    if batch is None:
        return wire.exchange(statements)
    waiting = batch.take()
    if len(waiting) > MANY:
        _send(waiting, batch)
        waiting = []
    (foreseen, batch.foreseen), (soon, batch.soon) = (batch.foreseen, {}), (batch.soon, [])
    beside = [*foreseen.values(), *(statement for statement, _ in soon)]
    found = wire.exchange([*waiting, *beside, *statements], past=batch)[len(waiting) :]
    batch.answers.update(zip(foreseen, found, strict=False))
    for (_, told), answer in zip(soon, found[len(foreseen) :], strict=False):
        told(answer)
    return found[len(beside) :]


def fetch(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """The answer to one question; ask for lists by `= ANY(%s)`, and a list of another length is the same question."""
    return ask(placed(sql, values) if isinstance(values, Mapping) else (sql, values))[0]


def keys(model: type[Model], count: int) -> list[int]:
    """Keys for rows to come, so that they can be written together and still be told apart."""
    if not count:
        return []
    (drawn,) = ask((f"SELECT nextval('{model._meta.db_table}_id_seq') FROM generate_series(1, %s)", [count]))
    return [int(key) for (key,) in drawn]


def key(model: type[Model]) -> Statement:
    """What draws one key, for whoever asks more in the same round trip."""
    return f"SELECT nextval('{model._meta.db_table}_id_seq')", ()


def new(model: type[Row], **values: Any) -> Row:
    """A row to be inserted, its values by attribute as they are stored (`case_id`); the others are their defaults. Raises TypeError for what is no column.

    What Django makes of a model looks at every field anew: that costs more than the row.
    """
    plain, made = stored.fresh(model)
    if unknown := values.keys() - plain.keys():
        raise TypeError(f"{model.__name__} has no {sorted(unknown)}")
    row = stored.empty_row(model)
    vars(row).update(plain, **{name: make() for name, make in made if name not in values}, **values)
    return row


def insert(row: Model) -> None:
    """Insert a row; one without a key gets it from the database and does not learn it."""
    has_key = row.pk is not None
    later(stored.insertion(type(row), has_key), stored.values_of(row, stored.written(type(row), has_key)))
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


def add(model: type[Model], values: Mapping[str, Any]) -> None:
    """Insert a row of which nobody needs more than that it is there; columns that are not named take their defaults.

    Raises TypeError for what is no column.
    """
    usual = stored.usual(model, tuple(values))
    given = [
        usual[name] if (name := column.attribute) in usual else stored.as_stored(column, values[name])
        for column in stored.written(model, False)
    ]
    later(stored.insertion(model, False), given)


def copy_in(made: Sequence[Model]) -> None:
    """Insert many rows of one table by COPY; each has its key (`keys`)."""
    if not made:
        return
    model = type(made[0])
    columns = stored.written(model, True)
    names = ", ".join(str(column.field.column) for column in columns)
    if (batch := _batch.get()) is not None:
        batch.send()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy,
    ):
        for row in made:
            copy.write_row(stored.values_of(row, columns))


def insert_new(made: Sequence[Row]) -> list[Row]:
    """Insert rows unless one stands in their way by a constraint of uniqueness; those that were inserted, which learn their keys."""
    if not made:
        return []
    model = type(made[0])
    statement, columns = (
        f"{stored.insertion(model, False)} ON CONFLICT DO NOTHING RETURNING {model._meta.pk.column}",
        stored.written(model, False),
    )
    answers = ask(*((statement, stored.values_of(row, columns)) for row in made))
    new = [(row, answer[0][0]) for row, answer in zip(made, answers, strict=True) if answer]
    for row, key in new:
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return [row for row, _ in new]


def update(row: Model, names: Sequence[str]) -> None:
    """Write some fields of a row."""
    later(*_change(row, tuple(names)))


def keep(row: Model, names: Sequence[str]) -> bool:
    """Write some fields of a row now; False if there is no such row any more."""
    sql, values = _change(row, tuple(names))
    return bool(fetch(f"{sql} RETURNING 1", values))


def _change(row: Model, names: tuple[str, ...]) -> Statement:
    return stored.change(type(row), names), [*stored.values_of(row, stored.changed(type(row), names)), row.pk]


def columns(model: type[Model], *, without: Sequence[str] = ()) -> str:
    """The columns of a model for `SELECT`, in the order that `read` expects."""
    return stored.read_columns(model, tuple(without))


def read(model: type[Row], answer: Sequence[tuple[Any, ...]], *, without: Sequence[str] = ()) -> list[Row]:
    """Model rows from the answer to a statement over `columns`; what is left out is read when it is asked for."""
    fields = stored.read_fields(model, tuple(without))
    names = [field.attname for field in fields]
    converters = stored.converters(model, tuple(without))
    found = []
    for values in answer:
        plain = list(values)
        for index, convert in converters:
            plain[index] = convert(plain[index], None, connection)
        found.append(stored.stored_row(model, zip(names, plain, strict=True)))
    return found


def _send(statements: Sequence[Statement], batch: _Batch | None) -> None:
    """Many rows go as text, an `INSERT` for each table: that costs the server less than one at a time, prepared or not."""
    if len(statements) <= MANY:
        wire.exchange(statements, past=batch)
        return
    with connection.cursor() as cursor:
        _run(cursor, "; ".join(texts(statements)), batch)


def _run(cursor: Any, text: str, batch: _Batch | None) -> None:
    """Past the block's own watch: what the text holds has waited already."""
    if batch is None:
        cursor.execute(text)
        return
    was, batch.is_sending = batch.is_sending, True
    try:
        cursor.execute(text)
    finally:
        batch.is_sending = was
