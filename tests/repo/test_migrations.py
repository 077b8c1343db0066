"""Migrations in two steps: expand, release, contract. What runs while the old code still serves must not break or block it."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from tests.upgrade import PREVIOUS

# Tables that grow with every case: a lock on them for longer than a moment is an outage.
BIG = {
    ("cases", name) for name in ("case", "task", "clock", "clockpause", "caseevent", "attachment", "subcaseslot")
} | {("ledger", name) for name in ("leaf", "leafcontent", "entry", "node")}
BIG |= {("audit", name) for name in ("auditrecord", "disclosure")} | {("notify", "message"), ("notify", "sms")}
# Taken in one step, and why that broke nothing.
ONE_STEP = {
    "licences.0003_lookups_are_throttled": "counters of five minutes; before the first release",
    "packs.0002_places_and_layers": "a release is written by the loader alone, which runs after the migration",
    "forms.0002_whose_record_is_objected_to": "before the first release",
}
LIGHT = re.compile(r"DROP INDEX CONCURRENTLY (IF EXISTS )?\w+|ALTER TABLE \w+ SET \(fillfactor = \d+\)")
SQL_RISKS = (migrations.RunPython, migrations.RunSQL)


def later() -> Iterator[tuple[str, migrations.Migration]]:
    """Our migrations that came after the previous release."""
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if migration.__module__.startswith("yiwang.") and name > PREVIOUS.get(app, ""):
            yield f"{app}.{name}", migration


@pytest.mark.parametrize(("label", "migration"), list(later()), ids=lambda each: each if isinstance(each, str) else "")
def test_migration_expands_or_says_what_it_contracts(label: str, migration: migrations.Migration) -> None:
    if label not in ONE_STEP:
        wrong = list(faults(migration.app_label, migration))
        assert not wrong, f"{label}: {'; '.join(wrong)} (docs/how-to/change-a-table.md)"


def test_exceptions_are_migrations_that_exist() -> None:
    assert not set(ONE_STEP) - dict(later()).keys()


def faults(app: str, migration: migrations.Migration) -> Iterator[str]:
    """What would break or block the code that serves while this runs."""
    made = {(app, each.name_lower) for each in migration.operations if isinstance(each, migrations.CreateModel)}
    for operation in migration.operations:
        name = getattr(operation, "model_name_lower", None) or getattr(operation, "name_lower", "")
        is_new = (app, name) in made or app not in PREVIOUS
        if not is_new:
            yield from _of(operation, (app, name), migration)


def _of(operation: Operation, table: tuple[str, str], migration: migrations.Migration) -> Iterator[str]:
    what = operation.describe()
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel) and not _contracts(migration):
        yield f"{what}: name in `contracts` the earlier migration since which no code uses it"
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        yield f"{what}: add the new one, fill it, move over, remove the old one in a later release"
    if isinstance(operation, migrations.AddField) and not _old_code_can_insert(operation.field):
        yield f"{what}: make it null=True or give it db_default, so that old code can still insert"
    is_index = isinstance(operation, migrations.AddIndex | migrations.RemoveIndex)
    if is_index and table in BIG and not isinstance(operation, AddIndexConcurrently | RemoveIndexConcurrently):
        yield f"{what}: use AddIndexConcurrently (atomic = False) on a big table"
    if isinstance(operation, SQL_RISKS) and not _holds_nobody_up(operation):
        yield f"{what}: fill in batches by a command, not while the structure is locked"


def _holds_nobody_up(operation: Operation) -> bool:
    return LIGHT.fullmatch(str(getattr(operation, "sql", ""))) is not None


def _contracts(migration: migrations.Migration) -> bool:
    app, _, name = str(getattr(migration, "contracts", "")).partition(".")
    return bool(name) and name <= PREVIOUS.get(app, "")


def _old_code_can_insert(field: "models.Field[object, object]") -> bool:
    return field.null or field.has_db_default() or bool(getattr(field, "many_to_many", False))


class _Sample(migrations.Migration):
    app_label = "cases"


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.AddField("case", "colour", models.CharField(max_length=9, default="")), True),
        (migrations.AddField("case", "colour", models.CharField(max_length=9, null=True)), False),
        (migrations.AddField("case", "colour", models.CharField(max_length=9, db_default="")), False),
        (migrations.RemoveField("case", "title"), True),
        (migrations.DeleteModel("Urge"), True),
        (migrations.RenameField("case", "title", "name"), True),
        (migrations.AddIndex("case", models.Index(fields=["title"], name="t")), True),
        (AddIndexConcurrently("case", models.Index(fields=["title"], name="t")), False),
        (migrations.AddIndex("urge", models.Index(fields=["urged_at"], name="t")), False),
        (migrations.RunSQL("UPDATE cases_case SET title = ''"), True),
        (migrations.RunSQL("DROP INDEX t"), True),
        (migrations.RunSQL("DROP INDEX CONCURRENTLY t; UPDATE cases_case SET title = ''"), True),
        (migrations.RunSQL("DROP INDEX CONCURRENTLY t"), False),
        (migrations.RunSQL("ALTER TABLE cases_case SET (fillfactor = 70)"), False),
        (migrations.RunSQL("ALTER TABLE cases_case SET UNLOGGED"), True),
        (migrations.CreateModel("Colour", [("id", models.BigAutoField(primary_key=True))]), False),
    ],
    ids=lambda each: each.describe() if isinstance(each, Operation) else "",
)
def test_the_rule_says_no_where_it_must(operation: Operation, is_refused: bool) -> None:
    sample = _Sample("0099_sample", "cases")
    sample.operations = [operation]
    assert bool(list(faults("cases", sample))) is is_refused


def test_a_column_may_go_once_a_release_has_done_without_it() -> None:
    sample = _Sample("0099_sample", "cases")
    sample.operations = [migrations.RemoveField("case", "title")]
    sample.contracts = "cases.0001_initial"  # type: ignore[attr-defined]
    assert not list(faults("cases", sample))
    sample.contracts = "cases.0098_not_released"  # type: ignore[attr-defined]
    assert list(faults("cases", sample))
