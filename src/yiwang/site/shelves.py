"""Addresses on shelves by their first word: a request is tried against the few that begin as it does, and not against all."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from django.urls import Resolver404, ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

Entry = URLPattern | URLResolver


def shelved(
    route: str, entries: Sequence[Entry], *, app_name: str | None = None, namespace: str | None = None
) -> Entry:
    """What `include` makes of these entries below `route`, found sooner; the first that fits answers, as always."""
    return Shelves(RoutePattern(route), list(entries), None, app_name, namespace)


class Shelves(URLResolver):
    def resolve(self, path: str) -> ResolverMatch:
        """As Django does, among those whose first word fits. Raises Resolver404."""
        found = self.pattern.match(str(path))
        if not found:
            raise Resolver404({"path": path})
        return self._shelf.get(_first_word(found[0]), self._others).resolve(path)

    @cached_property
    def _shelf(self) -> dict[str, URLResolver]:
        words = {word for word, _ in self._entries if word is not None}
        return {word: self._of(word) for word in words}

    @cached_property
    def _others(self) -> URLResolver:
        return self._of("")

    def _of(self, asked: str) -> URLResolver:
        """A resolver of those that an address with this first word may mean, in their order."""
        fitting = [entry for word, entry in self._entries if word in (None, asked)]
        return URLResolver(self.pattern, fitting, self.default_kwargs, self.app_name, self.namespace)

    @cached_property
    def _entries(self) -> list[tuple[str | None, Entry]]:
        return [(_word_of(entry), entry) for entry in _flat(self.url_patterns)]


def _flat(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Entries in the place of what only includes them."""
    for entry in entries:
        if isinstance(entry, URLResolver) and _only_includes(entry):
            yield from _flat(entry.url_patterns)
        else:
            yield entry


def _only_includes(entry: URLResolver) -> bool:
    is_plain = type(entry) is URLResolver and _route(entry) == ""
    return is_plain and not (entry.namespace or entry.app_name or entry.default_kwargs)


def _word_of(entry: Entry) -> str | None:
    """The word that every address of the entry begins with; None where that cannot be told."""
    route = _route(entry)
    if route is None:
        return None
    word, slash, _ = route.partition("/")
    is_whole = slash or isinstance(entry, URLPattern)
    return word if is_whole and "<" not in word else None


def _route(entry: Entry) -> str | None:
    return str(entry.pattern) if isinstance(entry.pattern, RoutePattern) else None


def _first_word(path: str) -> str:
    return path.partition("/")[0]
