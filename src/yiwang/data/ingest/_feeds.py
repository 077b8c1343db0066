"""Where we are in the logs of sources whose changes we follow; kept here, since the slot at the source may be lost or moved."""

import secrets
from collections.abc import Collection
from datetime import datetime

from yiwang.data.ingest._from_changes import Place
from yiwang.data.ingest.contracts import FeedView
from yiwang.data.ingest.models import Feed


def place(source_id: str) -> Place:
    """Our slot at a source, named once and for all; without position before the whole has been taken in."""
    row, _ = Feed.objects.get_or_create(source_id=source_id, defaults={"slot": f"yiwang_{secrets.token_hex(8)}"})
    return Place(row.slot, row.position)


def find(source_id: str) -> Place | None:
    row = Feed.objects.filter(source_id=source_id).first()
    return Place(row.slot, row.position) if row else None


def moved(source_id: str, position: str) -> None:
    """All up to there is taken in; said before the source may forget it."""
    Feed.objects.filter(source_id=source_id).update(position=position)


def looked(source_id: str, behind: int, at: datetime) -> None:
    Feed.objects.filter(source_id=source_id).update(behind=behind, looked_at=at)


def forget(source_id: str) -> None:
    Feed.objects.filter(source_id=source_id).delete()


def views(source_ids: Collection[str]) -> dict[str, FeedView]:
    """By source; one query."""
    rows = Feed.objects.filter(source_id__in=source_ids)
    return {row.source_id: FeedView(row.source_id, row.position, row.behind, row.looked_at) for row in rows}
