"""The ground a bench of rows stands on: packs in force, a cursor past all checks, statistics, and a word on the machine."""

import contextlib
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from yiwang.demo.bench.contracts import Installation
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.packs import actions as packs
from yiwang.services.matters import actions as matters

if TYPE_CHECKING:
    import psycopg


def load_packs(home: Path) -> None:
    """The place's packs and those of the bench, as one release."""
    root = home / "packs"
    shutil.copytree(settings.YIWANG_PACKS, root)
    shutil.copytree(Path(__file__).with_name("packs"), root / "anlan" / "bench")
    packs.load(root, by=SYSTEM, at=timezone.now())
    matters.publish(by=SYSTEM, at=timezone.now())


@contextlib.contextmanager
def past_checks(site: Installation) -> Iterator["psycopg.Cursor[Any]"]:
    """A cursor that looks up no foreign key: that they fit is tested on a few hundred rows, and here takes longer than the rows."""
    with site.superuser() as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        yield cursor


def tidy(site: Installation) -> None:
    """What autovacuum would do within minutes."""
    with site.superuser() as connection:
        connection.execute("VACUUM ANALYZE")


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"
