"""Addresses on shelves: every one is found as without them."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, include, path, re_path
from django.urls.resolvers import RoutePattern

from yiwang.site import urls
from yiwang.site.shelves import shelved


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _plain(prefix: str, entries: list[URLPattern | URLResolver]) -> URLResolver:
    return URLResolver(RoutePattern(prefix), entries)


MADE = [
    path("", _view, name="home"),
    path("desk", _view, name="desk"),
    path("desk/<slug:box>", _view, name="box"),
    path("desk/find", _view, name="found"),
    path("desk/find/", _view, name="found-below"),
    path("desk/<slug:box>/<slug:page>", _view, name="page"),
    path("", include([path("desk/search", _view, name="later"), path("<slug:page>/about", _view, name="about")])),
    path("desk/", include([path("cards/<int:n>", _view, name="card"), re_path(r"^odd/\d$", _view, name="odd")])),
    re_path(r"^(?:old|new)/list$", _view, name="lists"),
    path("<path:rest>", _view, name="rest"),
]
ASKED = ["", "desk", "desk/", "desk/search", "desk/find", "desk/find/",
    "desk/find/it", "desk/about", "desk/cards/7", "desk/cards/x", "desk/odd/3", "old/list", "news", "a/b/c"]  # fmt: skip


@pytest.mark.parametrize("asked", ASKED)
def test_the_first_that_fits_answers_as_without_shelves(asked: str) -> None:
    expected, found = _plain("", MADE).resolve(asked), shelved("", MADE).resolve(asked)
    assert (found.url_name, found.kwargs, found.route) == (expected.url_name, expected.kwargs, expected.route)


def test_what_nobody_has_is_not_found() -> None:
    for asked in ("nothing", "desk/nothing/at/all", ""):
        with pytest.raises(Resolver404):
            shelved("", [path("desk/<slug:box>", _view)]).resolve(asked)


def test_every_address_of_the_site_is_found_where_it_was() -> None:
    before = _plain("", [_plain("api/", list(urls._routes)), *urls._all[1:]])
    asked = sorted({_filled(route) for route in _routes(get_resolver())})
    assert len(asked) > 300
    for one in asked:
        expected, found = before.resolve(one), get_resolver().resolve(f"/{one}")
        assert (found.func, found.kwargs, found.route) == (expected.func, expected.kwargs, expected.route), one


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        route = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        else:
            yield route


def _filled(route: str) -> str:
    """An address of the route: a number fits most of what may stand between."""
    parts = route.split("<")
    return parts[0] + "".join(f"7{part.partition('>')[2]}" for part in parts[1:])
