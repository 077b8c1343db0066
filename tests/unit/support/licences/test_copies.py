"""A holder keeps a sealed copy, and anybody can have the file itself checked."""

import io
from collections.abc import Callable
from datetime import timedelta

import ofdkit
import pytest
from django.test import Client

from tests.unit.support.licences.conftest import Issue
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.files import queries as files
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import LicenceView, Status
from yiwang.support.seals import actions as seals
from yiwang.support.seals.contracts import Format
from yiwang.support.seals.models import SealUse

As = Callable[[str], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def licence(issue: Issue, world: World) -> LicenceView:
    from django.utils import timezone

    # As of the hour of the test: pages know no other.
    now = timezone.now()
    seals.found_authority(by=SYSTEM, at=now)
    org = world.org("health")
    seals.make_seal(org_id=org.id, kind="licence", name=org.name, grounds="启用", by=SYSTEM, at=now)
    return issue(valid_from=timezone.localdate(), at=now)


def test_a_holder_downloads_one_sealed_copy(licence: LicenceView, client_as: As) -> None:
    mother = client_as("mother")
    assert f"/my/licences/{licence.id}/copy.ofd" in mother.get(f"/my/licences/{licence.id}").content.decode()
    copy = mother.get(f"/my/licences/{licence.id}/copy.ofd").content
    assert mother.get(f"/my/licences/{licence.id}/copy.ofd").content == copy
    assert SealUse.objects.get().subject == f"licence:{licence.id}:1"
    with ofdkit.open(io.BytesIO(copy)) as document:
        text = document.text()
    assert all(words in text for words in ("出生医学证明", "林安", "临江区卫生健康局", licence.identifier))
    assert client_as("neighbour").get(f"/my/licences/{licence.id}/copy.ofd").status_code == 404


def test_anybody_has_the_file_checked(licence: LicenceView, client_as: As, client: Client) -> None:
    copy = client_as("mother").get(f"/my/licences/{licence.id}/copy.ofd").content
    page = client.post("/v/file", {"file": _upload(copy)}).content.decode()
    assert "is-valid" in page
    assert "用印登记里有这份文件" in page
    assert "林安" not in page
    told = client.post("/api/licences/verify/file", {"file": _upload(copy)}).json()
    assert (told["is_valid"], told["licence_status"], len(told["checks"])) == (True, "01", 8)
    changed = bytearray(copy)
    changed[len(copy) // 2] ^= 1
    assert "is-invalid" in client.post("/v/file", {"file": _upload(bytes(changed))}).content.decode()
    for junk in (b"no file", b"PK\x03\x04junk", b"%PDF-1.7 junk"):
        answer = client.post("/v/file", {"file": _upload(junk)})
        assert (answer.status_code, "is-invalid" in answer.content.decode()) == (422, True)
    assert client.post("/v/file").status_code == 422


def test_a_revoked_licence_is_invalid_though_its_seal_is_good(
    licence: LicenceView, client_as: As, client: Client, world: World
) -> None:
    from django.utils import timezone

    copy = client_as("mother").get(f"/my/licences/{licence.id}/copy.ofd").content
    actions.revoke(licence_id=licence.id, grounds="签发有误", by=world.actor("health.approver"), at=timezone.now())
    report, found = queries.verify_file(copy)
    assert report.is_valid
    assert found is not None
    assert not found.is_valid
    assert "is-invalid" in client.post("/v/file", {"file": _upload(copy)}).content.decode()
    mother = client_as("mother")
    assert mother.get(f"/my/licences/{licence.id}/copy.ofd").status_code == 409
    assert "copy.ofd" not in mother.get(f"/my/licences/{licence.id}").content.decode()


def test_a_file_that_ran_out_or_was_changed_since_says_so(licence: LicenceView, issue: Issue, world: World) -> None:
    from django.utils import timezone

    now, today = timezone.now(), timezone.localdate()
    short = issue(valid_from=today, valid_to=today, slot="2", at=now)
    file_id = actions.sealed_copy(licence_id=short.id, format_=Format.OFD, url="http://x/v/1", by=SYSTEM, at=now)
    data = files.open(file_id).read()
    report, over = queries.verify_file(data, on=today + timedelta(days=1))
    assert report.is_valid
    assert over is not None
    assert (over.is_valid, over.status, "已经失效" in over.sentence) == (False, Status.LAPSED, True)
    boss = world.actor("health.approver")
    actions.correct(licence_id=short.id, grounds="体重写错", fields={"weight_grams": 3300}, by=boss, at=now)
    _, changed = queries.verify_file(data, on=today)
    assert changed is not None
    assert (changed.is_valid, "有过变更" in changed.sentence) == (False, True)


def test_without_a_seal_there_is_no_copy(issue: Issue, client_as: As) -> None:
    licence = issue()
    assert "copy.ofd" not in client_as("mother").get(f"/my/licences/{licence.id}").content.decode()
    assert client_as("mother").get(f"/my/licences/{licence.id}/copy.ofd").status_code == 409


def _upload(content: bytes) -> io.BytesIO:
    stream = io.BytesIO(content)
    stream.name = "copy.ofd"
    return stream
