"""Letting go of old snapshots: their files' rows and keys first, the files after the commit."""

from datetime import datetime
from functools import partial
from itertools import pairwise

from django.db import transaction

from yiwang.data.engine import _files
from yiwang.data.engine.contracts import ExpiryReport
from yiwang.data.engine.models import LakeFile, LakeTable, Snapshot


def expire(keep: int, before: datetime) -> ExpiryReport:
    """Called inside a transaction that holds the lock of whoever erases."""
    expired, dropped, size = 0, [], 0
    for table in LakeTable.objects.select_for_update().order_by("pk"):
        first = _first_kept(table, keep, before)
        expired += first - table.kept_from
        if first != table.kept_from:
            LakeTable.objects.filter(pk=table.pk).update(kept_from=first)
        kept = Snapshot.objects.filter(table=table, number__gte=first).values_list("files", flat=True)
        listed = {number for files in kept for number in files}
        gone = LakeFile.objects.filter(table=table).exclude(pk__in=listed)
        dropped += list(gone.values_list("path", flat=True))
        size += sum(gone.values_list("size_bytes", flat=True))
        gone.delete()
    strays = _strays(set(dropped), before)
    transaction.on_commit(partial(_remove, [*dropped, *strays]))
    return ExpiryReport(expired, len(dropped), len(strays), size + sum(strays.values()))


def _first_kept(table: LakeTable, keep: int, before: datetime) -> int:
    made = list(Snapshot.objects.filter(table=table, number__gte=table.kept_from).order_by("number"))
    first = table.kept_from
    for row, following in pairwise(made[: max(len(made) - keep, 0) + 1]):
        # A snapshot is the newest until the one after it is made.
        if following.created_at >= before:
            break
        first = row.number + 1
    return first


def _strays(dropped: set[str], before: datetime) -> dict[str, int]:
    """Files that no row lists: a writer ended between its file and its commit."""
    there = {path: stat for path, stat in _files.found() if stat.st_mtime < before.timestamp()}
    listed = set(LakeFile.objects.filter(path__in=list(there)).values_list("path", flat=True))
    return {path: stat.st_size for path, stat in there.items() if path not in listed | dropped}


def _remove(paths: list[str]) -> None:
    for path in paths:
        _files.place(path).unlink(missing_ok=True)
