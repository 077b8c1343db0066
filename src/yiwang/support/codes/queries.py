"""Reading: whose codes one may show, scenes, published keys, plates, and who scanned whom."""

from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from yiwang.data.places.contracts import DoorView
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import PartyKind
from yiwang.support.codes import _bearers, _keys, _policy, _rates, _scenes, _showing, _values
from yiwang.support.codes.contracts import BearerView, Holder, KeyUse, KeyView, ScanView, SceneView
from yiwang.support.codes.kinds import SCENE, ScenePack, scenes
from yiwang.support.codes.models import Scan


def rates(*, each: int, rounds: int) -> dict[str, float]:
    """How fast codes are made and checked here, a CPU second, beside the bare signature."""
    return _rates.measured(each=each, rounds=rounds)


def holders_of(by: Actor, *, at: datetime) -> list[Holder]:
    """Whose codes somebody may show: one's own first, then firms."""
    return _showing.holders_of(by, at=at)


def scenes_for(by: Actor) -> list[SceneView]:
    """The scenes in which somebody may scan."""
    return _scenes.open_to(by)


def all_scenes() -> list[SceneView]:
    """Every scene of this place: what people are told beforehand."""
    return [_scenes.view(pack) for pack in scenes()]


def published(*, at: datetime) -> dict[str, Any]:
    """What a gate needs to check codes by itself, and nothing secret."""
    policy = _policy.policy()
    for use in KeyUse:
        _keys.signing(use, at=at)
    return {
        "format": "YW1",
        "lives_seconds": policy.lives_seconds,
        "skew_seconds": policy.skew_seconds,
        "offline_days": policy.offline_days,
        "keys": [_keys.as_jwk(row) for row in _keys.published(at=at)],
    }


def keys(*, at: datetime) -> list[KeyView]:
    signing = {_keys.signing(use, at=at).kid for use in KeyUse}
    return [
        KeyView(row.kid, KeyUse(row.use), row.made_at, row.signs_from, row.kid in signing)
        for row in _keys.published(at=at)
    ]


def scans_of(by: Actor, *, cursor: str | None = None) -> Page[ScanView]:
    """Who scanned one's own code, or the firm's that one acts for, newest first; a constant number of queries.

    A helper sees nothing of the person helped.
    """
    party = people.party(by.acting_for or 0)
    is_others = bool(by.principal_id) and party.kind is PartyKind.PERSON
    rows = Scan.objects.none() if is_others else Scan.objects.filter(subject_key=party.subject_key)
    return keyset(rows, order=("-id",), cursor=cursor, size=20).map(_scan_view)


def bearer_of(scan_id: int, by: Actor, *, at: datetime) -> BearerView:
    """Who showed the code that one scanned in the last half hour in a scene that fills forms; told already, so nothing new is told.

    Raises NoSuchScan, NoSuchScene, HolderGone.
    """
    return _bearers.of_scan(scan_id, by, at=at)


def door_of(text: str, *, at: datetime) -> DoorView:
    """The door of a plate's code. Raises BadText, NoSuchPlate."""
    return _showing.door_of(text, at=at)


def plate_text(door: DoorView, *, at: datetime) -> str:
    """The lasting code that is printed on the plate of a door."""
    return _showing.plate_text(door, at=at)


def _scan_view(row: Scan) -> ScanView:
    pack = packs.find(SCENE, row.scene_id)
    language = get_language()
    return ScanView(
        id=row.pk,
        scene=pack.title.in_language(language) if pack else row.scene_id,
        purpose=pack.as_type(ScenePack).purpose.in_language(language) if pack else "",
        org_id=row.org_id,
        learned=tuple(_values.title_of(name) for name in row.learned),
        is_offline=row.is_offline,
        at=row.at,
        until=row.until,
    )
