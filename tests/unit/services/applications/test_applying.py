"""One matter applied for by itself, on pages without JavaScript: form, materials, review, receipt, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.singles import Singles, act_under
from yiwang.kernel.cases.models import Case
from yiwang.kernel.packs import queries as packs
from yiwang.services.applications import actions
from yiwang.services.applications.contracts import NotOpenOnline
from yiwang.services.matters import _check_alone

As = Callable[[str], Client]


def posted(answers: dict[str, Any]) -> dict[str, str]:
    return {name: {True: "true", False: "false"}.get(value, str(value)) for name, value in answers.items()}


def picture(name: str = "photo.png") -> SimpleUploadedFile:
    stream = BytesIO()
    Image.new("RGB", (40, 50), "white").save(stream, "PNG")
    return SimpleUploadedFile(name, stream.getvalue(), content_type="image/png")


def to_review(client: Client, code: str, answers: dict[str, Any], papers: list[str]) -> None:
    here = f"/apply/{code}"
    answer = client.post(f"{here}/form", posted(answers))
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{here}/materials")
    answer = client.post(f"{here}/materials", {f"file.{key}": picture() for key in papers} | {"next": "1"})
    assert (answer.status_code, answer.headers.get("Location")) == (302, f"{here}/review")


def test_the_guide_leads_to_the_form_and_a_visitor_signs_in_first(singles: Singles, client: Client) -> None:
    page = client.get(f"/matters/{singles.permit}").content.decode()
    assert f'href="/apply/{singles.permit}/form"' in page
    answer = client.get(f"/apply/{singles.permit}/form")
    assert answer.status_code == 302
    assert "next=" in answer.url


def test_a_matter_named_by_its_id_asks_for_the_place_only_where_there_are_several(
    singles: Singles, client: Client
) -> None:
    assert client.get("/apply/anlan.police.residence-permit").url == f"/apply/{singles.permit}/form"
    page = client.get("/apply/anlan.health.senior-card").content.decode()
    assert singles.world.org("health").name in page
    assert singles.world.org("other-health").name in page


def test_a_part_of_a_one_thing_has_no_form_of_its_own(singles: Singles, client_as: As) -> None:
    code = singles.code("992009001001", "police-household")
    assert client_as("mother").get(f"/apply/{code}/form").status_code == 409
    with pytest.raises(NotOpenOnline):
        actions.prefill(code=code, by=singles.world.actor("mother"), at=timezone.now())
    assert client_as("mother").get("/apply/no.such.matter/form").status_code == 404


def test_what_the_register_holds_is_not_asked(singles: Singles, client_as: As) -> None:
    page = client_as("mother").get(f"/apply/{singles.permit}/form").content.decode()
    assert "已从户籍信息获取" in page
    assert 'name="registered_address"' not in page
    assert 'name="residence_address"' in page


def test_what_is_wrong_stands_beside_its_field_and_the_draft_stays(singles: Singles, client_as: As) -> None:
    mother = client_as("mother")
    sent = posted(singles.residence(phone="123", ground="employment", truthful=False))
    answer = mother.post(f"/apply/{singles.permit}/form", sent)
    assert answer.status_code == 422
    page = answer.content.decode()
    for said in ("请填写11位手机号码", "请填写用人单位", "请确认所填内容真实"):
        assert said in page
    assert "柳岸社区9号" in mother.get(f"/apply/{singles.permit}/form").content.decode()
    for later in ("materials", "review"):
        assert mother.get(f"/apply/{singles.permit}/{later}").url == f"/apply/{singles.permit}/form"
    assert not Case.objects.exists()


def test_only_papers_that_these_answers_call_for_are_asked(singles: Singles, client_as: As) -> None:
    mother = client_as("mother")
    mother.post(f"/apply/{singles.permit}/form", posted(singles.residence(ground="study", school="学府中学")))
    page = mother.get(f"/apply/{singles.permit}/materials").content.decode()
    assert 'name="file.study-proof"' in page
    assert 'name="file.employment-proof"' not in page
    assert 'name="file.resident-id"' not in page
    answer = mother.post(f"/apply/{singles.permit}/materials", {"next": "1"})
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "请上传本人相片" in said
    assert "请上传就读证明" not in said  # may follow
    lie = SimpleUploadedFile("photo.png", b"MZ\x90\x00 not a picture", content_type="image/png")
    answer = mother.post(f"/apply/{singles.permit}/materials", {"file.portrait": lie, "next": "1"})
    assert answer.status_code == 422
    assert 'href="#f-file-portrait"' in answer.content.decode()


def test_filing_ends_on_a_receipt_and_sending_the_page_again_leads_there_too(singles: Singles, client_as: As) -> None:
    mother = client_as("mother")
    to_review(mother, singles.permit, singles.residence(), ["portrait", "dwelling-proof"])
    page = mother.get(f"/apply/{singles.permit}/review").content.decode()
    assert "居住证申领" in page
    assert "不用您提供" in page
    first = mother.post(f"/apply/{singles.permit}/review", {"once": "a" * 32})
    again = mother.post(f"/apply/{singles.permit}/review", {"once": "a" * 32})
    assert first.url == again.url
    case = Case.objects.get()
    receipt = mother.get(first.url).content.decode()
    for said in (
        case.number,
        case.query_code,
        "本人相片",
        "受理后7日",
        "<svg",
        singles.world.org("police-household").name,
    ):
        assert said in receipt, said
    assert mother.get(f"/apply/{singles.permit}/review").url == f"/apply/{singles.permit}/form"
    english = mother.get(first.url, headers={"Accept-Language": "en"}).content.decode()
    for said in ("Residence permit", "Your photograph", "Query code"):
        assert said in english, said
    readers = {"father": 403, "health.clerk": 403, "police-household.clerk": 200}
    assert {who: client_as(who).get(first.url).status_code for who in readers} == readers


def test_an_unmet_condition_is_said_and_stops_nothing(singles: Singles, client_as: As) -> None:
    mother = client_as("mother")
    answers = singles.residence(lived_since=timezone.localdate().replace(day=1).isoformat())
    to_review(mother, singles.permit, answers, ["portrait", "dwelling-proof"])
    page = mother.get(f"/apply/{singles.permit}/review").content.decode()
    assert "可能不符合下面的条件" in page
    assert "居住半年以上" in page
    assert mother.post(f"/apply/{singles.permit}/review", {"once": "c" * 32}).url.endswith("/receipt")


def test_a_firms_matter_is_the_firms_and_a_persons_the_persons(singles: Singles, client_as: As) -> None:
    agent = client_as("neighbour")
    answer = agent.get(f"/apply/{singles.hygiene}/form")
    assert answer.status_code == 403
    assert "请先选择您代表的企业" in answer.content.decode()
    act_under(agent, singles.for_firm)
    page = agent.get(f"/apply/{singles.hygiene}/form").content.decode()
    assert singles.world.firm.name in page
    assert "已从企业登记信息获取" in page
    assert agent.get(f"/apply/{singles.senior}/form").status_code == 403


def test_an_agent_beyond_the_mandate_sees_nothing(singles: Singles, client_as: As) -> None:
    narrow = singles.world.mandate(singles.elder, "father", scope="anlan.police.residence-permit")
    father = act_under(client_as("father"), narrow)
    answer = father.get(f"/apply/{singles.senior}/form")
    assert answer.status_code == 403
    assert "林德厚" not in answer.content.decode()
    assert father.get(f"/apply/{singles.permit}/form").status_code == 200


def test_a_kept_file_is_used_again_and_a_strangers_is_not(singles: Singles, client_as: As) -> None:
    mother = client_as("mother")
    to_review(mother, singles.permit, singles.residence(), ["portrait", "dwelling-proof"])
    mother.post(f"/apply/{singles.permit}/review", {"once": "d" * 32})
    mother.post(f"/apply/{singles.permit}/form", posted(singles.residence()))
    page = mother.get(f"/apply/{singles.permit}/materials").content.decode()
    assert 'name="kept.portrait"' in page
    stolen = page.split('name="kept.portrait"')[1].split('<option value="')[2].split('"')[0]
    father = client_as("father")
    father.post(f"/apply/{singles.permit}/form", posted(singles.residence()))
    father.post(
        f"/apply/{singles.permit}/materials", {"kept.portrait": stolen, "kept.dwelling-proof": stolen, "next": "1"}
    )
    answer = father.post(f"/apply/{singles.permit}/review", {"once": "e" * 32})
    assert answer.status_code == 403
    assert "只能使用自己上传的文件" in answer.content.decode()
    assert Case.objects.count() == 1


def test_a_matter_that_stands_alone_is_checked(singles: Singles) -> None:
    current = packs.current()
    pack = packs.get("Matter", "anlan.health.senior-card")
    broken = pack.body.model_copy(
        update={
            "channels": ("window",),
            "result_fields": {"name": "nobody", "colour": "name"},
            "conditions": tuple(c.model_copy(update={"when": "height > 3"}) for c in pack.body.conditions),  # type: ignore[attr-defined]
        }
    )
    where = {problem.where for problem in _check_alone.alone(pack, current, broken)}  # type: ignore[arg-type]
    assert {"channels", "result_fields.name", "result_fields.colour", "result_fields", "conditions.0.when"} <= where
    assert list(_check_alone.alone(pack, current, pack.body)) == []  # type: ignore[arg-type]


def test_a_wrong_example_of_a_matter_is_told(singles: Singles) -> None:
    pack = packs.get("Matter", "anlan.health.senior-card")
    turned = tuple(each.model_copy(update={"unmet": ()}) for each in pack.body.examples)
    wrong = replace(pack, body=pack.body.model_copy(update={"examples": turned}))
    assert [p.where for p in _check_alone.examples_hold(wrong, packs.current())] == ["examples.1.unmet"]
