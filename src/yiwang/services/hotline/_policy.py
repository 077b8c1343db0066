"""The packs of the hotline, read once for each set of packs: its rules, its tree of categories, its catalogue, its answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from yiwang.kernel.base.text import bigrams
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import PackSet, Text
from yiwang.services.hotline.contracts import BadTicket
from yiwang.services.hotline.kinds import (
    ANSWER,
    CATALOGUE,
    CATEGORIES,
    POLICY,
    CategoryTree,
    DispatchCatalogue,
    Entry,
    HotlineAnswer,
    TicketPolicy,
    every,
)

LINE = " › "


@dataclass(frozen=True, slots=True)
class Node:
    code: str
    name: Text
    words: tuple[str, ...]
    above: str

    @property
    def level(self) -> int:
        return len(self.code) // 2


@dataclass(frozen=True)
class Tree:
    """All categories by code, in order of code."""

    nodes: Mapping[str, Node]

    def name(self, code: str, language: str = "zh") -> str:
        node = self.nodes.get(code)
        return node.name.in_language(language) if node else ""

    def line(self, code: str, language: str = "zh") -> str:
        """城市管理 › 市政设施 › 路灯照明."""
        above = (code[:end] for end in range(2, len(code) + 1, 2))
        return LINE.join(self.name(one, language) for one in above if one in self.nodes)

    def children(self, code: str = "") -> list[Node]:
        return [node for node in self.nodes.values() if node.above == code]

    def leaves(self) -> list[Node]:
        inner = {node.above for node in self.nodes.values()}
        return [node for node in self.nodes.values() if node.code not in inner]

    def meant(self, label: str) -> list[Node]:
        """The categories that a label of another list means: by code, by name, or by its name among a branch's words."""
        if label in self.nodes:
            return [self.nodes[label]]
        return self._named.get(label) or self._branches.get(label, [])

    def said(self, text: str) -> list[tuple[Node, list[str]]]:
        """Leaves whose words stand in the text, with those words; who has the most first."""
        openings = {text[at : at + 2] for at in range(len(text) - 1)} | set(text)
        beginning = [leaf for opening in openings & self._openings.keys() for leaf in self._openings[opening]]
        found = [(leaf, [word for word in leaf.words if word in text]) for leaf in set(beginning)]
        return sorted(
            (one for one in found if one[1]), key=lambda one: (-sum(len(word) for word in one[1]), one[0].code)
        )

    @cached_property
    def _named(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(node.name.zh, []).append(node)
        return found

    @cached_property
    def _branches(self) -> Mapping[str, list[Node]]:
        """Nodes that have others below them, by their words."""
        inner = {node.above for node in self.nodes.values()}
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            for word in dict.fromkeys(node.words) if node.code in inner else ():
                found.setdefault(word, []).append(node)
        return found

    @cached_property
    def _openings(self) -> Mapping[str, list[Node]]:
        """Leaves by the first two signs of their words: few of them begin in any one text."""
        found: dict[str, list[Node]] = {}
        for leaf in self.leaves():
            for word in leaf.words:
                found.setdefault(word[:2], []).append(leaf)
        return found


def policy() -> TicketPolicy:
    """Raises BadTicket where the place has no hotline."""
    found = packs.all_of(POLICY)
    if not found:
        raise BadTicket("这里没有开通热线。", hint="请拨打当地12345。")
    return found[-1].as_type(TicketPolicy)


def tree() -> Tree:
    return _tree(packs.current())


def entries() -> tuple[Mapping[tuple[str, str | None], Entry], str]:
    """The catalogue by topic and place, and which kind of office has what no entry names."""
    return _entries(packs.current())


def answers() -> tuple[tuple[str, HotlineAnswer, frozenset[str]], ...]:
    """Id, answer, and the two-sign pieces of how people ask for it."""
    return _answers(packs.current())


@lru_cache(maxsize=2)
def _tree(in_force: PackSet) -> Tree:
    found = [
        Node(code, name, words, above)
        for pack in in_force.all_of(CATEGORIES)
        for code, name, words, above in every(pack.as_type(CategoryTree))
    ]
    return Tree({node.code: node for node in sorted(found, key=lambda node: node.code)})


@lru_cache(maxsize=2)
def _entries(in_force: PackSet) -> tuple[Mapping[tuple[str, str | None], Entry], str]:
    bodies = [pack.as_type(DispatchCatalogue) for pack in in_force.all_of(CATALOGUE)]
    otherwise = bodies[-1].otherwise if bodies else ""
    return {(entry.topic, entry.place): entry for body in bodies for entry in body.entries}, otherwise


@lru_cache(maxsize=2)
def _answers(in_force: PackSet) -> tuple[tuple[str, HotlineAnswer, frozenset[str]], ...]:
    bodies = [pack.as_type(HotlineAnswer) for pack in in_force.all_of(ANSWER)]
    return tuple((body.id, body, frozenset(bigrams(" ".join([body.title.zh, *body.asks])))) for body in bodies)
