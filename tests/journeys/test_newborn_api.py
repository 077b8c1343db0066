"""The newborn one-thing from the form to the leader's figures through the JSON API alone, and what it refuses."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.journeys.birth_api import JOURNEY, RECORD, BirthApi
from tests.journeys.outside_world import OutsideWorld, as_json
from yiwang.kernel.base.codes import is_id_number
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case

pytestmark = pytest.mark.django_db
PARTS = {"certificate", "registration", "card", "insurance", "vaccination"}


def test_anyone_reads_what_it_saves_and_the_form(birth: BirthApi) -> None:
    listed = Client().get("/api/journeys").json()
    assert [row["promised_days"] for row in listed if row["id"] == birth.family.journey_id] == [5]
    found = Client().get(JOURNEY).json()
    assert (found["statutory_sum"], found["promised_days"], found["visits"]) == (82, 5, 0)
    assert (found["own_visits"], birth.family.region in found["regions"]) == (6, True)
    assert all(line["reasons"] for line in found["differences"])
    assert Client().get(f"{JOURNEY}/form").json()["groups"]
    assert Client().get("/api/journeys/no.such").status_code == 404
    sent = as_json(birth.body(photo=False))
    assert Client().post(f"{JOURNEY}/filings", **sent, headers={"Idempotency-Key": "birth-0001"}).status_code == 401


def test_from_the_form_to_the_leaders_figures(birth: BirthApi, outside: OutsideWorld) -> None:
    known = birth.post("mother", f"{JOURNEY}/prefill", {}).json()
    assert known["mother_name"]["value"] == birth.family.world.mother.name
    assert known["mother_name"]["source_title"]
    body = birth.body()
    planned = birth.post("mother", f"{JOURNEY}/check", {"region": body["region"], "answers": body["answers"]}).json()
    assert {part["slot"] for part in planned["parts"]} == PARTS
    assert planned["promised_days"] == 5
    assert not Case.objects.exists()

    filed = birth.post("mother", f"{JOURNEY}/filings", body, "birth-0001")
    assert filed.status_code == 201, filed.content.decode()
    number = filed.json()["number"]
    accepted = birth.handle("service-centre.clerk", number, "intake", "accept")
    assert accepted["clocks"][0]["due_at"]
    birth.handle("hospital.clerk", number, "record", "issue", form=RECORD)
    birth.handle("clinic.clerk", number, "record", "issue")
    rows = birth.rows(number)
    assert {slot: row["status"] for slot, row in rows.items()} == {
        "certificate": "done",
        "registration": "open",
        "card": "waiting",
        "insurance": "waiting",
        "vaccination": "done",
    }
    assert outside.settle() >= len(outside.systems)

    whole = birth.progress(number)
    assert (whole["done"], whole["status"]) == (5, "closed")
    assert all(row["is_good"] for row in whole["rows"])
    _certificates_can_be_verified(birth, number)
    _rated_and_counted(birth, number)


def _certificates_can_be_verified(birth: BirthApi, number: str) -> None:
    held = [each for each in birth.get("mother", "/api/my/licences") if each["case_number"].startswith(number)]
    assert held
    for each in held:
        seen = Client().get(f"/api/licences/verify/{each['verify_code']}").json()
        assert (seen["is_valid"], seen["identifier"]) == (True, each["identifier"])
        assert birth.family.world.mother.id_number not in str(seen)
    assert Client().get("/api/licences/verify/0000000000000000").status_code == 404
    results = [cases.results(row["case_id"]) for row in birth.progress(number)["rows"] if row["slot"] == "registration"]
    assert is_id_number(results[0]["child_id_number"])


def _rated_and_counted(birth: BirthApi, number: str) -> None:
    address = f"/api/applications/{number}/rating"
    assert birth.post("neighbour", address, {"level": 5}).status_code in (403, 404)
    assert birth.post("mother", address, {"level": 1}).status_code == 200
    score = Client().get("/api/ratings").json()
    assert (score["satisfied"], score["rated"]) == (1, 1)
    today = timezone.localdate()
    lead = birth.family.world.org("service-centre").id
    (row,) = [row for row in cases.summary_by_org(today, today) if row.org_id == lead]
    assert (row.opened, row.closed) == (1, 1)


def test_the_same_submission_twice_is_one_filing(birth: BirthApi) -> None:
    first, second = birth.file("birth-0001"), birth.file("birth-0001")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["number"] == second.json()["number"]
    other = birth.file("birth-0001", card_bank="103")
    assert (other.status_code, other["content-type"]) == (409, "application/problem+json")
    assert Case.objects.filter(kind="journey").count() == 1
    assert birth.post("mother", f"{JOURNEY}/filings", birth.body(photo=False)).status_code == 422


@pytest.mark.parametrize("number", ["990102199303156242", "99010219930315624X", "12345", "990102199313356240"])
def test_a_wrong_id_number_is_named_by_place(birth: BirthApi, number: str) -> None:
    answer = birth.file(
        parents_married=False,
        father_name="周某",
        father_id_number=number,
        father_ethnicity="01",
        father_registered_address="安澜市望湖区西苑社区1号",
    )
    assert answer.status_code == 422
    assert "father_id_number" in {place["where"] for place in answer.json()["places"]}
    assert number not in answer.content.decode()
    assert not Case.objects.exists()


def test_a_place_that_does_not_do_it_and_materials_of_others(birth: BirthApi) -> None:
    body = birth.body(photo=False)
    assert (
        birth.post("mother", f"{JOURNEY}/filings", body | {"region": "110101000000"}, "birth-00001").status_code == 404
    )
    stranger = body | {"materials": {"child-photo": {"file_id": 987654}}}
    assert birth.post("mother", f"{JOURNEY}/filings", stranger, "birth-00002").status_code in (403, 404, 422)
    assert birth.post("health.clerk", f"{JOURNEY}/filings", body, "birth-00003").status_code == 403
    assert not Case.objects.exists()


def test_a_clerk_of_another_district_sees_nothing(birth: BirthApi) -> None:
    number = birth.begun()
    for who in ("other-health.clerk", "neighbour"):
        client = birth.client(who)
        assert client.get(f"/api/journeys/filings/{number}").status_code in (403, 404)
        for row in birth.rows(number).values():
            if row["case_id"]:
                assert client.get(f"/api/cases/{row['case_id']}").status_code in (403, 404)
                assert client.get(f"/api/applications/{row['number']}/materials").status_code in (403, 404)
    assert not [row for row in birth.work("other-health.clerk") if row["number"].startswith(number)]
    case_id = cases.by_number(number).id
    assert birth.take("other-health.clerk", case_id, "intake", "accept").status_code in (403, 404)
    assert Client().get(f"/api/journeys/filings/{number}").status_code == 401


def test_the_second_of_two_clerks_on_one_step_is_told(birth: BirthApi) -> None:
    number = str(birth.file().json()["number"])
    case = cases.by_number(number)
    first = birth.take("service-centre.clerk", case.id, "intake", "accept", expected_version=case.version)
    second = birth.take("service-centre.reviewer", case.id, "intake", "accept", expected_version=case.version)
    assert (first.status_code, second.status_code) == (200, 409)
    third = birth.take("service-centre.clerk", case.id, "intake", "accept")
    assert third.status_code == 409
    assert len(birth.rows(number)) == len(PARTS)


def test_a_reader_of_one_part_is_not_shown_whose_child_it_is(birth: BirthApi) -> None:
    number = birth.begun()
    seen = birth.progress(number, "service-centre.clerk")["rows"]
    assert {row["subject"] for row in seen} == {"林**"}
    assert {row["subject"] for row in birth.progress(number)["rows"]} == {"林小满"}
