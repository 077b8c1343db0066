"""The drop folder: which sources have a delivery there that is whole and was not taken in yet."""

import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from yiwang.data.ingest.contracts import State
from yiwang.data.ingest.kinds import SOURCE, SourcePack
from yiwang.data.ingest.models import Batch
from yiwang.kernel.packs import queries as packs

# A file that somebody is still writing changes within a minute.
SETTLED = timedelta(seconds=60)


def folder() -> Path:
    return Path(settings.YIWANG_HOME) / "drop"


def waiting(at: datetime) -> Iterator[str]:
    """Ids of sources to run: a new file, or one whose batch was cut off."""
    for pack in packs.all_of(SOURCE):
        where = pack.as_type(SourcePack).where
        path = folder() / where if where else None
        if path is None or not path.is_file() or at.timestamp() - path.stat().st_mtime < SETTLED.total_seconds():
            continue
        batch = Batch.objects.filter(source_id=pack.id, digest=digest(path)).only("state").first()
        if batch is None or batch.state == State.READING:
            yield pack.id


def digest(path: Path) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
