"""Cases over HTTP: who may call what, and what they are shown."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.test import Client

from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.cases._schemas import WorkPageOut, WorkRowOut
from yiwang.kernel.people.models import PostHolding


def _post(client: Client, path: str, body: dict[str, Any]) -> Any:
    return client.post(f"/api/cases/{path}", body, content_type="application/json")


def test_a_clerk_works_through_the_api(club: Club, client_as: Callable[[str], Client]) -> None:
    case = club.open()
    ann = client_as("ann")
    page = ann.get("/api/cases/work?box=todo").json()
    assert [(row["number"], row["applicant"]) for row in page["items"]] == [(case.number, "陈**")]
    assert ann.get("/api/cases/counts").json()["todo"] == 1
    shown = ann.get(f"/api/cases/{case.id}").json()
    assert (shown["subject"], shown["steps_open"][0]["choices"][0]["code"]) == ("陈**", "enter")
    moved = _post(
        ann, f"{case.id}/advance", {"step": "request", "choice": "enter", "expected_version": shown["version"]}
    )
    assert [task["step"] for task in moved.json()["steps_open"]] == ["first", "second", "third"]
    again = _post(
        ann, f"{case.id}/advance", {"step": "request", "choice": "enter", "expected_version": shown["version"]}
    )
    assert (again.status_code, again.json()["code"]) == (409, "cases.handled-by-other")


def test_the_work_list_is_what_its_description_says(club: Club, client_as: Callable[[str], Client]) -> None:
    case = club.open()
    answer = client_as("ann").get("/api/cases/work")
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    described = WorkPageOut.model_validate(answer.json(), extra="forbid")
    (row,) = described.items
    assert (row.number, row.task_kind, row.opened_at) == (case.number, "post", case.opened_at)
    assert answer.json().keys() == WorkPageOut.model_fields.keys()
    assert answer.json()["items"][0].keys() == WorkRowOut.model_fields.keys()


def test_a_post_that_ended_shows_nothing_more_in_the_same_sitting(
    club: Club, client_as: Callable[[str], Client]
) -> None:
    club.open()
    ann = client_as("ann")
    # As often as it takes until the server has the plans at hand.
    assert [len(ann.get("/api/cases/work").json()["items"]) for _ in range(4)] == [1, 1, 1, 1]
    PostHolding.objects.filter(account=club.actor("ann").account_id).update(until=date(2020, 1, 1))
    assert ann.get("/api/cases/work").json()["items"] == []


def test_the_applicant_sees_and_withdraws(club: Club, client_as: Callable[[str], Client]) -> None:
    case = club.open()
    mother = client_as("mother")
    assert [one["number"] for one in mother.get("/api/cases/mine").json()["items"]] == [case.number]
    assert mother.get(f"/api/cases/{case.id}").json()["subject"] == "陈晓岚"
    assert mother.get("/api/cases/work").status_code == 403
    assert [event["sentence"] for event in mother.get(f"/api/cases/{case.id}/history").json()] == ["已提交"]
    assert _post(mother, f"{case.id}/withdraw", {"reason": "不打了"}).json()["outcome"] == "withdrawn"


def test_others_are_turned_away(club: Club, client_as: Callable[[str], Client]) -> None:
    case = club.open()
    assert Client().get(f"/api/cases/{case.id}").status_code == 401
    assert client_as("neighbour").get(f"/api/cases/{case.id}").status_code == 403
    far = client_as("far")
    assert far.get(f"/api/cases/{case.id}").status_code == 403
    assert far.get(f"/api/cases/{case.id}/history").status_code == 403
    assert far.get("/api/cases/work").json()["items"] == []
    assert far.get(f"/api/cases/{case.id + 1}").status_code == 404
