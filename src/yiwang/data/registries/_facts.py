"""The registries as sources of facts for forms and rules, as their packs say. They look; who asks discloses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.utils import timezone

from yiwang.data.registries import _files, _own, queries
from yiwang.data.registries._files import Held
from yiwang.data.registries.kinds import AnswerPart, KeptRegistry
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.forms.contracts import Fact, RegisteredSource, Subject, register_fact_sources
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet

Found = dict[str, Fact]


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What one registry holds of a subject, by elements."""

    registry: str
    body: KeptRegistry

    def facts(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Mapping[str, Fact]:
        """What has one answer. Where several records are in force none of them is the answer; `lists` has them all."""
        found: Found = {}
        for part in self.body.answers:
            records = self._records(part, subject, elements, at)
            if len(records) == 1:
                found |= records[0]
        return found

    def lists(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Sequence[Mapping[str, Fact]]:
        return [record for part in self.body.answers for record in self._records(part, subject, elements, at)]

    def _records(self, part: AnswerPart, subject: Subject, elements: set[str], at: datetime) -> list[Found]:
        columns = {name: element for name, element in self.body.answered(part).items() if element in elements}
        named = {name: element for name, element in part.names.items() if element in elements}
        if not (columns or named) or not self._may_hold(subject):
            return []
        held = [each for each in self._held(part, sealed_index(subject.id_number)) if part.unless not in each.values]
        names = self._names(held, named)
        return [self._told(each, columns, named, names, at) for each in held]

    def _may_hold(self, subject: Subject) -> bool:
        return self.body.of not in ("person", "firm") or self.body.of == subject.kind

    def _held(self, part: AnswerPart, key: str) -> list[Held]:
        if part.through:
            return _files.named_by(part.through, key, self.registry)
        if part.of == self.body.key:
            return _files.many(self.registry, [key])
        return [each for each in _files.linked(self.registry, key) if self._named(each, part.of) == key]

    def _named(self, held: Held, column: str | None) -> str:
        """The key of the one whom a column names."""
        return held.links[self.body.links.index(column)] if column and held.links else ""

    def _names(self, held: Iterable[Held], columns: Iterable[str]) -> dict[str, str]:
        """What the persons are called whom these columns name; one query."""
        keys = {self._named(each, column) for each in held for column in columns} - {""}
        return {each.key: each.values.get("name", "") for each in _files.many(_own.POPULATION, keys)}

    def _told(
        self,
        held: Held,
        columns: Mapping[str, str],
        named: Mapping[str, str],
        names: Mapping[str, str],
        at: datetime,
    ) -> Found:
        values = {element: held.values.get(column, "") for column, element in columns.items()}
        values |= {element: names.get(self._named(held, column), "") for column, element in named.items()}
        # A register of the house itself is right now, another when it was read.
        known_on = timezone.localdate(at if held.is_direct else held.fresh_at or at)
        return {element: Fact(value, self.registry, known_on) for element, value in values.items() if value}


def register() -> None:
    register_fact_sources(lambda: _sources(packs.current()))


@lru_cache(maxsize=4)
def _sources(in_force: PackSet) -> tuple[RegisteredSource, ...]:
    return tuple(_source(pack) for pack in queries.packs_kept() if pack.as_type(KeptRegistry).answers)


def _source(pack: Pack) -> RegisteredSource:
    body = pack.as_type(KeptRegistry)
    elements = {element for part in body.answers for element in (*body.answered(part).values(), *part.names.values())}
    return RegisteredSource(pack.id, body.answers_as or body.title, frozenset(elements), RegistryFacts(pack.id, body))
