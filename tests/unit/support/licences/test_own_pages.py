"""Holders see what is theirs, clerks what is their unit's, and opening a masked value is on the record."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from tests.unit.support.licences.conftest import Issue
from tests.world import World
from yiwang.kernel.audit import queries as audit
from yiwang.support.licences import queries
from yiwang.support.licences.contracts import LicenceView, Status

As = Callable[[str], Client]
START = date(2026, 11, 20)


@pytest.fixture
def licence(issue: Issue) -> LicenceView:
    return issue(valid_from=START)


def test_a_mother_finds_her_childs_certificate_in_her_wallet(licence: LicenceView, client_as: As) -> None:
    mother = client_as("mother")
    wallet = mother.get("/my/licences").content.decode()
    assert "出生医学证明" in wallet
    assert "林安" not in wallet
    assert "这些仍是纸质" in wallet
    sheet = mother.get(f"/my/licences/{licence.id}").content.decode()
    assert "林安" in sheet
    assert licence.identifier in sheet
    assert licence.verify_code[:4] in mother.get(f"/my/licences/{licence.id}/show").content.decode()


def test_another_resident_learns_nothing(licence: LicenceView, client_as: As) -> None:
    neighbour = client_as("neighbour")
    assert neighbour.get("/api/my/licences").json() == []
    assert "还没有电子证照" in neighbour.get("/my/licences").content.decode()
    for address in (f"/my/licences/{licence.id}", f"/my/licences/{licence.id}/show", f"/api/my/licences/{licence.id}"):
        assert neighbour.get(address).status_code == 404


def test_the_route_gives_the_whole_face_to_its_keeper(licence: LicenceView, client_as: As) -> None:
    face = client_as("father").get(f"/api/my/licences/{licence.id}").json()
    assert face["holder_name"] == "林安"
    assert {"name": "weight_grams", "label": "出生体重", "value": "3200克"} in face["lines"]


def test_a_clerk_sees_masked_values_and_opening_one_is_told_to_the_parents(
    licence: LicenceView, client_as: As, world: World
) -> None:
    clerk = client_as("health.clerk")
    page = clerk.get(f"/desk/licences/{licence.id}").content.decode()
    for secret in ("林安", world.mother.name, world.mother.id_number, "3200"):
        assert secret not in page
    assert audit.disclosures_of(world.mother.subject_key).items == []
    opened = clerk.post(f"/desk/licences/{licence.id}/lines/mother_id")
    assert opened.json() == {"value": world.mother.id_number}
    for parent in (world.mother, world.father):
        (told,) = audit.disclosures_of(parent.subject_key).items
        assert told.elements == ("person.id-number",)
        assert told.org_id == world.org("health").id


def test_another_units_clerk_opens_nothing(licence: LicenceView, client_as: As, world: World) -> None:
    stranger = client_as("other-health.clerk")
    assert licence.number not in stranger.get("/desk/licences").content.decode()
    assert stranger.get(f"/desk/licences/{licence.id}").status_code == 404
    assert stranger.get(f"/api/desk/licences/{licence.id}/history").status_code == 404
    assert stranger.post(f"/desk/licences/{licence.id}/lines/mother_id").status_code == 403
    assert audit.disclosures_of(world.mother.subject_key).items == []


def test_the_register_is_searched_and_changed(issue: Issue, client_as: As) -> None:
    one, two = issue(slot="1", valid_from=START), issue(slot="2", valid_from=START)
    boss = client_as("health.approver")
    found = boss.get("/desk/licences", {"words": two.number}).content.decode()
    assert (one.number in found, two.number in found) == (False, True)
    form = {"licence": [one.id, two.id], "to": "suspend", "grounds": "信息待核", "next": "/desk/licences?status=02"}
    answer = boss.post("/desk/licences/changes", form)
    assert (answer.status_code, answer["Location"]) == (302, "/desk/licences?status=02")
    assert {queries.get(each.id).status for each in (one, two)} == {Status.SUSPENDED}
    assert "信息待核" in client_as("mother").get(f"/my/licences/{one.id}").content.decode()
    assert "已处理2份证照。" in boss.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(("to", "grounds"), [("", "理由"), ("destroy", "理由"), ("cancel", "  ")])
def test_a_change_without_kind_or_grounds_changes_nothing(
    licence: LicenceView, client_as: As, to: str, grounds: str
) -> None:
    boss = client_as("health.approver")
    answer = boss.post("/desk/licences/changes", {"licence": licence.id, "to": to, "grounds": grounds})
    assert "yw-notice-wrong" in boss.get(answer["Location"]).content.decode()
    assert queries.get(licence.id, on=START).status is Status.VALID


def test_a_clerk_without_the_right_is_told_so(licence: LicenceView, client_as: As) -> None:
    clerk = client_as("health.clerk")
    assert "确定处理" not in clerk.get(f"/desk/licences/{licence.id}").content.decode()
    report = clerk.post(
        "/api/desk/licences/changes",
        {"licences": [licence.id], "to": "cancel", "grounds": "试一试"},
        content_type="application/json",
    )
    assert report.status_code in (200, 403)
    assert queries.get(licence.id, on=START).status is Status.VALID


def test_a_page_does_not_lead_elsewhere_after_a_change(licence: LicenceView, client_as: As) -> None:
    boss = client_as("health.approver")
    form = {"licence": licence.id, "to": "suspend", "grounds": "信息待核", "next": "//example.org/desk/licences"}
    assert boss.post("/desk/licences/changes", form)["Location"] == "/desk/licences"
