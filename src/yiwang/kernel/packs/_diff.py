"""Says in plain words what changes between two sets of packs."""

from collections.abc import Iterator
from typing import Any

from yiwang.kernel.packs.contracts import Change, Pack, PackSet

_WORDS_MAX = 40


def changes(before: PackSet, after: PackSet) -> list[Change]:
    """What is new, changed and gone, in the order of kind, id and version."""
    old = {(pack.kind, pack.id, pack.version): pack for pack in before}
    new = {(pack.kind, pack.id, pack.version): pack for pack in after}
    found: list[Change] = []
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            found.append(_change("+", new[key]))
        elif key not in new:
            found.append(_change("-", old[key]))
        elif old[key].hash != new[key].hash:
            words = tuple(_differences(_content(old[key]), _content(new[key]), ""))
            found.append(_change("~", new[key], words[:_WORDS_MAX]))
    return found


def _change(sign: Any, pack: Pack, words: tuple[str, ...] = ()) -> Change:
    return Change(sign, pack.kind, pack.id, pack.version, str(pack.title), words)


def _content(pack: Pack) -> dict[str, Any]:
    return {name: value for name, value in pack.raw.items() if name != "examples"}


def _differences(old: Any, new: Any, where: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            yield from _one(old.get(name, _NOTHING), new.get(name, _NOTHING), f"{where}.{name}".lstrip("."))
        if list(old) != list(new) and sorted(old) == sorted(new):
            yield f"{where or '字段'}: 次序有变"
    elif isinstance(old, list) and isinstance(new, list):
        yield from _lists(old, new, where)
    elif old != new:
        yield f"{where}: {_shown(old)} → {_shown(new)}"


_NOTHING: Any = object()


def _one(old: Any, new: Any, where: str) -> Iterator[str]:
    if old is _NOTHING:
        yield f"{where}: 加上 {_shown(new)}"
    elif new is _NOTHING:
        yield f"{where}: 去掉 {_shown(old)}"
    else:
        yield from _differences(old, new, where)


def _lists(old: list[Any], new: list[Any], where: str) -> Iterator[str]:
    named_old, named_new = _named(old), _named(new)
    if named_old is not None and named_new is not None:
        yield from _differences(named_old, named_new, where)
        return
    for item in old:
        if item not in new:
            yield f"{where}: 去掉 {_shown(item)}"
    for item in new:
        if item not in old:
            yield f"{where}: 加上 {_shown(item)}"
    if old != new and all(item in new for item in old) and all(item in old for item in new):
        yield f"{where}: 次序有变"


def _named(items: list[Any]) -> dict[str, Any] | None:
    """Items by what names them, so that an insertion does not look as if everything changed."""
    for label in ("id", "code", "name", "element", "slot"):
        names = [str(item[label]) for item in items if isinstance(item, dict) and label in item]
        if items and len(names) == len(items) == len(set(names)):
            return dict(zip(names, items, strict=True))
    return None


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        named = next((value[label] for label in ("title", "name", "id", "code") if label in value), None)
        return _shown(named) if named is not None else f"{len(value)} 项"
    if isinstance(value, list):
        return "、".join(map(_shown, value)) if len(value) <= 5 else f"{len(value)} 项"
    text = (
        {True: "true", False: "false", None: "（空）"}.get(value, str(value))
        if value is None or isinstance(value, bool)
        else str(value)
    )
    return text if len(text) <= 60 else f"{text[:60]}…"
