"""The hotline's pages: an operator by one form, people with and without signing in, the desk's panel, nothing of an informant anywhere."""

import io
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.hotline import LIGHT, WORDS, Hotline
from tests.world import VILLAGE
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.files import queries as stored
from yiwang.services.hotline import queries
from yiwang.services.hotline.contracts import Caller, TicketKind
from yiwang.services.hotline.models import Ticket

As = Callable[[str], Client]
CALL = {
    "kind": "help",
    "channel": "phone",
    "content": WORDS,
    "phone": "13900001111",
    "name": "赵一鸣",
    "once": "call-1",
}


def photo(size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    """A JPEG that says where and by which camera it was taken."""
    picture, exif = io.BytesIO(), Image.Exif()
    exif[271], exif[272] = "SecretCamera", "Model 7"
    Image.new("RGB", size, "grey").save(picture, "JPEG", exif=exif)
    return SimpleUploadedFile("IMG_0042.jpg", picture.getvalue(), "image/jpeg")


def test_an_operator_takes_down_and_dispatches_in_one_form(hotline: Hotline, client_as: As) -> None:
    desk = client_as("hotline.operator")
    assert desk.get("/desk/hotline").status_code == 200
    form = CALL | {
        "category": f"{LIGHT} 城市管理 › 市政设施 › 路灯照明",
        "region": "990102001000",
        "decision": "dispatch",
    }
    for _ in range(2):  # pressed twice
        assert desk.post("/desk/hotline", form).status_code == 302
    (row,) = Ticket.objects.all()
    assert row.lead_org_id == hotline.org("city-upkeep").id
    page = desk.get("/desk/hotline/tickets").content.decode()
    assert row.number in page
    assert "13900001111" not in page
    wrong = desk.post("/desk/hotline", CALL | {"content": "", "once": "call-2"})
    assert (wrong.status_code, Ticket.objects.count()) == (422, 1)
    assert client_as("hotline.city-upkeep").get("/desk/hotline").status_code == 403


def test_nothing_is_sent_to_a_unit_before_it_has_a_category_or_a_unit(hotline: Hotline, client_as: As) -> None:
    desk = client_as("hotline.operator")
    refused = desk.post("/desk/hotline", CALL | {"decision": "dispatch"})
    assert (refused.status_code, Ticket.objects.count()) == (422, 0)
    assert "请选分类" in refused.content.decode()
    unknown = desk.post("/desk/hotline", CALL | {"decision": "dispatch", "category": "路灯月亮"})
    assert (unknown.status_code, Ticket.objects.count()) == (422, 0)
    desk.post("/desk/hotline", CALL | {"decision": "dispatch", "category": "路灯照明", "region": "990102001000"})
    (row,) = Ticket.objects.all()
    assert (row.category, row.lead_org_id) == (LIGHT, hotline.org("city-upkeep").id)


def test_a_question_ends_on_the_spot_and_a_wrong_address_is_told_where_to_go(hotline: Hotline, client_as: As) -> None:
    desk = client_as("hotline.operator")
    said = CALL | {"kind": "consultation", "decision": "answer", "words": "先拨12333挂失。", "once": "a"}
    desk.post("/desk/hotline", said)
    desk.post("/desk/hotline", CALL | {"decision": "decline", "reason": "court", "once": "b"})
    desk.post("/desk/hotline", CALL | {"decision": "police", "once": "c"})
    first, second, third = [queries.view(row.number) for row in Ticket.objects.order_by("id")]
    assert (first.outcome, second.outcome, third.is_open) == ("answered", "not-accepted", True)
    assert hotline.steps(third) == ["police"]


def test_hints_while_typing(hotline: Hotline, client_as: As) -> None:
    before = hotline.take(at=timezone.now())
    desk = client_as("hotline.operator")
    typed = {"content": WORDS, "phone": "13900001111", "region": "990102001000"}
    page = desk.post("/desk/hotline/hints", typed).content.decode()
    assert "区城管局" in page
    assert page.count(before.number) >= 2  # as a double, and as what the number called about before
    assert "12333" in desk.post("/desk/hotline/hints", {"content": "社保卡丢了"}).content.decode()


def test_people_write_without_signing_in_and_see_where_it_stands(hotline: Hotline) -> None:
    browser = Client()
    assert browser.get("/hotline").status_code == 200
    sent = {"kind": "complaint", "content": WORDS, "phone": "13900002222", "once": "w-1", "photo": photo()}
    assert browser.post("/hotline", sent).url == "/hotline/sent"
    (row,) = Ticket.objects.all()
    assert row.number in browser.get("/hotline/sent").content.decode()
    (picture,) = cases.attachments(row.case_id, role="photo")
    kept = stored.open(picture.file_id).read()
    assert b"SecretCamera" not in kept
    page = browser.post("/hotline/track", {"number": queries.view(row.number).query_code, "tail": "2222"})
    assert "受理派单" in page.content.decode()
    for tail in ("1111", ""):
        assert browser.post("/hotline/track", {"number": row.number, "tail": tail}).status_code == 403
    english = browser.get("/hotline", headers={"accept-language": "en"}).content.decode()
    assert "Tell 12345" in english


def test_what_is_no_photo_is_not_taken(hotline: Hotline) -> None:
    browser, sent = Client(), {"kind": "help", "content": WORDS, "phone": "13900002222", "once": "w-1"}
    script = SimpleUploadedFile("photo.jpg", b"<script>alert(1)</script>", "image/jpeg")
    cut = SimpleUploadedFile("photo.jpg", photo().read()[:100], "image/jpeg")
    for bad in (script, cut, [photo() for _ in range(7)]):
        assert browser.post("/hotline", sent | {"photo": bad}).status_code == 422
    assert not Ticket.objects.exists()


def test_the_desk_shows_the_ticket_beside_its_case(hotline: Hotline, client_as: As) -> None:
    ticket = hotline.at_unit()
    page = client_as("hotline.city-upkeep").get(f"/desk/cases/{ticket.number}").content.decode()
    assert WORDS in page
    assert "13900001111" not in page
    shown = client_as("hotline.city-upkeep").post(f"/desk/hotline/tickets/{ticket.number}/caller").content.decode()
    assert "13900001111" in shown
    unit = client_as("hotline.city-upkeep")
    unit.post(f"/desk/hotline/tickets/{ticket.number}/contact", {"words": "明天修"})
    unit.post(f"/desk/hotline/tickets/{ticket.number}/photo", {"photo": photo()})
    after = hotline.again(ticket)
    assert after.responded_at is not None
    (picture,) = cases.attachments(ticket.case_id, role="photo")
    address = f"/desk/hotline/tickets/{ticket.number}/photos/{picture.file_id}"
    assert unit.get(address)["Content-Type"] == "image/jpeg"
    assert client_as("hotline.housing").get(address).status_code == 403


@pytest.mark.parametrize("path", ["/desk/hotline/lead", "/desk/hotline/rates"])
def test_leaders_pages_open_for_leaders(hotline: Hotline, client_as: As, path: str) -> None:
    hotline.done()
    assert client_as("hotline.leader").get(path).status_code == 200


def test_no_page_tells_who_reported(hotline: Hotline, client_as: As) -> None:
    sent = {
        "kind": "report",
        "content": "某工地夜间偷排泥浆。",
        "name": "陈晓岚",
        "phone": "13912345678",
        "private": "我就住在工地隔壁",
        "once": "r-1",
        "photo": photo(),
    }
    assert client_as("mother").post("/hotline", sent).status_code == 302
    (row,) = Ticket.objects.all()
    ticket = queries.view(row.number)
    assert ticket.kind is TicketKind.REPORT
    (picture,) = cases.attachments(row.case_id, role="photo")
    assert (picture.attached_by_id, stored.get(picture.file_id).owner_party_id) == (None, None)
    hotline.move(ticket, "desk.dispatch", "operator", form={"org_id": hotline.org("city-upkeep").id})
    secret = re.compile("陈晓岚|陈\\*|13912345678|5678|139\\*|工地隔壁")
    for who in ("operator", "leader", "city-upkeep", "callback", "keeper", "supervisor"):
        desk = client_as(f"hotline.{who}")
        for path in (f"/desk/cases/{row.number}", "/desk/hotline/tickets?show=all", "/desk", "/desk?box=unit"):
            assert not secret.search(desk.get(path).content.decode()), f"{who} {path}"
        for words in ("13912345678", "陈晓岚"):
            assert row.number not in desk.post("/desk/search", {"q": words}).content.decode()
    operator = client_as("hotline.operator")
    hints = operator.post("/desk/hotline/hints", {"content": row.content, "phone": "13912345678"}).content.decode()
    assert row.number not in hints
    assert operator.post(f"/desk/hotline/tickets/{row.number}/caller", {"purpose": "想看"}).status_code == 403
    keeper = client_as("hotline.keeper")
    page = keeper.post(f"/desk/hotline/tickets/{row.number}/caller", {"purpose": "核实线索"}).content.decode()
    assert "13912345678" in page
    assert "我就住在工地隔壁" in page
    assert row.number in client_as("mother").get("/hotline/mine").content.decode()
    assert Caller(**row.caller).party_id == hotline.world.mother.id


def test_the_desk_takes_down_and_lists_in_json(hotline: Hotline, client_as: As) -> None:
    desk, address = client_as("hotline.operator"), "/api/desk/hotline/tickets"
    call = {"kind": "help", "content": WORDS, "phone": "13900001111", "region_code": VILLAGE, "category": LIGHT}
    sent = [
        desk.post(address, call, content_type="application/json", headers={"Idempotency-Key": "call-0001"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json() == sent[1].json()
    (row,) = desk.get(address).json()["items"]
    assert (row["number"], row["is_open"], row["caller_masked"]) == (sent[0].json()["number"], True, "")
    assert WORDS not in desk.get(address).content.decode()
    assert desk.get(f"{address}?state=closed").json()["items"] == []
    assert client_as("hotline.city-upkeep").get(address).status_code == 403
    wrong = desk.post(
        address,
        call | {"lon": "500", "lat": "1"},
        content_type="application/json",
        headers={"Idempotency-Key": "call-0002"},
    )
    assert wrong.status_code == 422
