"""A database that says nothing: whoever asks it waits for a bounded time, and those behind are told at once."""

import time
from collections.abc import Callable

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from yiwang.site import database, edge, patience
from yiwang.site.postgres.base import DatabaseWrapper, is_quiet

pytestmark = pytest.mark.django_db


def bounded() -> patience.Bounded:
    own = settings.DATABASES["default"]
    where = {"host": own["HOST"], "dbname": own["NAME"], "user": own["USER"], "password": own["PASSWORD"]}
    return patience.Bounded.connect(**where)


def test_a_statement_without_an_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with bounded() as connected:
        assert connected.execute("SELECT 1").fetchone() == (1,)
        monkeypatch.setattr(patience, "STATEMENT_SECONDS", 0.3)
        with pytest.raises(psycopg.OperationalError):
            connected.execute("SELECT pg_sleep(60)")
        assert connected.closed


def test_the_web_processes_use_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWANG_POOL_SIZE", "8")
    pool = database.pool()
    assert isinstance(pool, dict)
    assert pool["connection_class"] is patience.Bounded


def test_a_connection_that_the_server_ended_is_not_handed_out() -> None:
    with bounded() as kept, bounded() as ending:
        assert is_quiet(kept)
        kept.execute("SELECT pg_terminate_backend(%s)", [ending.info.backend_pid])
        deadline = time.monotonic() + 30
        while is_quiet(ending) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_quiet(kept)
        assert not is_quiet(ending)
        ending.close()


def test_the_pool_gives_another_for_one_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIWANG_POOL_SIZE", "1")
    own = DatabaseWrapper(settings.DATABASES["default"] | {"OPTIONS": {"pool": database.pool()}})
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (first,) = cursor.fetchone()
        own.close()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 30000)", [first])
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            assert cursor.fetchone() != (first,)
    finally:
        own.close()
        own.close_pool()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Callable[[], edge.ToldAtOnce]:
    """The middleware before a site whose every page has just waited for the database in vain."""
    monkeypatch.setattr(edge, "_IN_VAIN_SECONDS", -1)

    def served(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse("page")
        answer.is_outage = request.path == "/lost"  # type: ignore[attr-defined]
        return answer

    return lambda: edge.ToldAtOnce(served)


def test_one_finds_out_and_the_others_do_not_wait(gate: Callable[[], edge.ToldAtOnce]) -> None:
    site, ask = gate(), RequestFactory().get
    assert site(ask("/")).content == b"page"
    site(ask("/lost"))
    with site._finding_out:
        assert site(ask("/")).status_code == 503
        assert b"base.database-away" in site(ask("/api/cases/mine")).content
        assert site(ask("/healthz")).content == b"page"
    assert site(ask("/")).content == b"page"
    with site._finding_out:
        assert site(ask("/")).content == b"page"


@pytest.mark.django_db(transaction=True)
def test_whoever_finds_out_that_it_is_still_away_says_so(gate: Callable[[], edge.ToldAtOnce]) -> None:
    site, ask = gate(), RequestFactory().get
    site(ask("/lost"))
    host = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nowhere"
    try:
        assert site(ask("/")).status_code == 503
        assert site(ask("/")).headers["Retry-After"] == "10"
    finally:
        connection.settings_dict["HOST"] = host
    assert site(ask("/")).content == b"page"


def test_who_is_sent_away_is_told_how_long_the_answer_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a length the answer goes in chunks, which not every machine that sends us something can read."""
    monkeypatch.setattr(edge.ToldAtOnce, "__call__", lambda self, request: HttpResponse("sorry", status=503))
    assert Client().get("/").headers["Content-Length"] == "5"
