"""Context processor of every page: chrome that base.html and desk.html need, computed only when used."""

from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from yiwang.kernel.base.http import actor
from yiwang.kernel.design import queries
from yiwang.kernel.design.contracts import Portal

FACE_COOKIE = "face"


def chrome(request: HttpRequest) -> dict[str, Any]:
    """`portal`, `actor`, `face`, `addresses`, `navigation`, `unread`, `rail` and `here` for templates."""
    who = actor(request)
    return {
        "portal": SimpleLazyObject(_portal),
        "actor": who,
        "face": "elder" if request.COOKIES.get(FACE_COOKIE) == "elder" else "standard",
        "addresses": SimpleLazyObject(queries.addresses),
        "navigation": SimpleLazyObject(queries.navigation),
        "unread": SimpleLazyObject(lambda: queries.unread(who)),
        "rail": SimpleLazyObject(lambda: queries.rail(who)),
        "here": request.path,
    }


def _portal() -> Portal:
    """The page that says the database is down must not need it."""
    try:
        return queries.portal()
    except DatabaseError:
        return Portal()
