"""What form.js and a page without it send, and what a form looks like."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.unit.kernel.forms.sample import ANSWERS
from tests.unit.kernel.forms.test_validate import known
from tests.world import World
from yiwang.kernel.forms import _token, queries
from yiwang.kernel.forms.contracts import AnswersInvalid, FormDef, NotAForm
from yiwang.kernel.forms.models import Objection

DRAFT = "/forms/test.birth/drafts/apply"
ClientAs = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _files(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_FILES = tmp_path


def put(client: Client, body: str | bytes) -> int:
    return client.put(DRAFT, body, content_type="application/json", headers={"accept": "application/json"}).status_code


def test_a_draft_is_put_and_posted(world: World, client_as: ClientAs, form: FormDef) -> None:
    client = client_as("mother")
    assert put(client, json.dumps({"mother_name": "陈"})) == 200
    assert client.post(DRAFT, {"mother_name": "陈晓", "back": "/somewhere"})["Location"] == "/somewhere"
    found = queries.draft(form.id, "apply", world.actor("mother"))
    assert found is not None
    assert found.answers == {"mother_name": "陈晓"}


def test_what_an_open_page_sent_earlier_does_not_undo_what_it_posted(
    world: World, client_as: ClientAs, form: FormDef
) -> None:
    client, numbered = client_as("mother"), {"Draft-Page": "opened", "Draft-Saving": "7"}
    client.post(DRAFT, {"mother_name": "新", "draft_page": "opened"})
    client.put(DRAFT, '{"mother_name": "旧"}', content_type="application/json", headers=numbered)
    found = queries.draft(form.id, "apply", world.actor("mother"))
    assert found is not None
    assert found.answers == {"mother_name": "新"}
    for hostile in ("-1", "²", "9" * 40, "x"):
        wrong = {"Draft-Page": "p" * 99, "Draft-Saving": hostile}
        assert client.put(DRAFT, "{}", content_type="application/json", headers=wrong).status_code == 200


def test_a_visitor_has_no_draft(world: World, form: FormDef) -> None:
    assert put(Client(), "{}") == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 422), ("[]", 422), ('"x"', 422), (b"\xff\xfe", 422), ("[" * 100_000, 422), (b"{}" + b" " * 300_000, 422)],
)
def test_hostile_drafts_are_refused(
    world: World, client_as: ClientAs, form: FormDef, body: str | bytes, status: int
) -> None:
    assert put(client_as("mother"), body) == status


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "PNG")
    return SimpleUploadedFile("照片.png", out.getvalue())


def test_an_upload_is_seen_by_its_owner_alone(world: World, client_as: ClientAs, form: FormDef) -> None:
    mother = client_as("mother")
    told = mother.post("/forms/test.birth/files", {"field": "photo", "file": picture()}).json()
    assert told["filename"] == "照片.png"
    shown = mother.get(f"/forms/files/{told['id']}")
    assert shown["Content-Type"] == "image/png"
    assert "sandbox" in shown["Content-Security-Policy"]
    assert client_as("neighbour").get(f"/forms/files/{told['id']}").status_code == 404
    assert client_as("health.clerk").get(f"/forms/files/{told['id']}").status_code == 404


@pytest.mark.parametrize("field", ["mother_name", "nothing", ""])
def test_files_are_taken_for_file_questions_only(world: World, client_as: ClientAs, form: FormDef, field: str) -> None:
    sent = {"field": field, "file": picture()}
    headers = {"accept": "application/json"}
    assert client_as("mother").post("/forms/test.birth/files", sent, headers=headers).status_code in (404, 422)


def token(form: FormDef) -> str:
    held = {"form": form.id, "field": "mother_name", "element": "person.name", "source": "population", "held": "陈晓兰"}
    return _token.make(held, at=timezone.now())


def test_an_objection_by_dialog(world: World, client_as: ClientAs, form: FormDef) -> None:
    sent = {"token": token(form), "claimed": "陈晓岚", "words": ""}
    headers = {"accept": "application/json"}
    assert client_as("mother").post("/forms/test.birth/objection", sent, headers=headers).json() == {
        "is_recorded": True
    }
    assert Objection.objects.get().held == "陈晓兰"


def test_an_objection_by_way_of_a_page_keeps_what_was_typed(world: World, client_as: ClientAs, form: FormDef) -> None:
    client = client_as("mother")
    sent = {"object": "mother_name", "known.mother_name": token(form), "draft_key": "apply", "mother_phone": "139"}
    page = client.post("/forms/test.birth/objection", sent)
    assert "陈晓兰" in page.content.decode()
    assert client.post("/forms/test.birth/objection", {"token": token(form), "claimed": ""}).status_code == 422
    done = client.post("/forms/test.birth/objection", {"token": token(form), "claimed": "陈晓岚"})
    assert "已记录" in done.content.decode()
    found = queries.draft(form.id, "apply", world.actor("mother"))
    assert found is not None
    assert found.answers == {"mother_phone": "139"}


def test_what_a_register_holds_cannot_be_made_up(world: World, client_as: ClientAs, form: FormDef) -> None:
    good = token(form)
    for forged in (good[:-6] + "xxxx==", good[:40], "", "x", "中文"):
        sent = {"token": forged, "claimed": "陈晓岚"}
        assert client_as("mother").post("/forms/test.birth/objection", sent).status_code == 422
    assert not Objection.objects.exists()


def fill(form: FormDef, **context: object) -> str:
    text = "{% load forms %}{% form_fill form answers errors known draft_key='apply' action='/apply' %}"
    return Template(text).render(Context({"form": form, "csrf_token": "t", **context}))


@pytest.mark.django_db
def test_a_form_is_drawn_with_what_is_known_and_what_is_wrong(form: FormDef) -> None:
    answers = {**ANSWERS, "mother_phone": "12"}
    with pytest.raises(AnswersInvalid) as refused:
        queries.validate(form, answers)
    html = fill(
        form, answers=answers, errors=refused.value, known=known(mother_name="陈晓岚", mother_id="11010519491231002X")
    )
    assert "已从户籍信息获取" in html
    assert 'name="mother_name"' not in html
    assert "110***********002X" in html
    assert "11010519491231002X" not in html
    assert 'href="#f-mother-phone"' in html
    assert re.search(r'id="g-father"[^>]* data-off', html)
    assert 'name="children.0.child_name"' in html
    assert " style=" not in html
    ids = re.findall(r'\sid="([^"]+)"', html.split("<template")[0])
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_answers_are_escaped(form: FormDef) -> None:
    html = fill(form, answers={**ANSWERS, "mother_name": '"><script>x()</script>'})
    assert "<script>x()" not in html


def test_a_token_ages(form: FormDef) -> None:
    now = timezone.now()
    old = _token.make({"form": form.id}, at=now - timedelta(hours=25))
    with pytest.raises(NotAForm):
        _token.read(old, at=now)
    assert _token.read(_token.make({"form": form.id}, at=now), at=now) == {"form": form.id}
