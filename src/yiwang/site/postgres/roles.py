"""Database roles: an owner that migrates and an app role that runs, neither of them superuser."""

import psycopg
from psycopg import sql

from yiwang.site import secrets
from yiwang.site.postgres.cluster import Cluster

OWNER = "yiwang_owner"
APP = "yiwang_app"
DATABASE = "yiwang"
_ENSURING = 0x594957


def ensure(cluster: Cluster, database: str = DATABASE) -> None:
    """Create the two roles and the database with its grants, if they do not exist."""
    with cluster.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [_ENSURING])
        _role(connection, OWNER, "database-owner")
        _role(connection, APP, "database-app")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if known is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(OWNER))
            )
        with cluster.connect(database) as inside:
            _close(inside, database)


def _role(connection: "psycopg.Connection[tuple[object, ...]]", role: str, secret: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = sql.SQL("ALTER" if known else "CREATE")
    statement = sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
    connection.execute(statement.format(verb, sql.Identifier(role), sql.Literal(secrets.read(secret))))


def _close(connection: "psycopg.Connection[tuple[object, ...]]", database: str) -> None:
    names = {
        "database": sql.Identifier(database),
        "owner": sql.Identifier(OWNER),
        "app": sql.Identifier(APP),
    }
    for statement in (
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
        "ALTER SCHEMA public OWNER TO {owner}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "GRANT USAGE ON SCHEMA public TO {app}",
        # Read and insert only: what more a table allows is granted table by table after each migration.
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT SELECT, INSERT ON TABLES TO {app}",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
    ):
        connection.execute(sql.SQL(statement).format(**names))
