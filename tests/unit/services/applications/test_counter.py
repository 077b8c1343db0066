"""亮码办事: the clerk fills in, the person confirms on their own phone; the clerk learns nothing more than the scene declares."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.singles import Singles
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.cases.models import Case
from yiwang.services.applications import actions
from yiwang.services.applications.models import Filing
from yiwang.support.codes import queries as codes
from yiwang.support.codes.contracts import NoSuchScan
from yiwang.support.codes.models import Scan

pytestmark = pytest.mark.django_db
As = Callable[[str], Client]


def on_screen(browser: Client, **mandate: int) -> str:
    return str(browser.get("/api/my/code", mandate).json()["text"])


def scanned(clerk: Client, code: str, text: str) -> str:
    return str(clerk.post("/desk/counter", {"matter": code, "text": text})["Location"])


def said(singles: Singles) -> dict[str, Any]:
    return {name: value for name, value in singles.residence().items() if name != "truthful"}


def test_from_the_scan_to_the_filing_on_the_persons_phone(singles: Singles, client_as: As) -> None:
    clerk, mother, code = client_as("health.clerk"), client_as("mother"), singles.permit
    assert code in clerk.get("/desk/counter").content.decode()
    here = scanned(clerk, code, on_screen(mother))
    page = clerk.get(here).content.decode()
    assert singles.world.mother.id_number in page, "the scene declares it"
    assert 'name="residence_address"' in page
    assert "交对方在手机上确认" in page
    for name in ("registered_address", "truthful"):
        assert f'name="{name}"' not in page
    done = clerk.post(here, said(singles) | {"truthful": "true"})
    assert f"/apply/{code}/review" in done.content.decode()
    assert not Case.objects.exists(), "nobody files for her"
    assert mother.get(f"/apply/{code}/review").url == f"/apply/{code}/form"
    assert f'href="/apply/{code}/form"' in mother.get("/my").content.decode()
    assert f'href="/apply/{code}/form"' not in client_as("neighbour").get("/my").content.decode()
    form = mother.get(f"/apply/{code}/form").content.decode()
    assert "柳岸社区9号" in form
    mother.post(f"/apply/{code}/form", singles.residence(truthful="true"))
    assert 'id="at-counter"' in mother.get(f"/apply/{code}/review").content.decode()
    actions_page = mother.post(f"/apply/{code}/review", {"once": "a" * 32})
    assert "/receipt" in actions_page["Location"]
    assert Filing.objects.get().channel == "1"
    [line] = codes.scans_of(singles.world.actor("mother")).items
    assert line.scene == "亮码办事"
    [use] = [
        each for each in audit.disclosures_of(singles.world.mother.subject_key).items if "亮码办事" in each.purpose
    ]
    assert use.leaf_id


def test_a_scan_is_the_scanners_alone_and_for_half_an_hour(singles: Singles, client_as: As) -> None:
    clerk, code = client_as("health.clerk"), singles.permit
    here = scanned(clerk, code, on_screen(client_as("mother")))
    assert client_as("service-centre.clerk").get(here).status_code == 404
    assert client_as("mother").get(here).status_code == 403
    by, scan = singles.world.actor("health.clerk"), Scan.objects.get()
    filling = {"code": code, "scan_id": scan.pk, "answers": {}, "by": by}
    with pytest.raises(NoSuchScan):
        actions.prepare_at_counter(**filling, at=timezone.now() + timedelta(minutes=31))
    with pytest.raises(YiwangError):
        actions.prepare_at_counter(**filling | {"code": singles.hygiene}, at=timezone.now())
    replayed = clerk.post("/desk/counter", {"matter": code, "text": "YW1AAAA"})
    assert replayed.status_code == 422


def test_a_firms_code_fills_the_firms_form(singles: Singles, client_as: As) -> None:
    clerk, neighbour = client_as("health.clerk"), client_as("neighbour")
    here = scanned(clerk, singles.hygiene, on_screen(neighbour, mandate=singles.for_firm.id))
    page = clerk.get(here)
    assert page.status_code == 200
    assert singles.world.firm.name in page.content.decode()
    assert clerk.post(here, {"premises_name": "清风店"}).status_code == 200
