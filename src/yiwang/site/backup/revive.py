"""The database's part of a restore, run in the new home: read in, bring up to date, prove."""

from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.site.backup import dump, manifest
from yiwang.site.failures import Failed

NAMED_MAX = 5


class CannotRevive(Failed):
    """The backup cannot be brought back here; the message says why."""


def load(source: Path, made: manifest.Manifest) -> None:
    """Read the dump into the empty database and count its rows; the structure is still the backup's."""
    _refuse_later(made)
    if not dump.is_empty():
        raise CannotRevive("the database holds tables already. Make an empty one and set YIWANG_DATABASE_URL to it.")
    dump.load(source / manifest.DUMP)
    with dump.snapshot() as moment:
        found = moment.tables()
    wrong = [name for name, rows in made.tables.items() if found.get(name) != rows]
    if wrong:
        raise CannotRevive(f"these tables came back with another number of rows: {', '.join(wrong)}.")


def prove(source: Path, *, at: datetime) -> str:
    """Check the ledger against the checkpoint of the backup and every file against its row; write the restore down."""
    from yiwang.data.engine import queries as lake
    from yiwang.kernel.files import queries as files
    from yiwang.kernel.ledger import queries as ledger

    anchor = (source / manifest.CHECKPOINT).read_text(encoding="utf-8")
    # Without `at`: what waited for its number when the backup was made waits here too, until `yiwang up`.
    report = ledger.verify(anchor=anchor or None)
    if not report.is_sound:
        raise CannotRevive(f"the ledger does not verify: {'; '.join(_told(f) for f in report.findings[:NAMED_MAX])}")
    lost = files.lost(most=NAMED_MAX)
    if lost:
        raise CannotRevive(f"files of these numbers are not in the backup: {', '.join(map(str, lost))}.")
    torn = lake.lost(most=NAMED_MAX)
    if torn:
        raise CannotRevive(f"these files of the lake are not in the backup: {', '.join(torn)}.")
    _written_down(source, report.tree_size, at)
    return f"{report.tree_size} leaves and {report.checkpoints} checkpoints verify; root {report.root or 'none yet'}"


def _written_down(source: Path, tree_size: int, at: datetime) -> None:
    """What happened after the backup is gone from the ledger: the ledger itself must say that it was set back."""
    from django.db import transaction

    from yiwang.kernel.audit import actions as audit
    from yiwang.kernel.base.contracts import SYSTEM
    from yiwang.kernel.ledger import actions as ledger

    target = f"backup:{manifest.digest_of(source / manifest.MANIFEST)[:16]}"
    content: dict[str, Any] = {"made_at": manifest.read(source).made_at, "tree_size": tree_size}
    with transaction.atomic():
        ledger.append(kind="site.backup.restored", subject=target, content=content, by=SYSTEM, at=at)
        audit.record("site.backup.restored", target=target, by=SYSTEM, at=at, detail=content)


def _refuse_later(made: manifest.Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader

    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    later = sorted(set(made.migrations) - known)
    if later:
        raise CannotRevive(
            f"this backup was made by a later Yiwang ({made.version}): {', '.join(later[:NAMED_MAX])} "
            "are unknown here. Restore it with that version."
        )


def _told(finding: Any) -> str:
    return f"{finding.fault} {finding.where}"
