"""Brings the database to the current structure, as its owner."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from yiwang.site import database
from yiwang.site.failures import Failed
from yiwang.site.grants import apply_grants

LOCK_SECONDS = 5


class StructureBusy(Failed):
    """A table was in use for too long; nothing of the migration at hand was changed."""


def bring_up_to_date() -> None:
    """Migrate, then set anew what the app role may do. Raises StructureBusy.

    Whoever waits for the lock of a table makes everybody else queue behind: five seconds, then the site comes first.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    try:
        with _seldom_collected():
            call_command("migrate", verbosity=0, interactive=False)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        raise StructureBusy(
            f"a table was in use for more than {LOCK_SECONDS} s; what was migrated so far stays. "
            "Run `yiwang migrate` again in a quiet moment."
        ) from error
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
    role = database.app_role()
    if role:
        apply_grants(role)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Migrations make tens of thousands of classes: looking for garbage at the usual pace is a sixth of their time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
