"""What changes between two sets of packs, pack by pack; the words are `_plain`'s."""

from collections.abc import Iterable, Iterator
from typing import Any

from yiwang.kernel.packs import _plain
from yiwang.kernel.packs._names import kind_title
from yiwang.kernel.packs._places import differing
from yiwang.kernel.packs.contracts import Change, Pack, PackSet

_DETAILS_MAX = 40
_Key = tuple[str, str, int]


def changes(before: PackSet, after: PackSet) -> list[Change]:
    """What is new, changed and gone, in the order of kind, id and version; then what only some places read otherwise."""
    found = list(_between(_by_key(before), _by_key(after), ""))
    places = sorted({each.place for packs in (before, after) for each in packs.places()} - {after.place})
    for place in places:
        old, new = _otherwise(before, place), _otherwise(after, place)
        # Where a place begins or ceases to differ, it is compared with what everybody reads.
        for key in old.keys() | new.keys():
            old.setdefault(key, _by_key(before).get(key) or new[key])
            new.setdefault(key, _by_key(after).get(key) or old[key])
        found += _between(old, new, place)
    return found


def _between(old: dict[_Key, Pack], new: dict[_Key, Pack], place: str) -> Iterator[Change]:
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield _change("+", new[key], place)
        elif key not in new:
            yield _change("-", old[key], place)
        elif old[key].hash != new[key].hash:
            yield _changed(old[key], new[key], place)


def _changed(old: Pack, new: Pack, place: str) -> Change:
    found = list(_plain.differences(new.kind, _content(old), _content(new), new.set_by))
    change = _change("~", new, place)
    return Change(
        change.sign, change.kind, change.id, change.version, change.title, change.kind_title, place,
        tuple(found[:_DETAILS_MAX]), max(0, len(found) - _DETAILS_MAX),
    )  # fmt: skip


def _change(sign: Any, pack: Pack, place: str) -> Change:
    return Change(sign, pack.kind, pack.id, pack.version, str(pack.title), kind_title(pack.kind), place)


def _by_key(packs: Iterable[Pack]) -> dict[_Key, Pack]:
    return {(pack.kind, pack.id, pack.version): pack for pack in packs}


def _otherwise(packs: PackSet, place: str) -> dict[_Key, Pack]:
    return _by_key(pack for at, pack in differing(packs) if at == place)


def _content(pack: Pack) -> dict[str, Any]:
    return {name: value for name, value in pack.raw.items() if name != "examples"}
