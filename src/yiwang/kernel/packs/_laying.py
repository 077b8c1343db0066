"""One overlay over one pack: declared fields are replaced, named lists merged by key, everything else refused."""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from yiwang.kernel.packs.contracts import PackModel, Problem

if TYPE_CHECKING:
    from yiwang.kernel.packs._reader import Draft

Where = tuple[str | int, ...]
Spots = dict[Where, tuple[str, int]]
DROP = "drop"
_HEAD = ("kind", "overlay")


def lay(below: "Draft", draft: "Draft", schema: type[PackModel]) -> "Laying":
    """What comes of `draft` over `below`, or the problems for which nothing does."""
    laying = Laying(draft, schema, deepcopy(below.data), dict(below.lines))
    for name, value in draft.data.items():
        if name not in _HEAD:
            laying.one((name,), laying.data, value)
    return laying


@dataclass
class Laying:
    """The work on one pack: content and lines as they become, and the fields that the overlay set."""

    draft: "Draft"
    schema: type[PackModel]
    data: dict[str, Any]
    lines: Spots
    fields: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def one(self, at: Where, holder: dict[str, Any], value: Any) -> None:
        """One key of the overlay, at its place there and in the pack; `holder` is the mapping it belongs in."""
        declared, name = ".".join(map(str, at)), str(at[-1])
        goes_inside = any(entry.startswith(f"{declared}.") for entry in self.schema.overridable)
        key = self.schema.named_lists.get(declared)
        # Examples always: those of the upper place may no longer hold.
        is_open = declared in self.schema.overridable | {"examples"}
        if key and isinstance(value, list) and (is_open or goes_inside):
            holder[name] = self._merged(at, holder.get(name), value, key, may_add=is_open)
        elif is_open:
            self._put(at, holder, value)
        elif isinstance(value, dict) and goes_inside:
            if not isinstance(holder.get(name), dict):
                holder[name] = {}
            for inner, each in value.items():
                self.one((*at, inner), holder[name], each)
        else:
            self._refuse(at)

    def _put(self, at: Where, holder: dict[str, Any], value: Any) -> None:
        holder[str(at[-1])] = value
        _cut(self.lines, at)
        _graft(self.lines, at, _cut(dict(self.draft.lines), at))
        self.fields.append(".".join(map(str, at)))

    def _refuse(self, at: Where) -> None:
        may = "、".join(sorted(self.schema.overridable)) or "没有字段"
        self._wrong(at, "上级不许改这个字段。", f"请删去；这类包可改的是：{may}。")

    def _wrong(self, at: Where, what: str, remedy: str) -> None:
        self.problems.append(self.draft.problem(at, what, remedy))

    def _merged(self, at: Where, before: Any, over: list[Any], key: str, *, may_add: bool) -> list[Any]:
        """The upper place's items, each as the overlay leaves it, then the overlay's own."""
        old = before if isinstance(before, list) else []
        items = [_Item(item, _cut(self.lines, (*at, n))) for n, item in enumerate(old)]
        by_key = {str(item.data.get(key)): item for item in items if isinstance(item.data, dict)}
        seen: set[str] = set()
        for n, each in enumerate(over):
            name = each.get(key) if isinstance(each, dict) else None
            if not isinstance(name, str | int) or isinstance(name, bool) or name == "":
                self._wrong((*at, n), f"这一项没有写 {key}。", f"请写 {key}，指明改哪一项。")
            elif str(name) in seen:
                self._wrong((*at, n, key), f"“{name}”写了两次。", "请合并成一项。")
            else:
                seen.add(str(name))
                self._item((*at, n), items, by_key.get(str(name)), each, key, may_add=may_add)
        for n, item in enumerate(items):
            _graft(self.lines, (*at, n), item.lines)
        return [item.data for item in items]

    def _item(
        self, at: Where, items: "list[_Item]", old: "_Item | None", over: dict[str, Any], key: str, *, may_add: bool
    ) -> None:
        path = ".".join(map(str, at[:-1]))
        name = f"{path}.{over[key]}"
        if DROP in over:
            self._drop(at, items, old, over, name, may_add=may_add)
        elif old is not None:
            for inner, value in over.items():
                if inner == key:
                    continue
                if not may_add and f"{path}.{inner}" not in self.schema.overridable:
                    self._refuse((*at, inner))
                    continue
                old.data = {**old.data, inner: value}
                _cut(old.lines, (inner,))
                _graft(old.lines, (inner,), _cut(dict(self.draft.lines), (*at, inner)))
                self.fields.append(f"{name}.{inner}")
        elif may_add:
            items.append(_Item(over, _cut(dict(self.draft.lines), at)))
            self.fields.append(name)
        else:
            self._wrong((*at, key), f"上级没有“{over[key]}”，这里只能改已有的。", "请核对名称。")

    def _drop(
        self, at: Where, items: "list[_Item]", old: "_Item | None", over: dict[str, Any], name: str, *, may_add: bool
    ) -> None:
        if over[DROP] is not True or len(over) > 2:
            self._wrong((*at, DROP), "去掉一项时只写它的名称和 drop: true。", "请删去其余字段，或删去 drop。")
        elif not may_add:
            self._refuse((*at, DROP))
        elif old is None:
            self._wrong(at, "上级没有这一项，不用去掉。", "请核对名称，或删去这一项。")
        else:
            items.remove(old)
            self.fields.append(f"-{name}")


@dataclass(eq=False)
class _Item:
    data: Any
    lines: Spots


def _cut(lines: Spots, where: Where) -> Spots:
    """Takes out the lines at and under `where`; their places become relative to it."""
    size = len(where)
    inside = [spot for spot in lines if spot[:size] == where]
    return {spot[size:]: lines.pop(spot) for spot in inside}


def _graft(lines: Spots, where: Where, part: Spots) -> None:
    lines.update({(*where, *spot): line for spot, line in part.items()})
