"""What the app role may do with each table: applied after every migration, so that append-only tables stay so."""

from django.apps import apps
from django.db import connection
from django.db.backends.utils import CursorWrapper


def append_only_tables() -> set[str]:
    """Tables of the models that an app lists in its AppConfig as `append_only = ("Model", …)`."""
    listed = ((config, name) for config in apps.get_app_configs() for name in getattr(config, "append_only", ()))
    return {config.get_model(name)._meta.db_table for config, name in listed}


def apply_grants(role: str) -> None:
    """Give `role` reading and writing on every table of the current schema, but no change to what is append-only."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tableowner = current_user"
        )
        tables = {str(row[0]) for row in cursor.fetchall()}
        for table in sorted(tables):
            _grant(cursor, table, role, _rights(table))
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {_quoted(role)}")


def _rights(table: str) -> str:
    if table == "django_migrations":
        return "SELECT"
    return "SELECT, INSERT" if table in append_only_tables() else "SELECT, INSERT, UPDATE, DELETE"


def _grant(cursor: CursorWrapper, table: str, role: str, rights: str) -> None:
    cursor.execute(f"REVOKE ALL ON TABLE {_quoted(table)} FROM {_quoted(role)}")
    cursor.execute(f"GRANT {rights} ON TABLE {_quoted(table)} TO {_quoted(role)}")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
