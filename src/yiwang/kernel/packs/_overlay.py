"""Lays a lower place's overlays over the packs of upper places, and keeps which file set what."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from yiwang.kernel.packs._laying import lay
from yiwang.kernel.packs.contracts import Layer, Problem, spec_of

if TYPE_CHECKING:
    from yiwang.kernel.packs._reader import Draft

_Key = tuple[Any, Any, Any]


def merge(
    drafts: "Sequence[Draft]", chain: list[str], problems: list[Problem], is_sound: "Callable[[Draft], bool]"
) -> "list[Draft]":
    """The drafts as they stand in the lowest place of `chain`; `drafts` come from the top place down.

    What lies over a pack that is not sound itself is left out: its own file is where to look.
    """
    standing: dict[_Key, Draft] = {}
    for place in chain:
        mine = [draft for draft in drafts if draft.place == place]
        for draft in mine:
            if "overlay" not in draft.data:
                _stand(draft, standing, problems)
        for draft in mine:
            if "overlay" in draft.data:
                _lay(draft, standing, problems, is_sound)
    return list(standing.values())


def _stand(draft: "Draft", standing: "dict[_Key, Draft]", problems: list[Problem]) -> None:
    key = _key(draft)
    first = standing.get(key)
    if first is None:
        line = next(iter(draft.lines.values()), (draft.path, 1))[1]
        standing[key] = replace(draft, layers=(Layer(draft.place, draft.path, line),))
        return
    remedy = f"要改上级的包，请把 id 换成 overlay: {key[1]}，只写要改的字段。"
    if first.place == draft.place:
        remedy = "请改一处的 id，或在新的一份上写更高的 version。"
    spot = first.lines.get(("id",), (first.path, 1))
    problems.append(draft.problem(("id",), f"{key[0]} {key[1]}@{key[2]} 已在 {spot[0]}:{spot[1]} 写过。", remedy))


def _key(draft: "Draft") -> _Key:
    # Not yet checked against a schema, so anything may stand here: only plain values can be a key.
    parts = (draft.data.get("kind"), draft.data.get("id"), draft.data.get("version", 1))
    kind, pack_id, version = (str(part) if isinstance(part, list | dict) else part for part in parts)
    return (kind, pack_id, version) if pack_id is not None else (kind, draft.path, next(iter(draft.lines.values())))


def _lay(
    draft: "Draft", standing: "dict[_Key, Draft]", problems: list[Problem], is_sound: "Callable[[Draft], bool]"
) -> None:
    target = _target(draft, standing)
    spec = spec_of(str(draft.data.get("kind")))
    if target is None and problems:
        return  # most likely the very pack that could not be read
    if target is None or spec is None:
        what = f"上级没有 {draft.data.get('kind')} {draft.data['overlay']}。"
        ids = [str(key[1]) for key in standing if key[0] == draft.data.get("kind")]
        near = get_close_matches(str(draft.data["overlay"]), ids, n=1, cutoff=0.75)
        remedy = f"是不是想写“{near[0]}”？" if near else "请核对 kind 和 id（可带 @版本）。"
        problems.append(draft.problem(("overlay",), what, remedy))
        return
    below = standing[target]
    if below.place == draft.place:
        remedy = "请直接改那个文件。" if len(below.layers) == 1 else "同一个包的改动请写在一处。"
        problems.append(draft.problem(("overlay",), "这个包就在本地方。", remedy))
        return
    laid = lay(below, draft, spec.schema)
    problems.extend(laid.problems)
    if not laid.problems and is_sound(below):
        standing[target] = _over(below, draft, laid.data, laid.lines, tuple(laid.fields))


def _over(below: "Draft", draft: "Draft", data: dict[str, Any], lines: Any, fields: tuple[str, ...]) -> "Draft":
    line = draft.lines.get(("overlay",), (draft.path, 1))[1]
    layer = Layer(draft.place, draft.path, line, fields)
    return replace(draft, data=data, lines=lines, layers=(*below.layers, layer))


def _target(draft: "Draft", standing: "dict[_Key, Draft]") -> _Key | None:
    name, _, version = str(draft.data["overlay"]).partition("@")
    found = [
        key for key in standing
        if key[:2] == (draft.data.get("kind"), name) and (not version or str(key[2]) == version)
    ]  # fmt: skip
    return max(found, key=lambda key: key[2] if isinstance(key[2], int) else 0, default=None)
