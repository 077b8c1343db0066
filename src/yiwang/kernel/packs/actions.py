"""Putting packs into force."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from yiwang.kernel.base.contracts import Actor, PackInvalid
from yiwang.kernel.base.events import publish
from yiwang.kernel.packs import _diff, _places, _store, queries
from yiwang.kernel.packs.contracts import LoadReport, Pack, PackSet
from yiwang.kernel.packs.models import PackItem, PackRelease, PackReleaseItem

_LOADING = 0x5041434B  # advisory lock: one load at a time


@transaction.atomic
def load(root: Path, *, by: Actor, at: datetime) -> LoadReport:
    """Check a folder and put it into force as a new release, unless that is what is in force already.

    Raises PackInvalid with every problem; then nothing changes.
    """
    packs = queries.read(root)
    _lock()
    before = _store.recorded()
    changes = _diff.changes(before, packs)
    _refuse_older(before, packs)
    if before.release and _fingerprint(before) == _fingerprint(packs):
        return LoadReport(before.release, False, len(packs), ())
    release = _release(packs, by=by, at=at)
    kinds = sorted({change.kind for change in changes})
    publish("packs.release.loaded", {"release": release, "place": packs.place, "kinds": kinds}, at=at)
    return LoadReport(release, True, len(packs), tuple(changes))


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOADING])


def _refuse_older(before: PackSet, packs: PackSet) -> None:
    problems = [
        pack.problem(
            "version", f"版本 {pack.version} 低于在用的版本 {old.version}。", "请写更高的 version，或保留旧版本的文件。"
        )
        for old in before
        if (pack := packs.find(old.kind, old.id)) and pack.version < old.version
    ]
    if problems:
        raise PackInvalid("\n".join(sorted(map(str, problems))), hint="旧版本可与新版本并存：各写一份文件。")


def _fingerprint(packs: PackSet) -> str:
    parts = sorted(f"{place} {pack.kind} {pack.id} {pack.version} {pack.hash}" for place, pack in _held(packs))
    return hashlib.sha256("\n".join([packs.place, *(part.lstrip() for part in parts)]).encode()).hexdigest()


def _held(packs: PackSet) -> list[tuple[str, Pack]]:
    """Every content of a release, with the place where it holds (none: wherever no other does)."""
    return [*(("", pack) for pack in packs), *_places.differing(packs)]


def _release(packs: PackSet, *, by: Actor, at: datetime) -> int:
    held = _held(packs)
    PackItem.objects.bulk_create((_item(pack) for _, pack in held), ignore_conflicts=True)
    release = PackRelease.objects.create(place=packs.place, hash=_fingerprint(packs), loaded_at=at, loaded_by=by.name)
    rows = PackItem.objects.filter(hash__in={pack.hash for _, pack in held}).only("kind", "pack_id", "hash")
    ids = {(item.kind, item.pack_id, item.hash): item.id for item in rows}
    PackReleaseItem.objects.bulk_create(
        PackReleaseItem(
            release=release,
            item_id=ids[pack.kind, pack.id, pack.hash],
            place=place,
            layers=[[layer.place, layer.path, layer.line, layer.fields] for layer in pack.layers],
        )
        for place, pack in held
    )
    _store.forget()
    transaction.on_commit(_store.forget)
    return release.id


def _item(pack: Pack) -> PackItem:
    return PackItem(
        kind=pack.kind, pack_id=pack.id, version=pack.version, title=str(pack.title),
        hash=pack.hash, place=pack.place, path=pack.path,
        raw=json.dumps(pack.raw, ensure_ascii=False),
    )  # fmt: skip
