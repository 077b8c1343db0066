"""The household system down for an hour in the middle of a birth: the case waits, says so, and goes on; twice is once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.journeys.birth_api import BirthApi
from tests.journeys.outside_world import OutsideWorld
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.support.connectors import actions as connectors
from yiwang.support.connectors import queries as lines
from yiwang.support.connectors.models import Push

pytestmark = pytest.mark.django_db


def test_an_hour_without_the_household_system(birth: BirthApi, outside: OutsideWorld) -> None:
    household, now = outside.systems["household"], timezone.now()
    household.control(down_minutes=60)
    number = birth.begun()
    outside.run_jobs()
    for minutes in (1, 2, 5, 20, 40):
        assert connectors.pump(system="household", by=SYSTEM, at=now + timedelta(minutes=minutes)) == 0
    outside.run_jobs()

    row = birth.rows(number)["registration"]
    assert row["status"] == "open"
    assert "暂不可用，自" in row["waits_for"]
    assert "暂不可用" in _told(birth, row["case_id"])
    assert "暂不可用" in birth.client("mother").get(f"/my/cases/{number}").content.decode()
    assert Client().get("/healthz").status_code == 200
    # The rest does not wait for them.
    birth.handle("clinic.clerk", number, "record", "issue")
    assert birth.rows(number)["vaccination"]["status"] == "done"

    household.control(advance_minutes=61)
    assert connectors.pump(system="household", by=SYSTEM, at=now + timedelta(minutes=62)) == 1
    outside.settle()
    whole = birth.progress(number)
    assert (whole["done"], whole["status"]) == (5, "closed")
    assert household.control()["items"] == 1
    assert Push.objects.filter(system="household").count() == 1
    assert {line.system: line.waiting for line in lines.lines()}["household"] == 0


def test_answers_that_come_twice_and_again_later_change_nothing(birth: BirthApi, outside: OutsideWorld) -> None:
    outside.systems["household"].control(moods={"duplicate": 1000})
    number = birth.begun()
    letters = outside.letters()
    assert len(letters) == 6
    assert {letter.hand_in().status_code for letter in letters[::-1]} == {200}
    registration = cases.by_number(birth.rows(number)["registration"]["number"])
    before = (registration.version, cases.results(registration.id))
    assert registration.outcome == "granted"
    assert {letter.hand_in().status_code for letter in letters} == {200}
    after = cases.peek(registration.id)
    assert (after.version, cases.results(after.id)) == before
    assert [event.kind for event in cases.history(after.id)].count("outside-result") == 1
    outside.systems["household"].control(moods={"duplicate": 0})
    assert [slot for slot in birth.rows(number) if slot.startswith(("card", "insurance"))] == ["card", "insurance"]


def _told(birth: BirthApi, case_id: int) -> str:
    return str([event["grounds"] for event in birth.get("mother", f"/api/cases/{case_id}/history")])
