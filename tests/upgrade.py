"""The state of the previous release: the newest migration of each app then. Renewed with each release.

`python -m tests.upgrade` brings an empty database to that state, puts a row into every table that takes one, and prints their names.
"""

from datetime import UTC, date, datetime
from typing import Any

PREVIOUS = {
    "applications": "0001_initial",
    "audit": "0001_initial",
    "base": "0002_throttle",
    "cases": "0002_yellow",
    "connectors": "0002_cancelled",
    "delivery": "0001_initial",
    "feedback": "0001_initial",
    "files": "0001_initial",
    "forms": "0001_initial",
    "ledger": "0002_leafcontent_actor",
    "licences": "0002_issued_once",
    "login": "0001_initial",
    "matters": "0001_initial",
    "notify": "0001_initial",
    "orgs": "0001_initial",
    "packs": "0001_initial",
    "people": "0001_initial",
    "registries": "0001_initial",
}
# What constraints ask for beyond the columns' types.
ASKED: dict[str, dict[str, Any]] = {
    "orgs_region": {"code": "990000000000", "level": 1},
    "orgs_organisation": {"uscc": "11990000MB0000001T", "path": "/1/"},
    "people_account": {"username": "somebody", "name": "某人", "kind": "machine"},
}
NEEDED = {"notify_message": {"party"}}
NOW = datetime(2026, 1, 5, 2, tzinfo=UTC)


def make() -> list[str]:
    """Migrate to the previous release and fill it; returns the tables that hold a row."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if not _is_ours(executor, leaf)]
    executor.migrate([*PREVIOUS.items(), *others])
    executor = MigrationExecutor(connection)
    state = executor.loader.project_state(list(PREVIOUS.items())).apps
    models = [model for app in PREVIOUS for model in state.get_app_config(app).get_models()]
    made: dict[Any, Any] = {}
    while _pass(models, made):
        pass
    return sorted(model._meta.db_table for model in made)


def _is_ours(executor: Any, leaf: tuple[str, str]) -> bool:
    return bool(executor.loader.disk_migrations[leaf].__module__.startswith("yiwang."))


def _pass(models: list[Any], made: dict[Any, Any]) -> int:
    """Try every table that has no row yet; what leans on another comes in a later pass."""
    from django.db import Error, transaction

    count = 0
    for model in models:
        if model in made:
            continue
        try:
            with transaction.atomic():
                row = model.objects.create(**_values(model, made))
            # Only now: constraints that are checked at the end have been.
            made[model] = row
            count += 1
        except (Error, KeyError, TypeError, ValueError):
            continue
    return count


def _values(model: Any, made: dict[Any, Any]) -> dict[str, Any]:
    return {
        field.name: _value(field, made)
        for field in model._meta.local_fields
        if field.name in NEEDED.get(model._meta.db_table, ())
        or not (field.null or field.has_default() or _is_numbered(field))
    } | _beside(model)


def _is_numbered(field: Any) -> bool:
    return field.primary_key and field.get_internal_type() in ("BigAutoField", "AutoField")


def _beside(model: Any) -> dict[str, Any]:
    """What a constraint asks for beyond the columns."""
    return ASKED.get(model._meta.db_table, {})


def _value(field: Any, made: dict[Any, Any]) -> Any:
    kind = type(field).__name__
    if field.is_relation:
        return made[field.related_model]
    if kind in ("SealedTextField", "TextField", "CharField", "JSONField", "SealedJSONField"):
        text = str(field.choices[0][0]) if field.choices else "a" * min(field.max_length or 4, 4)
        return {} if "JSON" in kind else text
    if kind in ("DateTimeField", "DateField"):
        return NOW if kind == "DateTimeField" else date(2026, 1, 5)
    if kind == "BooleanField":
        return False
    if kind == "BinaryField":
        return b"a"
    return [] if kind == "ArrayField" else 1


if __name__ == "__main__":
    import django

    django.setup()
    print("\n".join(make()))  # noqa: T201
