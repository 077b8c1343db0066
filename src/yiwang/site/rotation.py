"""Changing secrets while everything that they opened stays open; and sealing old values under the new key."""

import os
import secrets as random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

from yiwang.kernel.base import sealing
from yiwang.kernel.base.fields import SealedJSONField, SealedTextField
from yiwang.site import database, secrets
from yiwang.site.failures import Failed
from yiwang.site.postgres import roles
from yiwang.site.postgres.server import SUPERUSER

BATCH = 500
PURPOSES = {
    "django-key": "signs sittings and links; the two before it are still believed",
    "sealing-key": "seals personal values and files",
    "index-key": "finds sealed values by their text",
    "ledger-key": "signs checkpoints; change it with `yiwang ledger rotate-key`",
    "database-superuser": "PostgreSQL's superuser",
    "database-owner": "the role that migrates",
    "database-app": "the role that serves",
}


class CannotRotate(Failed):
    """This secret cannot be changed this way; the message says which is the way."""


@dataclass(frozen=True)
class Progress:
    """What a pass of sealing anew did with one table or folder."""

    where: str
    resealed: int


def rotate(name: str, *, at: datetime) -> str:
    """Change a secret; returns what to do next. Raises CannotRotate."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    if name == "django-key":
        _replace(name, stamp, random.token_hex(32))
        return "Restart Yiwang. Sittings stay; they are signed anew as they go on."
    if name == "sealing-key":
        _keep_index_key()
        _replace(name, stamp, random.token_hex(32))
        sealing.forget_keys()
        return "Restart Yiwang, then run `yiwang secrets reseal`; keep the retired key until that has ended."
    if name in ("database-superuser", "database-owner", "database-app"):
        return _rotate_role(name, stamp)
    if name == "ledger-key":
        raise CannotRotate("use `yiwang ledger rotate-key`: the change itself belongs into the ledger.")
    raise CannotRotate(f"{name} cannot be rotated by itself; see docs/how-to/rotate-secrets.md.")


def reseal() -> Iterator[Progress]:
    """Seal under the key in use whatever another key sealed, table by table; interrupted, the next run goes on."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedTextField | SealedJSONField):
                done = sum(_column(model, field))
                if done:
                    yield Progress(f"{model._meta.db_table}.{field.column}", done)
    done = sum(map(_file, _files()))
    if done:
        yield Progress("files", done)


def _column(model: type[models.Model], field: "models.Field[Any, Any]") -> Iterator[int]:
    names = {"table": model._meta.db_table, "key": str(model._meta.pk.column), "column": str(field.column)}
    quoted = {name: sql.Identifier(value) for name, value in names.items()}
    last: Any = None
    while rows := _strangers(quoted, last):
        last = rows[-1][0]
        yield _rewritten(quoted, rows)


def _strangers(names: dict[str, sql.Identifier], last: Any) -> list[tuple[Any, bytes]]:
    text = "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND substring({column} FROM 1 FOR 5) <> %s"
    text += " AND {key} > %s" if last is not None else ""
    statement = sql.SQL(text + " ORDER BY {key} LIMIT %s").format(**names)
    values: list[Any] = [sealing.current_head(), *([last] if last is not None else []), BATCH]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [(key, bytes(value)) for key, value in cursor.fetchall()]


@transaction.atomic
def _rewritten(names: dict[str, sql.Identifier], rows: list[tuple[Any, bytes]]) -> int:
    # Only if nobody has written it since it was read.
    statement = sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s AND {column} = %s").format(**names)
    values: list[tuple[Any, ...]] = [(sealing.seal(sealing.unseal(old)), key, old) for key, old in rows]
    with connection.cursor() as cursor:
        cursor.executemany(statement, values)
        return int(cursor.rowcount)


def _files() -> Iterator[Path]:
    for folder, _, names in os.walk(settings.YIWANG_FILES):
        yield from (Path(folder, name) for name in names if not name.startswith("."))


def _file(path: Path) -> int:
    old = path.read_bytes()
    if old.startswith(sealing.current_head()):
        return 0
    draft = path.with_name(f".reseal-{path.name}")
    with open(draft, "wb") as stream:
        stream.write(sealing.seal(sealing.unseal(old)))
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    return 1


def _keep_index_key() -> None:
    # Look-ups must find what was entered under the old key: the index key becomes a secret of its own, unchanged.
    path = secrets.file("index-key")
    if not path.exists():
        secrets.write(path, sealing.index_key_of(bytes.fromhex(secrets.read("sealing-key"))).hex())


def _replace(name: str, stamp: str, value: str) -> None:
    path = secrets.file(name)
    draft = path.with_name(f"{name}.new")
    draft.unlink(missing_ok=True)
    secrets.write(draft, value)
    # Linked before it is replaced: whenever this is cut short, there is a secret in use and none is lost.
    os.link(path, path.with_name(f"{name}.retired-{stamp}"))
    draft.replace(path)


def _rotate_role(name: str, stamp: str) -> str:
    if database.is_outside():
        raise CannotRotate("the database is not ours: change the role's password there, then YIWANG_DATABASE_URL.")
    value = random.token_hex(32)
    role = {"database-superuser": SUPERUSER, "database-owner": roles.OWNER, "database-app": roles.APP}[name]
    with database.cluster().connect() as superuser:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(value))
        with superuser.transaction():
            superuser.execute(statement)
            _replace(name, stamp, value)
    # An old password opens nothing any more.
    secrets.file(f"{name}.retired-{stamp}").unlink()
    return "Restart Yiwang: running processes hold the old password."
