"""Context processor of every page: chrome that base.html and desk.html need, computed only when used."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from yiwang.kernel.base.http import actor
from yiwang.kernel.design import queries

FACE_COOKIE = "face"


def chrome(request: HttpRequest) -> dict[str, Any]:
    """`portal`, `actor`, `face`, `addresses`, `navigation`, `rail` and `here` for templates."""
    who = actor(request)
    return {
        "portal": SimpleLazyObject(queries.portal),
        "actor": who,
        "face": "elder" if request.COOKIES.get(FACE_COOKIE) == "elder" else "standard",
        "addresses": SimpleLazyObject(queries.addresses),
        "navigation": SimpleLazyObject(queries.navigation),
        "rail": SimpleLazyObject(lambda: queries.rail(who)),
        "here": request.path,
    }
