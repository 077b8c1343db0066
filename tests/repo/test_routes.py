"""Every address says who may call it."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.main import NinjaAPI

from yiwang.kernel.base.http import AUDIENCES
from yiwang.site.api import api


def test_every_page_declares_its_audience() -> None:
    undeclared = [path for path, view in _pages(get_resolver()) if getattr(view, "audience", None) not in AUDIENCES]
    assert not undeclared, f"put @audience(…) of kernel.base.http on the views of: {undeclared}"


def test_every_api_route_declares_its_audience() -> None:
    undeclared = [
        f"{sorted(operation.methods)} {path}"
        for path, operation in _operations(api)
        if getattr(operation.view_func, "audience", None) not in AUDIENCES
    ]
    assert not undeclared, f"make the router an ApiRouter of kernel.base.http: {undeclared}"


def _pages(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            # The API's routes are examined one by one, in the other test.
            if entry.app_name != "ninja":
                yield from _pages(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _operations(found: NinjaAPI) -> Iterator[tuple[str, Any]]:
    for prefix, router in found._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                yield f"{prefix}{path}", operation
