"""Every column that can hold words is either sealed or declared free of personal data; the structure is complete."""

from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.core.management import call_command
from django.db import connection, models

from yiwang.site import database
from yiwang.site.grants import append_only_tables

OURS = [model for model in apps.get_models() if model.__module__.startswith("yiwang.")]
WORDS = (models.CharField, models.TextField, models.JSONField, models.FileField, models.GenericIPAddressField)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_words_are_sealed_or_declared_plain(model: type[models.Model]) -> None:
    plain = getattr(model, "PLAIN", frozenset())
    wordy = {field.name for field in model._meta.local_fields if _holds_words(field)}
    assert wordy <= plain, f"{model.__name__}: seal {sorted(wordy - plain)} or name them in PLAIN"
    assert plain <= wordy, f"{model.__name__}.PLAIN names what is no column of words: {sorted(plain - wordy)}"


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_foreign_keys_are_one_way(model: type[models.Model]) -> None:
    named = [
        field.name
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.app_label != model._meta.app_label  # type: ignore[union-attr]
        and not (field.remote_field.related_name or "").endswith("+")
    ]
    assert not named, (
        f'{model.__name__}: related_name="+" on {named}, so that the app below does not know the one above'
    )


def _holds_words(field: "models.Field[Any, Any]") -> bool:
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, WORDS)
    return isinstance(field, WORDS)


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    said = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, verbosity=1)
    except SystemExit:
        pytest.fail(f"run ./yiwang manage makemigrations:\n{said.getvalue()}")


@pytest.mark.django_db
def test_runtime_role_can_only_add_to_what_is_append_only() -> None:
    assert append_only_tables(), "no app declares append_only models"
    with connection.cursor() as cursor:
        for table in sorted(append_only_tables()):
            rights = {
                right: _may(cursor, table, right) for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
            }
            assert rights == {"SELECT": True, "INSERT": True, "UPDATE": False, "DELETE": False, "TRUNCATE": False}, (
                table
            )


@pytest.mark.django_db
def test_runtime_role_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = current_user AND relnamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []
        assert not _may(cursor, "django_migrations", "INSERT")
    assert database.app_role() == connection.settings_dict["USER"]


def _may(cursor: Any, table: str, right: str) -> bool:
    cursor.execute("SELECT has_table_privilege(current_user, %s, %s)", [table, right])
    return bool(cursor.fetchone()[0])
