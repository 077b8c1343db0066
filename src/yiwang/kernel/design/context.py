"""Context processor of every page: chrome that base.html and desk.html need, computed only when used."""

import contextlib
from typing import Any

from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from yiwang.kernel.base.http import actor
from yiwang.kernel.design import queries
from yiwang.kernel.design.contracts import Portal

FACE_COOKIE = "face"
_shown: dict[str | None, Portal] = {}


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
    with contextlib.suppress(DatabaseError):
        _shown[get_language()] = queries.portal()
    return portal_last_shown()


def portal_last_shown() -> Portal:
    """The portal as this process last showed it, without asking the database."""
    return _shown.get(get_language(), Portal())
