"""Packs as this process holds them: the release in force, re-read from the database when a new one appears."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from yiwang.kernel.packs import _reader
from yiwang.kernel.packs.contracts import Pack, PackSet
from yiwang.kernel.packs.kinds import PLACE, PlacePack
from yiwang.kernel.packs.models import PackItem, PackRelease, PackReleaseItem

LOOK_AGAIN_SECONDS = 2.0


@dataclass
class _Held:
    packs: PackSet
    looked_at: float


_held: _Held | None = None
_instead: Callable[[], PackSet] | None = None


def current() -> PackSet:
    """The packs in force; at most one small query every two seconds."""
    global _held
    if _instead is not None:
        return _instead()
    now = time.monotonic()
    if _held is None or now - _held.looked_at > LOOK_AGAIN_SECONDS:
        _held = _Held(_fresh(_held.packs if _held else PackSet([])), now)
    return _held.packs


def forget() -> None:
    """Look into the database again on the next call."""
    global _held
    _held = None


@contextmanager
def using(packs: Callable[[], PackSet] | None) -> Iterator[None]:
    """Take packs from `packs()`, not from the database, inside the block (None: from the database after all)."""
    global _instead
    before, _instead = _instead, packs
    try:
        yield
    finally:
        _instead = before


def stored(kind: str, pack_id: str, **wanted: Any) -> Pack | None:
    """A content of any release, the newest that fits."""
    item = PackItem.objects.filter(kind=kind, pack_id=pack_id, **wanted).order_by("-id").first()
    return _pack(item) if item else None


def released() -> PackSet:
    """The packs of the newest release, straight from the database."""
    return _fresh(PackSet([]))


def _fresh(known: PackSet) -> PackSet:
    release = PackRelease.objects.order_by("-id").values_list("id", "place").first()
    if release is None:
        return PackSet([])
    if release[0] == known.release:
        return known
    same = {(pack.kind, pack.id, pack.hash): pack for pack in known}
    items = PackItem.objects.filter(id__in=_items_of(release[0]))
    packs = [same.get((item.kind, item.pack_id, item.hash)) or _pack(item) for item in items]
    return PackSet(packs, place=release[1], chain=_chain(packs, release[1]), release=release[0])


def _chain(packs: list[Pack], place: str) -> list[str]:
    """The places from the top down to `place`, as their own packs say."""
    under = {pack.id: pack.as_type(PlacePack).under for pack in packs if pack.kind == PLACE}
    chain = [place]
    while above := under.get(chain[0]):
        chain.insert(0, above)
    return chain


def _items_of(release: int) -> Any:
    return PackReleaseItem.objects.filter(release_id=release).values("item_id")


def _pack(item: PackItem) -> Pack:
    raw = json.loads(item.raw)
    body = _reader.build(raw)
    return Pack(item.kind, item.pack_id, item.version, body.title, item.hash, item.place, item.path, body, raw)
