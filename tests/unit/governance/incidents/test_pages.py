"""What the pages and routes of incidents take and show."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from tests.streets import LITTER, Street
from tests.world import VILLAGE
from yiwang.governance.incidents import queries
from yiwang.kernel.cases import queries as cases


def picture(name: str = "a.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    if content is None:
        stream = io.BytesIO()
        Image.new("RGB", (40, 30), "gray").save(stream, "JPEG")
        content = stream.getvalue()
    return SimpleUploadedFile(name, content, content_type="image/jpeg")


def given(**more: Any) -> dict[str, Any]:
    return {"type_key": LITTER, "lon": 0.15, "lat": 0.15, "seen_at": timezone.now().isoformat(), **more}


def test_a_report_is_taken_once_however_often_it_is_sent(street: Street, visit: Any) -> None:
    client = visit("street.grid")
    answers = [
        client.post(
            "/api/incidents/reports", {**given(), "photos": picture()}, headers={"Idempotency-Key": "draft-00001"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len(queries.reports(answers[0].json()["code"])) == 1


@pytest.mark.parametrize(
    ("photo", "status"),
    [
        (b"not a picture", 422),
        (b"", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
        (b"%PDF-1.4 a lie", 422),
        (b"\xff\xd8\xff\xe0 cut off", 422),
    ],
)
def test_what_is_no_picture_is_refused(street: Street, visit: Any, photo: bytes, status: int) -> None:
    answer = visit("street.grid").post(
        "/api/incidents/reports",
        {**given(), "photos": picture(content=photo)},
        headers={"Idempotency-Key": "draft-00002"},
    )
    assert answer.status_code == status


def test_the_form_goes_without_javascript_too(street: Street, visit: Any) -> None:
    client = visit("street.grid")
    assert "拍照" in client.get("/grid/report").content.decode()
    refused = client.post("/grid/report", {"type": LITTER, "once": "form-0001", "photos": picture()})
    assert refused.status_code == 422
    assert "还没有位置" in refused.content.decode()
    sent = {"type": LITTER, "once": "form-0001", "photos": picture(), "grid": f"{VILLAGE}001", "words": "垃圾"}
    assert client.post("/grid/report", sent).status_code == 302
    assert "暴露垃圾" in client.get("/grid/report").content.decode()


def test_the_worker_reaches_the_grid_pages_only(street: Street, client: Any) -> None:
    answer = client.get("/grid/worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer


def test_the_desk_sees_map_list_and_incident_and_sends_it(street: Street, visit: Any) -> None:
    now = timezone.now()
    done = street.report(words="三袋垃圾", at=now)
    near = street.report(spot=(0.1509, 0.15), at=now)
    desk = visit("street.desk")
    board = desk.get("/desk/incidents").content.decode()
    assert done.code in board
    assert "示意图" in board
    for query in ("?state=closed", "?class=event:05", "?region=990103000000", "?days=x&state=y&region=z"):
        assert desk.get(f"/desk/incidents{query}").status_code == 200
    page = desk.get(f"/desk/incidents/{near.code}").content.decode()
    assert "是同一件，并入" in page
    desk.post(f"/desk/incidents/{near.code}/merge", {"into": done.code})
    assert cases.by_number(near.case_number).outcome == "merged"
    desk.post(f"/desk/incidents/{done.code}/act", {"step": "file", "choice": "file"})
    assert "类型清单" in desk.get(f"/desk/incidents/{done.code}").content.decode()
    unit = street.offices["cleaning"].id
    desk.post(f"/desk/incidents/{done.code}/dispatch", {"step": "dispatch", "unit": unit, "whistle": "1"})
    assert street.steps(done.case_number) == {"whistle"}
    handler = visit("cleaning.handler")
    here = {"step": "whistle", "choice": "arrive", "lon": "0.15", "lat": "0.15"}
    handler.post(f"/desk/incidents/{done.code}/act", here)
    after = {"step": "handle", "choice": "done", "words": "清理完毕", "photos": picture()}
    handler.post(f"/desk/incidents/{done.code}/act", after)
    assert street.steps(done.case_number) == {"check"}
    assert done.code in handler.get(f"/desk/cases/{done.case_number}").content.decode()
    page = visit("street.grid").get(f"/desk/incidents/{done.code}").content.decode()
    assert "核查通过" in page
    assert "距现场0米" in page


def test_photos_are_for_who_may_see_the_incident(street: Street, visit: Any) -> None:
    done = street.report()
    (report,) = queries.reports(done.code)
    path = f"/desk/incidents/photos/{report.photos[0]}"
    assert visit("street.desk").get(path).status_code == 200
    assert visit("cleaning.handler").get(path).status_code == 404
    assert visit("health.clerk").get(path).status_code == 404
    assert visit("street.desk").get("/desk/incidents/photos/999999999").status_code == 404
    assert visit("cleaning.handler").get(f"/desk/incidents/{done.code}").status_code == 404


def test_one_due_list_holds_every_kind_of_a_units_work(street: Street, visit: Any) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "dispatch")
    handler = visit("cleaning.handler")
    page = handler.get("/desk?box=todo").content.decode()
    assert done.case_number in page
    assert "网格事件" in page
    assert done.case_number not in handler.get("/desk?box=todo&kind=application").content.decode()


def test_one_number_shows_the_whole_family(street: Street, visit: Any) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "supervise", "三个单位都不接")
    for number in (done.case_number, f"{done.case_number}-01"):
        page = visit("street.desk").get(f"/desk/cases/{number}").content.decode()
        assert "同一编号下的各件" in page
        assert f"{done.case_number}-01" in page
        assert "督办件" in page
