"""The pages of a one-thing from its landing page to the receipt, as a parent uses them, without JavaScript."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.families import Family, child
from yiwang.kernel.cases.models import Case
from yiwang.services import journeys

APP = Path(journeys.__file__).parent
BASE = "/journeys/anlan.birth.one-thing"
HERE = f"{BASE}/990102000000"
ACCOUNT = {"account_bank": "工商银行", "account_no": "6222021234567890128", "account_name": "陈晓岚"}


def posted(answers: dict[str, Any]) -> dict[str, str]:
    """Answers as a browser sends them: names are paths."""
    sent: dict[str, str] = {}
    for name, value in answers.items():
        if isinstance(value, list):
            for n, entry in enumerate(value):
                sent[f"{name}.{n}"] = "1"
                sent |= {f"{name}.{n}.{key}": str(each) for key, each in entry.items()}
        else:
            sent[name] = {True: "true", False: "false"}.get(value, str(value))
    return sent


def photo(name: str = "baby.png") -> SimpleUploadedFile:
    picture = BytesIO()
    Image.new("RGB", (40, 50), "white").save(picture, "PNG")
    return SimpleUploadedFile(name, picture.getvalue(), content_type="image/png")


@pytest.fixture
def mother(family: Family, client_as: Callable[[str], Client]) -> Client:
    return client_as("mother")


def past(**changes: Any) -> dict[str, Any]:
    """Born long ago, so that it is in the past on whatever day a test of pages runs."""
    return {"children": [child(born_at="2026-01-05T08:30")], **changes}


def test_the_landing_page_says_what_is_saved_and_where_to_begin(family: Family, client: Client) -> None:
    page = client.get(BASE).content.decode()
    for said in ("7件事", "82→5", "6→0", "立即办理", "不用您提供", "亲子鉴定意见书", "临江区"):
        assert said in page, said
    assert client.get(f"{BASE}/start", {"region": "990102000000"}).url == f"{HERE}/form"
    assert client.get(f"{BASE}/start", {"region": "110000000000"}).status_code == 404
    assert client.get("/journeys/no.such").status_code == 404
    assert "新生儿出生一件事" in client.get("/journeys").content.decode()


def test_the_guide_of_a_matter_leads_to_the_one_thing(family: Family, client: Client) -> None:
    code = f"{family.world.org('police-household').uscc}4992009001001"
    page = client.get(f"/matters/{code}").content.decode()
    assert f'href="{BASE}"' in page
    assert "和另外6件事一张表一起办" in page


def test_a_visitor_signs_in_first(family: Family, client: Client) -> None:
    answer = client.get(f"{HERE}/form")
    assert answer.status_code == 302
    assert "next=" in answer.url


def test_what_registers_know_stands_in_the_form(family: Family, mother: Client) -> None:
    page = mother.get(f"{HERE}/form").content.decode()
    assert family.world.mother.name in page
    assert family.world.father.name in page
    assert "已从" in page


def test_what_is_wrong_stands_beside_its_field(family: Family, mother: Client) -> None:
    answer = mother.post(f"{HERE}/form", posted(family.answers(**past(card_bank=None, informed=False))))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'href="#f-card-bank"' in page
    assert "请阅读知情告知书" in page
    assert not Case.objects.exists()


def test_from_the_form_to_the_receipt(family: Family, mother: Client) -> None:
    answers = family.answers(**past(wants_benefit=True, **ACCOUNT))
    assert mother.post(f"{HERE}/form", posted(answers)).url == f"{HERE}/materials"

    lacking = mother.post(f"{HERE}/materials", {"next": "1"})
    assert lacking.status_code == 422
    assert "请上传产检及医疗费用发票" in lacking.content.decode()
    liar = SimpleUploadedFile("invoice.png", b"MZ not a picture", content_type="image/png")
    assert mother.post(f"{HERE}/materials", {"file.medical-invoices": liar, "next": "1"}).status_code == 422
    files = {f"file.{key}": photo(f"{key}.png") for key in ("medical-invoices", "expense-list", "diagnosis")}
    assert mother.post(f"{HERE}/materials", {**files, "next": "1"}).url == f"{HERE}/review"

    page = mother.get(f"{HERE}/review").content.decode()
    assert "将办理6项" in page
    assert "您选择不登记育儿指导服务" in page
    assert "以后补交" in page
    once = re.search(r'name="once" value="(\w+)"', page)
    assert once is not None
    done = mother.post(f"{HERE}/review", {"once": once[1]})
    case = Case.objects.get(kind="journey")
    assert done.url == f"/cases/{case.number}/receipt"
    again = mother.post(f"{HERE}/review", {"once": once[1]})
    assert (again.status_code, again.headers.get("Location")) == (302, done.url)
    assert Case.objects.filter(kind="journey").count() == 1

    receipt = mother.get(done.url).content.decode()
    for said in (case.number, "受理后5个工作日", "产检及医疗费用发票", family.world.org("service-centre").phone):
        assert said in receipt, said
    assert "<svg" in receipt


def test_a_kept_file_may_be_used_again(family: Family, mother: Client) -> None:
    mother.post(f"{HERE}/form", posted(family.answers(**past())))
    mother.post(f"{HERE}/materials", {"file.child-photo": photo(), "next": "1"})
    assert "baby.png" in mother.get(f"{HERE}/materials").content.decode()
    mother.post(f"{HERE}/materials", {"drop.child-photo": "1"})
    assert "baby.png" not in mother.get(f"{HERE}/materials").content.decode()


def test_others_do_not_see_the_receipt(family: Family, mother: Client, client_as: Callable[[str], Client]) -> None:
    mother.post(f"{HERE}/form", posted(family.answers(**past())))
    mother.post(f"{HERE}/review", {"once": "k1"})
    number = Case.objects.get(kind="journey").number
    assert client_as("neighbour").get(f"/cases/{number}/receipt").status_code == 403


def test_the_draft_is_there_the_next_time_and_gone_once_filed(family: Family, mother: Client) -> None:
    mother.post(f"{HERE}/form", posted(family.answers(**past(card_bank=None))))
    assert "林小满" in mother.get(f"{HERE}/form").content.decode()
    mother.post(f"{HERE}/form", posted(family.answers(**past())))
    mother.post(f"{HERE}/review", {"once": "k1"})
    assert "林小满" not in mother.get(f"{HERE}/form").content.decode()


def test_english_pages_are_english(family: Family, client: Client) -> None:
    page = client.get(BASE, headers={"accept-language": "en"}).content.decode()
    assert "Birth of a child" in page
    assert "Apply now" in page
    assert "Work days" in page


def test_every_phrase_has_its_english() -> None:
    with (APP / "locale/en/LC_MESSAGES/django.po").open("rb") as stream:
        known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in read_po(stream)}
    others = Path(journeys.__file__).parents[1] / "matters/locale/en/LC_MESSAGES/django.po"
    with others.open("rb") as stream:
        known |= {message.id[0] if isinstance(message.id, tuple) else message.id for message in read_po(stream)}
    text = "".join(path.read_text() for path in (APP / "templates").rglob("*.html"))
    phrases = re.findall(r"""(?:translate |\b_\()["']([^"']+)["']""", text)
    assert not {phrase for phrase in phrases if phrase not in known}
