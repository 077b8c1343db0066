"""Addresses on shelves by their first two words: a request is tried against the few that begin as it does, and not against all."""

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
        """As Django does, among those whose first two words fit. Raises Resolver404."""
        found = self.pattern.match(str(path))
        if not found:
            raise Resolver404({"path": path})
        first, second = _words(found[0])
        shelf = self._shelves.get(first) or self._shelves[None]
        return (shelf.get(second) or shelf[None]).resolve(path)

    @cached_property
    def _shelves(self) -> dict[str | None, dict[str | None, URLResolver]]:
        """By first and by second word; under None what other words may mean."""
        firsts = {None, *(first for (first, _), _ in self._entries)}
        return {first: self._shelf(first) for first in firsts}

    def _shelf(self, asked: str | None) -> dict[str | None, URLResolver]:
        fitting = [(second, entry) for (first, second), entry in self._entries if first in (None, asked)]
        return {word: self._of(word, fitting) for word in {None, *(second for second, _ in fitting)}}

    def _of(self, asked: str | None, entries: Sequence[tuple[str | None, Entry]]) -> URLResolver:
        """A resolver of those that an address with this second word may mean, in their order."""
        fitting = [entry for second, entry in entries if second in (None, asked)]
        return URLResolver(self.pattern, fitting, self.default_kwargs, self.app_name, self.namespace)

    @cached_property
    def _entries(self) -> list[tuple[tuple[str | None, str | None], Entry]]:
        return [(_words_of(entry), entry) for entry in _flat(self.url_patterns)]


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


def _words_of(entry: Entry) -> tuple[str | None, str | None]:
    """The two words that every address of the entry begins with; None where that cannot be told."""
    route = _route(entry)
    if route is None:
        return None, None
    known, variable, _ = route.partition("<")
    if not variable and isinstance(entry, URLPattern):
        return _words(known)
    # The last word goes on with what is not known.
    first, second, *_ = [*known.split("/")[:-1], None, None]
    return first, second


def _route(entry: Entry) -> str | None:
    return str(entry.pattern) if isinstance(entry.pattern, RoutePattern) else None


def _words(path: str) -> tuple[str, str]:
    first, _, rest = path.partition("/")
    return first, rest.partition("/")[0]
