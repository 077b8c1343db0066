"""A sitting that cannot be kept because the database went away is no sitting that somebody ended."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.world import World
from yiwang.support.login.models import Sitting
from yiwang.support.login.sessions import SEEN_AT


def going_down(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if sql.startswith('UPDATE "login_sitting"'):
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
