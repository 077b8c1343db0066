"""A sitting that cannot be kept because the database went away is no sitting that somebody ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.db import OperationalError, connection
from django.test import Client

from tests.world import World
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.models import Account
from yiwang.support.login.models import Sitting
from yiwang.support.login.sessions import SEEN_AT, SessionStore


def going_down(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if sql.startswith("UPDATE login_sitting"):
        raise OperationalError("terminating connection due to administrator command")
    return execute(sql, *rest)


@pytest.mark.django_db
def test_a_database_that_goes_while_the_sitting_is_kept_is_told_as_such(client_as: Callable[[str], Client]) -> None:
    client = client_as("mother")
    client.raise_request_exception = False
    session = client.session
    session[SEEN_AT] = (datetime.fromisoformat(session[SEEN_AT]) - timedelta(minutes=2)).isoformat()
    session.save()
    with connection.execute_wrapper(going_down):
        answer = client.get("/api/cases/mine")
    assert (answer.status_code, answer.json()["code"]) == (503, "base.database-away")
    assert answer.headers["Retry-After"]
    assert client.get("/api/cases/mine").status_code == 200


@pytest.mark.django_db
def test_who_sits_there_is_what_the_signed_sitting_says(world: World, client_as: Callable[[str], Client]) -> None:
    client = client_as("mother")
    Sitting.objects.filter(session_key=client.session.session_key).update(account_id=world.account("father").id)
    assert client.get("/api/login/whoami").json()["name"] == world.mother.name


def test_what_a_sitting_holds_is_signed_as_django_signs_it(settings: Any) -> None:
    held = {"seen_at": "2026-11-22", "methods": ["password"]}
    kept = SessionStore().encode(held)
    assert (
        DjangosStore().decode(SessionStore().encode(held)) == SessionStore().decode(DjangosStore().encode(held)) == held
    )
    assert SessionStore().decode(kept[:-1] + ("a" if kept[-1] != "a" else "b")) == {}
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert SessionStore().decode(kept) == held
    settings.SECRET_KEY_FALLBACKS = []
    assert SessionStore().decode(kept) == {}


@pytest.mark.django_db
def test_the_mark_of_a_password_is_djangos(world: World) -> None:
    account = Account.objects.get(pk=world.account("father").id)
    assert people.seat_of(account.pk, at=world.at).auth_hash == account.get_session_auth_hash()
