"""One matter from its guide to the certificate: in a browser as a resident does it, and over JSON alone by three kinds of people."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser import DESK, PHONE
from tests.journeys.outside_world import as_json
from tests.journeys.test_one_thing import onward, put, signed_in
from tests.singles import Singles, act_under
from yiwang.kernel.cases.models import Case
from yiwang.support.licences import queries as licences

SIZES = pytest.mark.parametrize(
    "size", [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="desk", marks=pytest.mark.slow)]
)
Open = Callable[..., Page]
Look = Callable[..., None]
As = Callable[[str], Client]


@SIZES
def test_from_the_guide_to_the_receipt(
    open_page: Open,
    look: Look,
    singles: Singles,
    live_site: str,
    client_as: As,
    tmp_path: Path,
    size: dict[str, object],
) -> None:
    paper = tmp_path / "paper.png"
    Image.new("RGB", (200, 250), "white").save(paper)
    page = open_page(size)
    signed_in(page, client_as("mother"), live_site)
    page.goto(f"/matters/{singles.permit}")
    page.get_by_role("link", name="立即办理").click()
    page.wait_for_url("**/form")
    look(page, "single-form")
    expect(page.get_by_label("手机号码")).to_have_value(singles.world.mother.phone)
    _fill(page, singles.residence(ground="employment", employer="安澜市青禾面馆"))
    page.wait_for_url("**/materials")
    look(page, "single-materials")
    for label in ("portrait", "dwelling-proof"):
        page.set_input_files(f"#up-{label}", paper)
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/review")
    expect(page.get_by_text("以后补交")).to_be_visible()
    look(page, "single-review")
    # A double tap: the second request finds the first one's filing.
    page.get_by_role("button", name="提交").dblclick(no_wait_after=True)
    page.wait_for_url("**/receipt")
    look(page, "single-receipt")
    assert Case.objects.filter(kind="application").count() == 1
    expect(page.get_by_text(Case.objects.get(kind="application").number).first).to_be_visible()


def _fill(page: Page, answers: dict[str, Any]) -> None:
    for _ in range(12):
        for name, value in answers.items():
            put(page, name, {True: "true", False: "false"}.get(value, str(value)))
        onward(page)
        if "/materials" in page.url:
            return
    raise AssertionError("the form did not come to an end: " + page.inner_text("main")[:2000])


def test_the_map_is_drawn_from_our_own_files(open_page: Open, look: Look, singles: Singles) -> None:
    from yiwang.kernel.orgs.models import Organisation

    # The map is about a place that knows its coordinates; the world's offices do not.
    Organisation.objects.filter(kind="health").update(lon=0.41, lat=0.36)
    page = open_page(DESK)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(f"/matters/{singles.senior}")
    page.wait_for_load_state("networkidle")
    before = [url for url in fetched if "maplibre-gl" in url]
    page.get_by_role("heading", name="哪里办").evaluate("each => each.scrollIntoView()")
    expect(page.locator('[data-sketch-map][data-state="drawn"]')).to_be_visible()
    expect(page.get_by_role("link", name="望卫健局").or_(page.locator(".yw-pin")).first).to_be_visible()
    look(page, "guide-map")
    assert not before, "the map's megabyte waits until it is looked at"
    assert all(url.startswith((page.evaluate("location.origin"), "blob:", "data:")) for url in fetched)


class Api:
    """What each of them sends; nothing but the JSON API is called."""

    def __init__(self, singles: Singles, client_as: As) -> None:
        self.singles, self.client_as = singles, client_as

    def ok(self, answer: Any, status: int = 200) -> Any:
        assert answer.status_code == status, answer.content.decode()
        return answer.json()

    def paper(self, client: Client) -> dict[str, int]:
        picture = BytesIO()
        Image.new("RGB", (60, 80), "white").save(picture, "PNG")
        sent = SimpleUploadedFile("paper.png", picture.getvalue(), content_type="image/png")
        return {"file_id": self.ok(client.post("/api/applications/files", {"file": sent}))["id"]}

    def file(self, client: Client, code: str, body: dict[str, Any], key: str) -> Any:
        return client.post(
            f"/api/applications/matters/{code}/filings", **as_json(body), headers={"Idempotency-Key": key}
        )

    def take(self, who: str, number: str, step: str, choice: str, **more: Any) -> None:
        clerk = self.client_as(who)
        row = next(r for r in self.ok(clerk.get("/api/cases/work"))["items"] if r["number"] == number)
        sent = {"step": step, "choice": choice, **more}
        self.ok(clerk.post(f"/api/cases/{row['case_id']}/advance", **as_json(sent)))


@pytest.fixture
def api(singles: Singles, client_as: As) -> Api:
    return Api(singles, client_as)


def test_a_residents_permit_over_json(api: Api, client_as: As, run_jobs: Callable[[], int]) -> None:
    mother, code = client_as("mother"), api.singles.permit
    needs = api.ok(Client().get(f"/api/applications/matters/{code}"))
    assert (needs["type"], needs["statutory"], needs["promised"]) == ("20", "15日", "7日")
    assert {m["key"] for m in needs["materials"] if m["is_asked"] and not m["is_conditional"]} == {
        "portrait",
        "dwelling-proof",
    }
    known = api.ok(mother.post(f"/api/applications/matters/{code}/prefill"))
    assert {"name", "id_number", "registered_address"} <= {name for name, k in known.items() if not k["may_change"]}
    answers = api.singles.residence(ground="study", school="学府中学", phone=None)  # the account knows the telephone
    wrong = mother.post(
        f"/api/applications/matters/{code}/check", **as_json({"answers": answers | {"lived_since": "?"}})
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "forms.answers-invalid")
    checked = api.ok(mother.post(f"/api/applications/matters/{code}/check", **as_json({"answers": answers})))
    asked = {m["key"]: m["may_lack"] for m in checked["materials"] if m["is_asked"]}
    assert asked == {"portrait": False, "dwelling-proof": False, "study-proof": True}
    assert {c["code"]: c["answer"] for c in checked["conditions"]} == {"half-year": "met", "ground": "unknown"}
    body = {"answers": answers, "materials": {key: api.paper(mother) for key in ("portrait", "dwelling-proof")}}
    filed = api.ok(api.file(mother, code, body, "permit-0001"), 201)
    again = api.ok(api.file(mother, code, body, "permit-0001"), 201)
    assert filed["number"] == again["number"]
    assert (
        api.file(mother, code, {**body, "answers": answers | {"school": "别的学校"}}, "permit-0001").status_code == 409
    )
    number = filed["number"]
    receipt = api.ok(mother.get(f"/api/applications/{number}/receipt"))
    assert (receipt["query_code"], receipt["materials"]) == (filed["query_code"], ["本人相片", "居住地住址证明"])
    assert client_as("father").get(f"/api/applications/{number}/receipt").status_code == 403

    api.take("police-household.clerk", number, "intake", "accept")
    documents = api.ok(mother.get(f"/api/applications/{number}/documents"))
    assert [d["event"] for d in documents] == ["accept-with-gaps"]
    late = api.paper(mother)
    api.ok(mother.put(f"/api/applications/{number}/materials/study-proof", **as_json(late)))
    api.take("police-household.reviewer", number, "handle", "done")
    (licence,) = [one for one in api.ok(mother.get("/api/my/licences")) if one["type_id"] == "residence-permit"]
    assert licence["status"]
    run_jobs()


def test_a_firms_permit_by_its_agent_under_the_permit_law(api: Api, client_as: As) -> None:
    agent, code = client_as("neighbour"), api.singles.hygiene
    assert agent.post(f"/api/applications/matters/{code}/prefill").status_code == 403  # as herself
    act_under(agent, api.singles.for_firm)
    answers = api.singles.premises(has_central_air=True)
    checked = api.ok(agent.post(f"/api/applications/matters/{code}/check", **as_json({"answers": answers})))
    assert "air-report" in {m["key"] for m in checked["materials"]}
    papers = ("floor-plan", "test-report", "hygiene-rules", "air-report")
    body = {"answers": answers, "materials": {key: api.paper(agent) for key in papers[:2]}}
    number = api.ok(api.file(agent, code, body, "hygiene-0001"), 201)["number"]
    refused = client_as("health.clerk")
    case_id = Case.objects.get(number=number).pk
    answer = refused.post(f"/api/cases/{case_id}/advance", **as_json({"step": "intake", "choice": "accept"}))
    assert (answer.status_code, answer.json()["code"]) == (409, "applications.materials-lacking")
    api.take("health.clerk", number, "intake", "correct", grounds="缺集中空调检测报告")
    for key in papers[2:]:
        api.ok(agent.put(f"/api/applications/{number}/materials/{key}", **as_json(api.paper(agent))))
    api.ok(agent.post(f"/api/cases/{case_id}/advance", **as_json({"step": "correction", "choice": "submit"})))
    api.take("health.clerk", number, "intake", "accept")
    clocks = {c["name"]: c for c in api.ok(agent.get(f"/api/cases/{case_id}"))["clocks"] if not c["task_id"]}
    assert {"statutory", "promised"} <= clocks.keys()
    api.take("health.reviewer", number, "review", "pass")
    api.take("health.approver", number, "decide", "grant")
    events = [d["event"] for d in api.ok(agent.get(f"/api/applications/{number}/documents"))]
    assert events == ["correct", "accept", "grant"]
    (permit,) = api.ok(agent.get("/api/my/licences"))
    assert permit["type_id"] == "public-place-hygiene-permit"
    assert permit["valid_to"]


def test_an_old_mans_card_by_his_helper(api: Api, client_as: As, run_jobs: Callable[[], int]) -> None:
    helper, code = act_under(client_as("neighbour"), api.singles.for_elder), api.singles.senior
    known = api.ok(helper.post(f"/api/applications/matters/{code}/prefill"))
    assert known["name"]["value"] == "林德厚"
    assert known["phone"]["value"] == api.singles.elder.phone
    number = api.ok(api.file(helper, code, {"answers": {"truthful": True}}, "senior-0001"), 201)["number"]
    api.take("health.clerk", number, "intake", "at-once")
    case = Case.objects.get(number=number)
    assert (case.applicant_id, case.outcome) == (api.singles.elder.id, "granted")
    assert helper.get("/api/my/licences").status_code == 403  # a helper files for him, his wallet stays his
    (card,) = licences.of_holder(api.singles.elder.subject_key)
    assert card.type_id == "senior-card"
    run_jobs()
