"""Lays a lower place's overlays over the packs of upper places: declared fields only, with the lines of both files."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from yiwang.kernel.packs.contracts import Problem, spec_of

if TYPE_CHECKING:
    from yiwang.kernel.packs._reader import Draft

_Where = tuple[str | int, ...]
_HEAD = ("kind", "overlay")


def merge(
    drafts: "Sequence[Draft]", chain: list[str], problems: list[Problem], is_sound: "Callable[[Draft], bool]"
) -> "list[Draft]":
    """The drafts as they stand in the lowest place of `chain`; `drafts` come from the top place down.

    What lies over a pack that is not sound itself is left out: its own file is where to look.
    """
    standing: dict[tuple[Any, Any, Any], Draft] = {}
    for place in chain:
        mine = [draft for draft in drafts if draft.place == place]
        for draft in mine:
            if "overlay" not in draft.data:
                _stand(draft, standing, problems)
        for draft in mine:
            if "overlay" in draft.data:
                _lay(draft, standing, problems, is_sound)
    return list(standing.values())


def _stand(draft: "Draft", standing: "dict[tuple[Any, Any, Any], Draft]", problems: list[Problem]) -> None:
    key = _key(draft)
    first = standing.get(key)
    if first is None:
        standing[key] = draft
        return
    remedy = f"要改上级的包，请把 id 换成 overlay: {key[1]}，只写要改的字段。"
    if first.place == draft.place:
        remedy = "请改一处的 id，或在新的一份上写更高的 version。"
    spot = first.lines.get(("id",), (first.path, 1))
    problems.append(draft.problem(("id",), f"{key[0]} {key[1]}@{key[2]} 已在 {spot[0]}:{spot[1]} 写过。", remedy))


def _key(draft: "Draft") -> tuple[Any, Any, Any]:
    # Not yet checked against a schema, so anything may stand here: only plain values can be a key.
    parts = (draft.data.get("kind"), draft.data.get("id"), draft.data.get("version", 1))
    kind, pack_id, version = (str(part) if isinstance(part, list | dict) else part for part in parts)
    return (kind, pack_id, version) if pack_id is not None else (kind, draft.path, next(iter(draft.lines.values())))


def _lay(
    draft: "Draft",
    standing: "dict[tuple[Any, Any, Any], Draft]",
    problems: list[Problem],
    is_sound: "Callable[[Draft], bool]",
) -> None:
    target = _target(draft, standing)
    spec = spec_of(str(draft.data.get("kind")))
    if target is None and problems:
        return  # most likely the very pack that could not be read
    if target is None or spec is None:
        what = f"上级没有 {draft.data.get('kind')} {draft.data['overlay']}。"
        problems.append(draft.problem(("overlay",), what, "请核对 kind 和 id（可带 @版本）。"))
        return
    if standing[target].place == draft.place:
        problems.append(draft.problem(("overlay",), "这个包就在本地方。", "请直接改那个文件。"))
        return
    leaves = _leaves(draft.data, spec.schema.overridable)
    wrong = [problem for where in leaves if (problem := _refused(draft, where, spec.schema.overridable))]
    problems.extend(wrong)
    if not wrong and is_sound(standing[target]):
        standing[target] = _over(standing[target], draft, leaves)


def _target(draft: "Draft", standing: "dict[tuple[Any, Any, Any], Draft]") -> tuple[Any, Any, Any] | None:
    name, _, version = str(draft.data["overlay"]).partition("@")
    found = [
        key for key in standing
        if key[:2] == (draft.data.get("kind"), name) and (not version or str(key[2]) == version)
    ]  # fmt: skip
    return max(found, key=lambda key: key[2] if isinstance(key[2], int) else 0, default=None)


def _leaves(data: dict[str, Any], allowed: frozenset[str], above: tuple[str, ...] = ()) -> list[_Where]:
    """The fields an overlay changes; goes into a mapping only where its parts, not the whole, may be changed."""
    leaves: list[_Where] = []
    for name, value in data.items():
        where = (*above, name)
        inside = ".".join(where) + "."
        if not above and name in _HEAD:
            continue
        if isinstance(value, dict) and any(entry.startswith(inside) for entry in allowed):
            leaves += _leaves(value, allowed, where)
        else:
            leaves.append(where)
    return leaves


def _refused(draft: "Draft", where: _Where, allowed: frozenset[str]) -> Problem | None:
    # Examples always: those of the upper place may no longer hold.
    if ".".join(map(str, where)) in allowed | {"examples"}:
        return None
    may = "、".join(sorted(allowed)) or "没有字段"
    return draft.problem(where, "上级不许改这个字段。", f"请删去；这类包可改的是：{may}。")


def _over(below: "Draft", draft: "Draft", leaves: list[_Where]) -> "Draft":
    data, lines = deepcopy(below.data), dict(below.lines)
    for where in leaves:
        _put(data, where, draft.data)
        lines = {spot: line for spot, line in lines.items() if spot[: len(where)] != where}
        lines |= {spot: line for spot, line in draft.lines.items() if spot[: len(where)] == where}
    return type(below)(draft.place, draft.path, data, lines)


def _put(data: dict[str, Any], where: _Where, source: dict[str, Any]) -> None:
    *above, last = where
    for part in above:
        source = source[str(part)]
        if not isinstance(data.get(str(part)), dict):
            data[str(part)] = {}
        data = data[str(part)]
    data[str(last)] = source[str(last)]
