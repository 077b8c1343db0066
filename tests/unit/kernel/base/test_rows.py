"""Statements wait for each other, and nobody notices but the round trips."""

import logging

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.jobs import run_waiting
from tests.world import AT
from yiwang.kernel.base import events, outbox, rows
from yiwang.kernel.base.models import Counter, IdempotencyRecord, Outbox
from yiwang.kernel.cases.models import Case

pytestmark = pytest.mark.django_db


def _count(series: str, value: int = 1) -> None:
    rows.insert(Counter(series=series, value=value))


def _series() -> set[str]:
    return set(Counter.objects.filter(series__startswith="rows:").values_list("series", flat=True))


def test_what_waits_goes_in_one_round_trip_at_the_end() -> None:
    with CaptureQueriesContext(connection) as asked, rows.together():
        for n in range(5):
            _count(f"rows:{n}")
        assert len(asked) == 0
    assert len(asked) == 1
    assert len(_series()) == 5


def test_whoever_reads_sees_what_was_written_before() -> None:
    with rows.together():
        _count("rows:a")
        assert _series() == {"rows:a"}
        _count("rows:b")
    assert _series() == {"rows:a", "rows:b"}


def test_an_undone_part_takes_only_its_own_with_it() -> None:
    with rows.together():
        _count("rows:before")
        with pytest.raises(ValueError, match="undone"), transaction.atomic():
            _count("rows:undone")
            raise ValueError("undone")
        _count("rows:after")
    assert _series() == {"rows:before", "rows:after"}


def _sent(asked: CaptureQueriesContext) -> list[str]:
    """What went over the wire: a savepoint that was kept back is logged without a text."""
    return [query["sql"] for query in asked.captured_queries if query["sql"]]


def test_a_savepoint_goes_with_what_is_asked_inside_it_or_is_never_made() -> None:
    with CaptureQueriesContext(connection) as asked, rows.together(), transaction.atomic():
        _count("rows:kept")
    assert len(_sent(asked)) == 1
    assert "SAVEPOINT" not in _sent(asked)[0]
    with CaptureQueriesContext(connection) as asked, rows.together(), transaction.atomic():
        _count("rows:inner")
        assert rows.ask(("SELECT count(*) FROM base_counter WHERE series LIKE %s", ["rows:%"])) == [[(2,)]]
    assert [sql.split(" ")[0] for sql in _sent(asked)] == ["SAVEPOINT", "RELEASE"]


def test_a_savepoint_that_was_made_takes_back_what_came_after_it() -> None:
    with rows.together():
        _count("rows:before")
        with pytest.raises(ValueError, match="undone"), transaction.atomic():
            _count("rows:undone")
            assert _series() == {"rows:before", "rows:undone"}
            with transaction.atomic():
                _count("rows:inner")
            raise ValueError("undone")
        with pytest.raises(ValueError, match="twice"), transaction.atomic(), transaction.atomic():
            _count("rows:twice")
            raise ValueError("twice")
        _count("rows:after")
    assert _series() == {"rows:before", "rows:after"}


def test_what_a_block_remembers_is_asked_once_and_forgotten_with_it() -> None:
    asked: list[int] = []

    def find() -> int:
        asked.append(1)
        return len(asked)

    with rows.together():
        assert [rows.remember("a", find), rows.remember("a", find)] == [1, 1]
    assert [rows.remember("a", find), rows.remember("a", find)] == [2, 3]


def _rows_of_two_tables() -> list[str]:
    """The statements that rows of two tables by turns become, an update among them."""
    with CaptureQueriesContext(connection) as asked, rows.together():
        for n in range(3):
            _count(f"rows:{n}", n)
            rows.insert(Outbox(events=[{"n": n}], queued_at=AT))
        rows.later("UPDATE base_counter SET value = value + 10 WHERE series = %s", ["rows:2"])
        _count("rows:3", 3)
    assert dict(Counter.objects.filter(series__startswith="rows:").values_list("series", "value")) == {
        "rows:0": 0, "rows:1": 1, "rows:2": 12, "rows:3": 3
    }  # fmt: skip
    assert [row.events[0]["n"] for row in Outbox.objects.order_by("-id")[:3]] == [2, 1, 0]
    (sql,) = _sent(asked)
    return [part.split(" (")[0] for part in sql.split("; ")]


