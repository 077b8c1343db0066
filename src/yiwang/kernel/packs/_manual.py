"""The manual that packs make of themselves: the sheets of each kind that has some, and a list of all."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from yiwang.kernel.packs._names import kind_title
from yiwang.kernel.packs._registry import spec_of

if TYPE_CHECKING:
    from yiwang.kernel.packs._packs import Pack, PackSet


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of the manual: its path, its text (Markdown, or SVG for a picture), the title to list it under."""

    path: str
    text: str
    title: str = ""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; empty without rows."""
    lines = ["| " + " | ".join(_cell(each) for each in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + " --- |" * len(head), *lines])


def sheet(title: str, *sections: str) -> str:
    """A Markdown page of a title and the sections that are not empty."""
    return "\n\n".join([f"# {title}", *(part for part in sections if part)]) + "\n"


def section(title: str, *parts: str) -> str:
    """A titled section; empty when there is nothing in it."""
    said = [part for part in parts if part]
    return "\n\n".join([f"## {title}", *said]) if said else ""


def origin(pack: "Pack") -> str:
    """Which files a pack is made of, and what each of them set."""
    if len(pack.layers) < 2:
        return f"来源：`{pack.path}`"
    rows = [(layer.place, f"`{layer.path}`", "、".join(layer.fields) or "全部") for layer in pack.layers]
    return table(("地方", "文件", "写了什么"), rows)


def manual(packs: "PackSet") -> Iterator[Sheet]:
    """Every sheet of a place, and `index.md`."""
    listed: dict[str, list[Sheet]] = {}
    for pack in packs:
        spec = spec_of(pack.kind)
        for each in spec.manual(pack, packs) if spec and spec.manual else ():
            yield each
            if each.title:
                listed.setdefault(pack.kind, []).append(each)
    yield Sheet("index.md", _index(packs.place, listed))


def _index(place: str, listed: dict[str, list[Sheet]]) -> str:
    sections = [
        section(kind_title(kind), "\n".join(f"- [{each.title}]({each.path})" for each in _ordered(sheets)))
        for kind, sheets in sorted(listed.items())
    ]
    return sheet(f"办事手册（{place}）", *sections)


def _ordered(sheets: list[Sheet]) -> list[Sheet]:
    return sorted(sheets, key=lambda each: each.path)


def _cell(value: object) -> str:
    return str(value).replace("\\", "\\\\").replace("|", "\\|").replace("\n", "<br>").strip() or "—"
