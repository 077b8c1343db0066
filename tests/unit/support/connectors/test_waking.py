"""When a line is pumped: what may go now does not wait for what is held back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.jobs import run_waiting
from yiwang.support.connectors import _line

FETCH = "SELECT task_name, args->>'system' FROM procrastinate_fetch_job_v2(NULL, NULL)"


@pytest.mark.django_db
def test_what_waits_for_the_morning_holds_up_nothing() -> None:
    run_waiting()
    _line.wake("sms", at=timezone.now() + timedelta(hours=9))
    _line.wake("sms")
    with connection.cursor() as cursor:
        cursor.execute(FETCH)
        assert cursor.fetchone() == ("connectors.pump", "sms")
        cursor.execute(FETCH)
        assert cursor.fetchone() == (None, None)


@pytest.mark.django_db
def test_what_waited_for_its_time_wakes_the_line() -> None:
    run_waiting()
    _line.wake("sms", at=timezone.now() - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute(FETCH)
        assert cursor.fetchone() == ("connectors.wake", "sms")
        from yiwang.support.connectors.jobs import wake

        wake.func(system="sms")
        cursor.execute(FETCH)
        assert cursor.fetchone() == ("connectors.pump", "sms")


@pytest.mark.django_db
def test_a_system_that_is_away_is_asked_again_later(caplog: pytest.LogCaptureFixture) -> None:
    from yiwang.support.connectors.jobs import poll

    poll.func(system="household")
    assert "no-address" in caplog.text
