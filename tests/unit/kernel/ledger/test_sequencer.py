"""The sequencer against late commits, a second sequencer, and a death in the middle."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.patience import PATIENCE_SECONDS
from tests.unit.kernel.ledger.test_ledger import AT, add
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import _sequencer, actions, jobs, queries
from yiwang.kernel.ledger.contracts import HashChanged, KeyMissing
from yiwang.kernel.ledger.models import Entry

committing = pytest.mark.django_db(transaction=True)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@committing
def test_a_leaf_that_commits_late_with_a_lower_id_is_not_skipped() -> None:
    inserted, finish = threading.Event(), threading.Event()
    late: list[int] = []

    def slow() -> None:
        with transaction.atomic():
            late.extend(add())
            inserted.set()
            assert finish.wait(PATIENCE_SECONDS)

    thread = in_thread(slow)
    assert inserted.wait(PATIENCE_SECONDS)
    early = add()
    assert late[0] < early[0]
    assert actions.sequence(by=SYSTEM, at=AT) == 1
    finish.set()
    thread.join()
    assert actions.sequence(by=SYSTEM, at=AT) == 1
    assert list(Entry.objects.order_by("index").values_list("index", "leaf_id")) == [(0, early[0]), (1, late[0])]
    assert queries.verify(at=AT).is_sound


@committing
def test_two_sequencers_and_busy_writers_leave_no_gap() -> None:
    writing = threading.Event()

    def write() -> None:
        for _ in range(40):
            with transaction.atomic():
                add(3)

    def number() -> None:
        while not writing.is_set() or _sequencer.has_work():
            actions.sequence(by=SYSTEM, at=AT)

    numberers = [in_thread(number) for _ in range(2)]
    writers = [in_thread(write) for _ in range(3)]
    for thread in writers:
        thread.join()
    writing.set()
    for thread in numberers:
        thread.join()
    report = queries.verify(at=AT)
    assert report.is_sound, report.findings
    assert (report.tree_size, report.waiting) == (360, 0)


@committing
def test_a_sequencer_killed_in_mid_batch_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    add(5)

    def killed(*_: object) -> None:
        # The server ends this session, as it does when the process at the other end is gone.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with monkeypatch.context() as patch:
        patch.setattr(_sequencer, "_sign", killed)
        with pytest.raises(Exception, match=r"terminat|closed"):
            actions.sequence(by=SYSTEM, at=AT)
    connection.close()
    assert not Entry.objects.exists()
    assert actions.sequence(by=SYSTEM, at=AT) == 5
    assert queries.verify(at=AT).is_sound


@committing
def test_the_loop_numbers_what_comes_and_stops_when_told() -> None:
    rounds: Iterator[bool] = iter([False, False, True])
    add(2)
    jobs.run_sequencer(wait=lambda _seconds: next(rounds))
    assert queries.waiting() == 0


@pytest.mark.django_db
def test_thousands_of_leaves_are_numbered_in_a_handful_of_statements(
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH l AS (INSERT INTO ledger_leaf (algorithm, kind, subject, subject_index, commitment, recorded_at) "
            "SELECT 'sha256', 'k', repeat('a', 64), repeat('b', 64), repeat('c', 64), now() "
            "FROM generate_series(1, 8000) RETURNING id) INSERT INTO ledger_pendingleaf (leaf_id) SELECT id FROM l"
        )
    with django_assert_max_num_queries(15):
        assert actions.sequence(by=SYSTEM, at=AT) == 8000


@pytest.mark.django_db
def test_the_hash_cannot_change_in_the_middle(settings) -> None:
    add()
    actions.sequence(by=SYSTEM, at=AT)
    add()
    settings.YIWANG_LEDGER_HASH = "sm3"
    with pytest.raises(HashChanged):
        actions.sequence(by=SYSTEM, at=AT)


@pytest.mark.django_db
def test_a_ledger_in_sm3_works_the_same(settings) -> None:
    settings.YIWANG_LEDGER_HASH = "sm3"
    add(3)
    assert actions.sequence(by=SYSTEM, at=AT) == 3
    head = queries.checkpoint()
    assert head is not None
    assert head.algorithm == "sm3"
    assert queries.verify(at=AT).is_sound


@pytest.mark.django_db
@pytest.mark.parametrize("text", [None, "", "zz", "00"])
def test_without_a_usable_key_nothing_is_numbered_and_the_hint_says_what_to_do(
    settings, tmp_path: Path, text: str | None
) -> None:
    settings.YIWANG_LEDGER_KEY_FILE = str(tmp_path / "ledger-key")
    if text is not None:
        (tmp_path / "ledger-key").write_text(text)
    add()
    with pytest.raises(KeyMissing, match="密钥"), transaction.atomic():
        actions.sequence(by=SYSTEM, at=AT)
    assert queries.waiting() == 1


@committing
def test_a_new_key_signs_on_and_the_old_one_still_proves_what_it_sealed(settings, tmp_path: Path) -> None:
    settings.YIWANG_LEDGER_KEY_FILE = str(tmp_path / "ledger-key")
    (tmp_path / "ledger-key").write_text("11" * 32)
    add(3)
    actions.sequence(by=SYSTEM, at=AT)
    old = queries.checkpoint()
    new = actions.rotate_key(by=SYSTEM, at=AT)
    actions.sequence(by=SYSTEM, at=AT)
    head = queries.checkpoint()
    assert old is not None
    assert head is not None
    assert head.verifier == new != old.verifier
    assert [(tmp_path / name).stat().st_mode & 0o077 for name in ("ledger-key",)] == [0]
    report = queries.verify(at=AT, anchor=old.note)
    assert report.is_sound, report.findings
    for retired in tmp_path.glob("*.retired-*"):
        retired.unlink()
    assert not queries.verify(at=AT).is_sound
