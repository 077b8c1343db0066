"""Packs as this process holds them: the release in force, re-read from the database when a new one appears."""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery
from pydantic import ValidationError

from yiwang.kernel.base.contracts import PackInvalid
from yiwang.kernel.packs import _places, _reader
from yiwang.kernel.packs.contracts import Layer, Pack, PackModel, PackSet, ReleaseView, Text
from yiwang.kernel.packs.kinds import PLACE, PlacePack
from yiwang.kernel.packs.models import PackItem, PackRelease, PackReleaseItem

LOOK_AGAIN_SECONDS = 2.0
_log = logging.getLogger(__name__)


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


def look_again() -> None:
    """Look for a newer release on the next call: for what writes down what packs say, which two seconds may not make older."""
    if _held is not None:
        _held.looked_at = float("-inf")


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
    """A content of any release, the newest that fits. Raises PackInvalid if this version of Yiwang cannot read it."""
    item = PackItem.objects.filter(kind=kind, pack_id=pack_id, **wanted).order_by("-id").first()
    if item is None:
        return None
    pack = _typed(item)
    if pack is None:
        raise PackInvalid(
            f"{item.path}: 这一版本读不懂已存的{kind}“{pack_id}”。", hint="请用写它时的版本，或联系开发者。"
        )
    return pack


def latest() -> PackSet:
    """The packs of the newest release, straight from the database."""
    return _fresh(PackSet([]))


def recorded(number: int | None = None) -> PackSet:
    """A release (the newest) for comparison only: content as recorded, bodies untyped, so that none is too old to compare."""
    release = _release(number)
    return _held_in(release, _untyped) if release else PackSet([])


def releases() -> QuerySet[PackRelease]:
    """Every release with how many contents it holds in general."""
    held = PackReleaseItem.objects.filter(release=OuterRef("pk"), place="").order_by().values("release")
    return PackRelease.objects.annotate(packs=Subquery(held.annotate(n=Count("id")).values("n")))


def loaded_at(wanted: Iterable[Pack]) -> dict[tuple[str, str, str], datetime]:
    """When each content first came into force."""
    hashes = {pack.hash for pack in wanted}
    rows = PackReleaseItem.objects.filter(item__hash__in=hashes).values_list(
        "item__kind", "item__pack_id", "item__hash"
    )
    return {(kind, pack_id, found): at for kind, pack_id, found, at in rows.annotate(at=Min("release__loaded_at"))}


def release_view(row: PackRelease) -> ReleaseView:
    return ReleaseView(row.id, row.place, row.hash, row.loaded_at, row.loaded_by, int(getattr(row, "packs", 0) or 0))


def _release(number: int | None = None) -> PackRelease | None:
    rows = PackRelease.objects.order_by("-id")
    return rows.first() if number is None else rows.filter(pk=number).first()


def _fresh(known: PackSet) -> PackSet:
    release = _release()
    if release is None:
        return PackSet([])
    if release.id == known.release:
        return known
    same = {(pack.kind, pack.id, pack.hash): pack for pack in known}
    return _held_in(release, lambda item: same.get((item.kind, item.pack_id, item.hash)) or _typed(item))


def _held_in(release: PackRelease, made: Callable[[PackItem], Pack | None]) -> PackSet:
    packs: list[Pack] = []
    otherwise: dict[str, list[Pack]] = {}
    for row in PackReleaseItem.objects.filter(release=release).select_related("item").order_by("id"):
        pack = made(row.item)
        if pack is not None:
            layers = tuple(Layer(place, path, line, tuple(fields)) for place, path, line, fields in row.layers)
            last = layers[-1] if layers else Layer(pack.place, pack.path)
            pack = replace(pack, layers=layers, place=last.place, path=last.path)
            (otherwise.setdefault(row.place, []) if row.place else packs).append(pack)
    return _places.split(packs, otherwise, release.place, release.id)


def _typed(item: PackItem) -> Pack | None:
    """None for what an older or newer Yiwang wrote and this one cannot read, until packs are loaded again."""
    raw = json.loads(item.raw)
    try:
        body = _reader.build(raw)
    except (LookupError, ValidationError):
        _log.warning(
            "a pack in force cannot be read; run yiwang packs load", extra={"kind": item.kind, "pack": item.pack_id}
        )
        return None
    return _made(item, raw, body)


def _untyped(item: PackItem) -> Pack:
    head: dict[str, Any] = {"kind": item.kind, "id": item.pack_id, "version": item.version, "title": Text(item.title)}
    raw = json.loads(item.raw)
    # A place's own words are needed to tell which sets the release holds.
    schema = PlacePack if item.kind == PLACE else PackModel
    body = schema.model_construct(
        **head, **{name: raw.get(name) for name in ("under", "region") if schema is PlacePack}
    )
    return _made(item, raw, body)


def _made(item: PackItem, raw: dict[str, Any], body: PackModel) -> Pack:
    return Pack(item.kind, item.pack_id, item.version, body.title, item.hash, item.place, item.path, body, raw)