def test_a_few_rows_go_in_the_order_in_which_they_were_written() -> None:
    counter, outbox = "INSERT INTO base_counter", "INSERT INTO base_outbox"
    update = "UPDATE base_counter SET value = value + 10 WHERE series = 'rows:2'"
    assert _rows_of_two_tables() == [counter, outbox, counter, outbox, counter, outbox, update, counter]


def test_many_rows_of_several_tables_are_a_statement_for_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MANY", 7)
    assert _rows_of_two_tables() == [
        "INSERT INTO base_counter",
        "INSERT INTO base_outbox",
        "UPDATE base_counter SET value = value + 10 WHERE series = 'rows:2'",
        "INSERT INTO base_counter",
    ]


def test_a_statement_with_the_wrong_number_of_values_is_refused() -> None:
    with pytest.raises(ValueError, match="1 values wanted, 2 given"):
        rows.ask(("SELECT %s", [1, 2]))


def test_a_block_that_fails_sends_nothing_and_a_block_within_one_is_part_of_it() -> None:
    with pytest.raises(ValueError, match="no"), rows.together():
        _count("rows:lost")
        raise ValueError("no")
    with CaptureQueriesContext(connection) as asked, rows.together():
        with rows.together():
            _count("rows:inner")
        assert len(asked) == 0
    assert _series() == {"rows:inner"}


def test_without_a_block_everything_happens_at_once() -> None:
    _count("rows:now")
    assert _series() == {"rows:now"}
    counter = Counter.objects.get(series="rows:now")
    counter.value = 7
    rows.update(counter, ["value"])
    (read,) = rows.read(Counter, rows.ask((f"SELECT {rows.columns(Counter)} FROM base_counter WHERE value = 7", ()))[0])
    assert (read.series, read.value) == ("rows:now", 7)


heard: list[str] = []


def listen(*, payload: dict[str, str], at: object) -> None:
    heard.append(payload["what"])


def fail(*, payload: dict[str, str], at: object) -> None:
    raise ValueError("cannot listen")


def test_events_of_one_action_travel_together_and_a_failing_listener_is_tried_again_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard.clear()
    here = "tests.unit.kernel.base.test_rows"
    monkeypatch.setattr(events, "_one_by_one", {"a": [f"{here}.fail", f"{here}.listen"], "b": [f"{here}.listen"]})
    monkeypatch.setattr(events, "_apart", {"b": [f"{here}.fail"]})
    monkeypatch.setattr("yiwang.kernel.base.events.import_module", lambda name: __import__("sys").modules[__name__])
    ProcrastinateJob.objects.all()._raw_delete("default")
    Outbox.objects.all().delete()
    with rows.together():
        events.publish("a", {"what": "first"}, at=AT)
        events.publish("b", {"what": "second"}, at=AT)
        events.publish("nobody-listens", {"what": "third"}, at=AT)
    (row,) = Outbox.objects.all()
    assert [event["name"] for event in row.events] == ["a", "b"]
    with caplog.at_level(logging.CRITICAL):
        assert (outbox.drain(), outbox.drain()) == (1, 0)
    assert heard == ["first", "second"]
    apart, again = ProcrastinateJob.objects.filter(status="todo").order_by("id")
    assert {apart.task_name, again.task_name} == {"base.deliver_event"}
    assert [job.args["payload"]["what"] for job in (apart, again)] == ["second", "first"]
    assert {job.args["listener"] for job in (apart, again)} == {f"{here}.fail"}
    with pytest.raises(ValueError, match="cannot listen"):
        run_waiting()


