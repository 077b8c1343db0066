"""Whatever is done to the tables behind our back, the check names it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tests.unit.kernel.ledger.test_ledger import AT, add, numbered
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.ledger import actions, queries
from yiwang.kernel.ledger.contracts import Fault
from yiwang.site import database

pytestmark = pytest.mark.django_db
tampered = pytest.mark.django_db(transaction=True)


@pytest.fixture
def intruder() -> Callable[[str], None]:
    """Run SQL as somebody with every right on the database, to whom foreign keys mean nothing."""

    def run(statement: str) -> None:
        with database.cluster().connect(connection.settings_dict["NAME"]) as superuser:
            superuser.execute("SET session_replication_role = replica")
            superuser.execute(statement)

    return run


def faults() -> set[tuple[Fault, str]]:
    return {(finding.fault, finding.where) for finding in queries.verify(at=AT).findings}


def test_a_sound_ledger_has_no_findings() -> None:
    for count in (3, 260, 1):
        numbered(count)
    report = queries.verify(at=AT)
    assert report.is_sound, report.findings
    assert (report.tree_size, report.checkpoints, report.waiting) == (264, 3, 0)


def test_an_empty_ledger_is_sound() -> None:
    assert queries.verify(at=AT).is_sound


def test_a_leaf_that_waits_too_long_is_told() -> None:
    add()
    assert queries.verify(at=AT).is_sound
    late = queries.verify(at=AT + timedelta(minutes=2))
    assert [finding.fault for finding in late.findings] == [Fault.STALLED]


@tampered
def test_an_edited_envelope_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(5)
    intruder(f"UPDATE ledger_leaf SET kind = 'other' WHERE id = {ids[2]}")
    assert faults() == {(Fault.EDITED, f"index 2 (leaf {ids[2]})")}


@tampered
def test_an_edited_entry_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(5)
    intruder("UPDATE ledger_entry SET leaf_hash = sha256('x') WHERE index = 3")
    assert faults() == {(Fault.EDITED, f"index 3 (leaf {ids[3]})")}


@tampered
def test_an_edit_carried_through_leaf_and_entry_is_named_with_the_checkpoint(intruder: Callable[[str], None]) -> None:
    ids = numbered(3)
    numbered(2)
    other = add()[0]
    intruder(f"UPDATE ledger_entry SET leaf_id = {other} WHERE index = 1")
    found = faults()
    assert (Fault.EDITED, f"index 1 (leaf {other})") in found
    assert (Fault.REMOVED, f"leaf {ids[1]}") in found


@tampered
def test_edited_content_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(3)
    intruder(
        f"UPDATE ledger_leafcontent SET content = (SELECT content FROM ledger_leafcontent WHERE leaf_id = {ids[0]}) "
        f"WHERE leaf_id = {ids[1]}"
    )
    assert faults() == {(Fault.CONTENT_EDITED, f"leaf {ids[1]}")}
    intruder(f"UPDATE ledger_leafcontent SET content = 'x' WHERE leaf_id = {ids[2]}")
    assert (Fault.CONTENT_EDITED, f"leaf {ids[2]}") in faults()


@tampered
def test_another_actor_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(3)
    other = f"(SELECT actor FROM ledger_leafcontent WHERE leaf_id = {ids[0]})"
    intruder(f"UPDATE ledger_leafcontent SET actor = {other} WHERE leaf_id = {ids[1]}")
    assert faults() == {(Fault.CONTENT_EDITED, f"leaf {ids[1]}")}


@tampered
def test_removed_content_without_an_erasure_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(3)
    intruder(f"DELETE FROM ledger_leafcontent WHERE leaf_id = {ids[1]}")
    assert faults() == {(Fault.CONTENT_REMOVED, f"leaf {ids[1]}")}


@tampered
def test_a_removed_entry_is_named_in_the_middle_and_at_the_end(intruder: Callable[[str], None]) -> None:
    ids = numbered(6)
    intruder("DELETE FROM ledger_entry WHERE index = 5")
    assert faults() == {(Fault.REMOVED, "index 5–5"), (Fault.REMOVED, f"leaf {ids[5]}")}
    intruder("DELETE FROM ledger_entry WHERE index = 2")
    assert (Fault.REMOVED, "index 2") in faults()
    assert (Fault.REMOVED, f"leaf {ids[2]}") in faults()


@tampered
def test_a_removed_leaf_is_named(intruder: Callable[[str], None]) -> None:
    ids = numbered(4)
    intruder(f"DELETE FROM ledger_leaf WHERE id = {ids[1]}")
    assert (Fault.REMOVED, f"leaf {ids[1]}") in faults()


@pytest.mark.parametrize(
    "swap",
    [
        "UPDATE ledger_entry SET index = CASE index WHEN 1 THEN 4 ELSE 1 END WHERE index IN (1, 4)",
        "UPDATE ledger_entry e SET leaf_id = o.leaf_id FROM ledger_entry o WHERE {pairs}",
        "UPDATE ledger_entry e SET leaf_id = o.leaf_id, leaf_hash = o.leaf_hash FROM ledger_entry o WHERE {pairs}",
    ],
    ids=["index", "leaf", "leaf-and-hash"],
)
@tampered
def test_swapped_rows_are_named_with_where_they_were(intruder: Callable[[str], None], swap: str) -> None:
    numbered(3)
    numbered(3)
    intruder("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_pkey CASCADE")
    intruder("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_leaf_id_key CASCADE")
    intruder(swap.format(pairs="(e.index, o.index) IN ((1, 4), (4, 1))"))
    found = [f for f in queries.verify(at=AT).findings if f.fault is Fault.REORDERED]
    assert [finding.where.split()[1] for finding in found] == ["1", "4"]
    assert "编号4" in found[0].sentence
    assert "编号1" in found[1].sentence


@tampered
def test_a_forged_checkpoint_is_named(intruder: Callable[[str], None]) -> None:
    numbered(3)
    intruder("UPDATE ledger_checkpoint SET note = replace(note, E'\\n3\\n', E'\\n2\\n')")
    assert (Fault.CHECKPOINT, "checkpoint 3") in faults()


@tampered
def test_an_edited_tree_node_is_named(intruder: Callable[[str], None]) -> None:
    numbered(300)
    intruder("UPDATE ledger_node SET hash = sha256('x')")
    assert (Fault.EDITED, "node 8/0") in faults()


@tampered
def test_a_tree_cut_and_signed_anew_fails_against_a_checkpoint_kept_elsewhere(intruder: Callable[[str], None]) -> None:
    numbered(3)
    head = queries.checkpoint()
    assert head is not None
    assert queries.verify(anchor=head.note).is_sound
    for table in ("checkpoint", "entry", "leafcontent", "leaf"):
        intruder(f"DELETE FROM ledger_{table}")
    numbered(3)
    assert queries.verify().is_sound
    assert [finding.fault for finding in queries.verify(anchor=head.note).findings] == [Fault.ANCHOR]


def test_the_app_role_can_change_nothing_that_was_appended() -> None:
    numbered(1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c WHERE c.relname = ANY(%s) AND ("
            "has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE') "
            "OR has_table_privilege(c.oid, 'TRUNCATE'))",
            [
                [
                    "ledger_leaf",
                    "ledger_entry",
                    "ledger_node",
                    "ledger_checkpoint",
                    "ledger_erasure",
                    "audit_auditrecord",
                    "audit_disclosure",
                ]
            ],
        )
        assert cursor.fetchall() == []


def test_a_second_run_of_the_sequencer_goes_on_from_the_frontier() -> None:
    numbered(257)
    add(2)
    assert actions.sequence(by=SYSTEM, at=AT) == 2
    assert queries.verify(at=AT).is_sound
