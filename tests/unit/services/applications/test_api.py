"""Materials, documents, progress, ratings and matters over JSON, and who may not."""

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.unit.services.applications.test_applications import filed, upload
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications.contracts import MaterialInput
from yiwang.services.matters import actions as matters

ClientAs = Callable[[str], Client]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cfc000000301010018dd8db00000000049454e44ae426082"
)


@pytest.fixture
def case(world: World) -> CaseView:
    return filed(world, invoice=MaterialInput(upload(world)))


def test_materials_are_for_who_may_see_the_case(case: CaseView, client_as: ClientAs) -> None:
    address = f"/api/applications/{case.number}/materials"
    assert {m["key"]: m["status"] for m in client_as("mother").get(address).json()} == {
        "id-card": "generated",
        "invoice": "provided",
        "photo": "lacking",
    }
    assert client_as("neighbour").get(address).status_code in {403, 404}
    assert Client().get(address).status_code == 401


def test_a_file_that_lies_about_its_type_is_refused(world: World, client_as: ClientAs) -> None:
    lying = SimpleUploadedFile("photo.png", b"MZ\x90\x00 not a picture", content_type="image/png")
    answer = client_as("mother").post("/api/applications/files", {"file": lying})
    assert answer.status_code == 422
    assert answer["content-type"] == "application/problem+json"


def test_a_material_is_handed_in(case: CaseView, world: World, client_as: ClientAs) -> None:
    file_id = upload(world)
    answer = client_as("mother").put(
        f"/api/applications/{case.number}/materials/photo",
        json.dumps({"file_id": file_id}),
        content_type="application/json",
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "provided")


def test_progress_without_signing_in(case: CaseView) -> None:
    def track(number: str, tail: str) -> int:
        body = json.dumps({"number": number, "phone_tail": tail})
        return Client().post("/api/applications/track", body, content_type="application/json").status_code

    assert track(case.number, "0001") == 200
    assert track(case.number, "9999") == 404
    assert {track(case.number, f"{n:04d}") for n in range(45)} >= {404, 429}


def test_rating_over_json(case: CaseView, world: World, client_as: ClientAs) -> None:
    body = json.dumps({"level": 2, "tags": ["clear"]})
    address = f"/api/applications/{case.number}/rating"
    client = client_as("mother")
    assert client.post(address, body, content_type="application/json").status_code == 409
    engine.terminate(case_id=case.id, reason="测试", by=world.actor("city.supervisor"), at=world.at)
    assert client.post(address, body, content_type="application/json").status_code == 200
    assert Client().get("/api/ratings").json()["satisfied"] == 1


def test_matters_are_found_and_read_by_anyone(world: World) -> None:
    matters.publish(by=SYSTEM, at=timezone.now())
    found = Client().get("/api/matters", {"q": "出生"}).json()["items"]
    assert any("出生登记" in row["name"] for row in found)
    guide = Client().get(f"/api/matters/{found[0]['code']}").json()
    assert guide["materials"]
    assert Client().get("/api/matters/nonsense").status_code == 404