def test_a_row_that_stands_already_is_not_inserted_again() -> None:
    def record(digest: str) -> IdempotencyRecord:
        return IdempotencyRecord(route="r", key="k", actor="a", body_hash=digest, created_at=AT)

    first, again = record("first"), record("again")
    assert rows.insert_new([first, again]) == [first]
    assert rows.insert_new([again]) == []
    assert again.pk is None
    kept = IdempotencyRecord.objects.get()
    assert (kept.pk, kept.body_hash) == (first.pk, "first")


def test_the_server_remembers_a_question_that_is_asked_again_and_answers_for_each_value() -> None:
    question = (
        "SELECT series FROM base_counter WHERE series = ANY(%(series)s::text[]) AND value > %(least)s ORDER BY series"
    )
    for n in range(6):
        _count(f"rows:{n}", value=n)
        found = rows.fetch(question, {"series": [f"rows:{n}", "rows:0"], "least": 0})
        assert found == ([(f"rows:{n}",)] if n else [])
    known = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT series FROM base_counter%'"
    with connection.cursor() as cursor:
        cursor.execute(known)
        assert cursor.fetchone() == (1,)


def test_a_question_to_the_server_sees_what_waits() -> None:
    with rows.together():
        _count("rows:a")
        assert rows.fetch("SELECT value FROM base_counter WHERE series = %s", ["rows:a"]) == [(1,)]


def test_a_row_of_values_takes_defaults_for_the_rest_and_refuses_what_is_no_column() -> None:
    values = {"route": "rows", "key": "k", "actor": "a", "body_hash": "h", "created_at": AT}
    with pytest.raises(TypeError, match="amount"):
        rows.add(IdempotencyRecord, values | {"amount": 1})
    rows.add(IdempotencyRecord, values)
    assert IdempotencyRecord.objects.get(route="rows").result is None


@rows.action
def _acted(*series: str) -> None:
    for name in series:
        _count(name)


@pytest.mark.django_db(transaction=True)
def test_an_action_goes_with_its_commit_and_leaves_nothing_when_its_last_statement_fails() -> None:
    with CaptureQueriesContext(connection) as asked:
        _acted("rows:a", "rows:b")
    assert [sql.count("INSERT") for sql in _sent(asked) if sql != "BEGIN"] == [2]
    assert _sent(asked)[-1].endswith("; COMMIT")
    with pytest.raises(IntegrityError):
        _acted("rows:c", "rows:a")
    assert _series() == {"rows:a", "rows:b"}

    @rows.action
    def refer() -> None:
        # Foreign keys are checked by the COMMIT.
        rows.later("INSERT INTO ledger_pendingleaf (leaf_id) VALUES (%s)", [-1])
        _count("rows:d")

    with pytest.raises(IntegrityError):
        refer()
    assert not connection.in_atomic_block
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            _acted("rows:e", "rows:a")
        _acted("rows:f")
    assert _series() == {"rows:a", "rows:b", "rows:f"}


@pytest.mark.django_db(transaction=True)
def test_what_follows_a_commit_happens_after_it_and_not_when_it_fails() -> None:
    told: list[str] = []

    @rows.action
    def tell(series: str) -> None:
        transaction.on_commit(lambda: told.append(series))
        _acted(series)

    tell("rows:a")
    with pytest.raises(IntegrityError):
        tell("rows:a")
    assert told == ["rows:a"]


def test_a_new_row_has_its_defaults_and_refuses_what_is_no_column() -> None:
    row = rows.new(Counter, series="rows:new", value=3)
    rows.insert(row)
    assert Counter.objects.get(series="rows:new").value == 3
    plain, made = Case(kind="k"), rows.new(Case, kind="k")
    assert {name: getattr(made, name) for name in vars(plain) if name != "_state"} == {
        name: value for name, value in vars(plain).items() if name != "_state"
    }
    assert made.limits is not rows.new(Case).limits
    with pytest.raises(TypeError, match="no_column"):
        rows.new(Counter, no_column=1)
