"""A birth through the JSON API alone: everybody is a client that is signed in, nothing else is called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.families import Family, child
from tests.journeys.outside_world import as_json

JOURNEY = "/api/journeys/anlan.birth.one-thing"
RECORD = {"attendant": "FY2026-1123", "gestation_weeks": 39, "weight_grams": 3250}


@dataclass
class BirthApi:
    """Shorthands for what everybody sends; every answer is the raw response unless said otherwise."""

    family: Family
    client_as: Callable[[str], Client]
    clients: dict[str, Client] = field(default_factory=dict)

    def client(self, who: str) -> Client:
        if who not in self.clients:
            self.clients[who] = self.client_as(who)
        return self.clients[who]

    def post(self, who: str, path: str, body: Any, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        return self.client(who).post(path, **as_json(body), headers=headers)

    def get(self, who: str, path: str) -> Any:
        answer = self.client(who).get(path)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    def answers(self, **changes: Any) -> dict[str, Any]:
        """Born yesterday, whatever day the test runs."""
        yesterday = timezone.localdate() - timedelta(days=1)
        return self.family.answers(**{"children": [child(born_at=f"{yesterday}T08:30")], **changes})

    def body(self, photo: bool = True, **changes: Any) -> dict[str, Any]:
        materials = {"child-photo": {"file_id": self.photo()}} if photo else {}
        return {"region": self.family.region, "answers": self.answers(**changes), "materials": materials}

    def file(self, key: str = "birth-0001", who: str = "mother", **changes: Any) -> Any:
        return self.post(who, f"{JOURNEY}/filings", self.body(photo=False, **changes), key)

    def photo(self) -> int:
        picture = BytesIO()
        Image.new("RGB", (358, 441), "white").save(picture, "PNG")
        sent = SimpleUploadedFile("baby.png", picture.getvalue(), content_type="image/png")
        return int(self.client("mother").post("/api/applications/files", {"file": sent}).json()["id"])

    def work(self, who: str) -> list[dict[str, Any]]:
        """What lies on a desk."""
        return list(self.get(who, "/api/cases/work")["items"])

    def take(self, who: str, case_id: int, step: str, choice: str, **more: Any) -> Any:
        return self.post(who, f"/api/cases/{case_id}/advance", {"step": step, "choice": choice, **more})

    def handle(self, who: str, number: str, step: str, choice: str, **more: Any) -> dict[str, Any]:
        """A clerk finds the work of this filing on the desk and does it."""
        row = next(row for row in self.work(who) if row["number"].startswith(number) and row["step"] == step)
        version = self.get(who, f"/api/cases/{row['case_id']}")["version"]
        answer = self.take(who, row["case_id"], step, choice, expected_version=version, **more)
        assert answer.status_code == 200, answer.content.decode()
        return dict(answer.json())

    def progress(self, number: str, who: str = "mother") -> dict[str, Any]:
        return dict(self.get(who, f"/api/journeys/filings/{number}"))

    def rows(self, number: str) -> dict[str, dict[str, Any]]:
        return {row["slot"]: row for row in self.progress(number)["rows"]}

    def begun(self, **changes: Any) -> str:
        """Filed, accepted, certified: the number, with the registration pushed or about to be."""
        answer = self.file(**changes)
        assert answer.status_code == 201, answer.content.decode()
        number = str(answer.json()["number"])
        self.handle("service-centre.clerk", number, "intake", "accept")
        self.handle("hospital.clerk", number, "record", "issue", form=RECORD)
        return number
