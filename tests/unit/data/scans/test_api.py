"""Scans as JSON: what a clerk's own program does from handing in to the last word."""

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.departments import Departments
from tests.unit.data.scans.conftest import LICENCE, Drawer, licence
from tests.world import AT
from yiwang.data.scans import actions
from yiwang.data.scans.contracts import Stand
from yiwang.data.scans.models import Page
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.login.sessions import OPENED_AT, SEEN_AT

pytestmark = pytest.mark.usefixtures("no_sample")


def signed_in(office: Departments, key: str) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.get(pk=office.actor(key).account_id))
    now = timezone.now().isoformat()
    session = client.session
    session.update({OPENED_AT: now, SEEN_AT: now})
    session.save()
    return client


def test_a_page_goes_from_picture_to_confirmed_by_json(office: Departments, drawer: Drawer) -> None:
    clerk = signed_in(office, "market.records-a")
    picture = drawer.picture(licence(住所=""))
    assert [each["id"] for each in clerk.get("/api/scans/forms").json()] == [LICENCE]
    upload = SimpleUploadedFile(picture.name, picture.read(), content_type="image/png")
    batch = clerk.post("/api/scans/batches", {"form_id": LICENCE, "title": "一盒", "pictures": upload}).json()
    assert (batch["pages"], batch["stands"]) == (1, {"waiting": 1})
    actions.read(batch_id=batch["id"], most=10, opened=drawer.opened, by=SYSTEM, at=AT)
    assert [each["id"] for each in clerk.get("/api/scans/batches").json()["items"]] == [batch["id"]]
    (row,) = clerk.get(f"/api/scans/batches/{batch['id']}/pages").json()["items"]
    following = clerk.post(f"/api/scans/batches/{batch['id']}/next", {}, content_type="application/json").json()
    assert following == {"page_id": row["id"]}
    assert clerk.get(f"/api/scans/pages/{row['id']}/picture").headers["Content-Type"] == "image/png"
    page = clerk.post(f"/api/scans/pages/{row['id']}/opening").json()
    (doubtful,) = [each for each in page["fields"] if each["held"] == "doubtful"]
    assert (doubtful["column"], doubtful["value"]) == ("住所", "")
    words = {"words": [{"field_id": doubtful["id"], "value": "安澜市江滨路16号"}]}
    done = clerk.post(f"/api/scans/pages/{row['id']}/confirmation", words, content_type="application/json").json()
    assert (done["stand"], done["may_be_taken_back"]) == (Stand.READY, True)
    assert clerk.post(f"/api/scans/pages/{row['id']}/return").json()["stand"] == Stand.DOUBTFUL
    assert clerk.post(f"/api/scans/pages/{row['id']}/rows").status_code == 409


def test_another_unit_finds_neither_batch_nor_page(office: Departments, drawer: Drawer) -> None:
    batch = actions.hand_in(form_id=LICENCE, title="一盒", pictures=[drawer.picture(licence())], by=SYSTEM, at=AT)
    stranger = signed_in(office, "civil.records-a")
    assert stranger.get("/api/scans/batches").json()["items"] == []
    assert stranger.get(f"/api/scans/batches/{batch.id}").status_code == 404
    assert stranger.post(f"/api/scans/pages/{Page.objects.get(batch=batch.id).pk}/opening").status_code == 404
