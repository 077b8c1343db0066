"""Everything that codes do: show one, scan one, take in what gates scanned, roll keys, forget the log."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.support.codes import _keys, _scanning, _showing
from yiwang.support.codes.contracts import Holder, KeyUse, KeyView, OfflineScan, Outcome, Seen, Shown
from yiwang.support.codes.models import CodeKey


def show(*, subject: Holder, level: int = 1, by: Actor, at: datetime) -> Shown:
    """A fresh code of oneself, or of the firm of a mandate; `level` is how sure it is who sits there. Nothing is kept of it. Raises NoCode."""
    return _showing.shown(subject, by, level, at=at)


@transaction.atomic
def scan(*, text: str, scene_id: str, by: Actor, at: datetime) -> Seen:
    """Read a code that somebody shows; tells what the scene declares, and writes it down for the holder.

    Raises NoSuchScene, NotYourScene, NotPermitted, TooLong, NotACode, UnknownKey, Forged, Expired, NotYet, WrongHolder,
    HolderGone, LevelTooLow, Replayed.
    """
    return _scanning.scan(text, scene_id, by, at=at)


@transaction.atomic
def take_scans(*, scene_id: str, scans: Sequence[OfflineScan], by: Actor, at: datetime) -> list[Outcome]:
    """Scans that a gate made without a network, each once by its own number; every one has its own outcome.

    Raises NoSuchScene, NotYourScene, NotPermitted, BadBatch.
    """
    return _scanning.take(scene_id, scans, by, at=at)


@transaction.atomic
def roll_keys(*, use: KeyUse = KeyUse.SHOWING, at_once: bool = False, by: Actor, at: datetime) -> KeyView:
    """Draw a new key; it signs when gates have seen it, or at once where the old one leaked.

    Codes on screens: the old key is refused from then on. Plates: it stays good unless it leaked.
    """
    signs_from = at if at_once else at + _keys.SEEN_AFTER
    if use is KeyUse.SHOWING or at_once:
        ends = signs_from + (timedelta() if at_once else _keys.KEPT)
        CodeKey.objects.filter(use=use.value, retired_at=None).update(retired_at=ends)
    row = _keys.make(use, signs_from=signs_from, at=at)
    audit.record("codes.key.drawn", target=f"code-key:{row.kid}", by=by, at=at, detail={"use": use.value})
    return KeyView(row.kid, use, at, signs_from, signs_from <= at)
