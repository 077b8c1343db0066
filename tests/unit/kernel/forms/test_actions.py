"""Drafts belong to one, registers fill and are written down, objections are heard, uploads are taken in."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from PIL import Image

from tests.unit.kernel.forms.sample import ANSWERS
from tests.world import World
from yiwang.kernel.audit import queries as audit
from yiwang.kernel.base.contracts import ANONYMOUS, Actor, Invalid, Unavailable
from yiwang.kernel.forms import actions, contracts, queries
from yiwang.kernel.forms.contracts import AnswersInvalid, DraftSave, Fact, FormDef, NotAForm, Subject, TooManyDrafts

BIRTH = date(2026, 11, 1)


class Population:
    """A register that knows one mother, and her newborn twins."""

    title = "户籍信息"

    def __init__(self, id_number: str) -> None:
        self.id_number = id_number
        self.asked: list[set[str]] = []

    def facts(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Mapping[str, Fact]:
        self.asked.append(elements)
        if subject.id_number != self.id_number:
            return {}
        held = {"person.name": "陈晓岚", "person.id-number": self.id_number, "person.sex": "2"}
        return {name: Fact(held[name], "test-population", BIRTH) for name in elements & held.keys()}

    def lists(
        self, subject: Subject, elements: set[str], *, purpose: str, case_number: str | None, by: Actor, at: datetime
    ) -> Sequence[Mapping[str, Fact]]:
        twins = [{"birth.sex": "1", "birth.weight-grams": 2600}, {"birth.sex": "2", "birth.weight-grams": "no number"}]
        if subject.id_number != self.id_number:
            return []
        return [{k: Fact(v, "test-population", BIRTH) for k, v in each.items() if k in elements} for each in twins]


class Down(Population):
    def facts(self, *args: Any, **kwargs: Any) -> Mapping[str, Fact]:
        raise Unavailable("户籍系统暂时不可用。")

    lists = facts  # type: ignore[assignment]


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    registered: dict[str, Any] = {}
    monkeypatch.setattr(contracts, "_sources", registered)
    return registered


@pytest.fixture
def filed(world: World, form: FormDef, sources: dict[str, Any]) -> Subject:
    source = Population(world.mother.id_number)
    contracts.register_fact_source("test-population", ["person.*", "birth.*"], source, title="户籍信息")
    return Subject(world.mother.id, world.mother.id_number, "person")


def test_registers_fill_what_they_answer_for(world: World, form: FormDef, filed: Subject) -> None:
    known = actions.prefill(form=form, subject=filed, by=world.actor("mother"), at=world.at)
    shown = {path: (each.value, each.source_title, each.as_of) for path, each in known.items()}
    assert shown == {
        "mother_name": ("陈晓岚", "户籍信息", BIRTH),
        "mother_id": (world.mother.id_number, "户籍信息", BIRTH),
        "children.0.child_sex": ("1", "户籍信息", BIRTH),
        "children.0.weight": (2600, "户籍信息", BIRTH),
        # A weight that is no number is asked, not shown.
        "children.1.child_sex": ("2", "户籍信息", BIRTH),
    }


def test_the_person_sees_who_was_shown_their_data(world: World, form: FormDef, filed: Subject) -> None:
    by = world.actor("mother")
    for _ in range(2):
        actions.prefill(form=form, subject=filed, by=by, at=world.at)
    [disclosure] = audit.disclosures_of(world.mother.subject_key, None).items
    assert disclosure.purpose == "办理出生登记"
    assert disclosure.authority == "户口登记条例第七条"
    assert set(disclosure.elements) == {"person.name", "person.id-number", "birth.sex", "birth.weight-grams"}


def test_nobody_else_is_looked_up(world: World, form: FormDef, filed: Subject) -> None:
    stranger = Subject(None, world.father.id_number, "person")
    assert actions.prefill(form=form, subject=stranger, by=world.actor("father"), at=world.at) == {}
    assert audit.disclosures_of(world.father.subject_key, None).items == []


def test_a_register_that_is_down_leaves_its_questions_to_be_asked(
    world: World, form: FormDef, sources: dict[str, Any]
) -> None:
    contracts.register_fact_source("test-population", ["person.*", "birth.*"], Down(world.mother.id_number))
    subject = Subject(world.mother.id, world.mother.id_number, "person")
    assert actions.prefill(form=form, subject=subject, by=world.actor("mother"), at=world.at) == {}


def test_a_draft_is_its_owners_alone(world: World, form: FormDef) -> None:
    mother, neighbour = world.actor("mother"), world.actor("neighbour")
    half = {"mother_name": "陈", "mother_phone": "not yet a number"}
    actions.save_draft(form_id=form.id, key="apply", answers=half, by=mother, at=world.at)
    found = queries.draft(form.id, "apply", mother)
    assert found is not None
    assert found.answers == half
    assert queries.draft(form.id, "apply", neighbour) is None
    assert queries.draft(form.id, "apply", ANONYMOUS) is None
    with pytest.raises(actions.NotYourDraft):
        actions.save_draft(form_id=form.id, key="apply", answers={}, by=ANONYMOUS, at=world.at)


def test_an_agents_draft_is_kept_per_principal(world: World, form: FormDef) -> None:
    own = world.actor("neighbour")
    acting = world.actor("neighbour", world.mandate(world.mother, "neighbour"))
    actions.save_draft(form_id=form.id, key="apply", answers={"married": "true"}, by=acting, at=world.at)
    assert queries.draft(form.id, "apply", own) is None
    assert queries.draft(form.id, "apply", world.actor("mother")) is None
    assert queries.draft(form.id, "apply", acting) is not None


def test_drafts_are_replaced_and_discarded(world: World, form: FormDef) -> None:
    by = world.actor("mother")
    for value in ("a", "b"):
        actions.save_draft(form_id=form.id, key="apply", answers={"mother_name": value}, by=by, at=world.at)
    assert [each.answers for each in queries.drafts_of(by)] == [{"mother_name": "b"}]
    actions.discard_draft(form_id=form.id, key="apply", by=by, at=world.at)
    assert queries.drafts_of(by) == []


def test_a_saving_that_arrives_late_changes_nothing(world: World, form: FormDef) -> None:
    by = world.actor("mother")

    def save(name: str, page: str, number: int) -> object:
        saving, answers = DraftSave(page, number), {"mother_name": name}
        return actions.save_draft(
            form_id=form.id, key="apply", answers=answers, saving=saving, by=by, at=world.at
        ).answers["mother_name"]

    assert save("second", "here", 2) == "second"
    assert save("first", "here", 1) == "second"
    assert save("elsewhere", "there", 1) == "elsewhere"
    assert save("third", "here", 3) == "third"
    assert save("posted", "here", DraftSave.LAST) == "posted"
    assert save("fourth", "here", 4) == "posted"


def test_drafts_are_bounded(world: World, form: FormDef, monkeypatch: pytest.MonkeyPatch) -> None:
    by = world.actor("mother")
    with pytest.raises(NotAForm):
        actions.save_draft(form_id=form.id, key="apply", answers={"mother_name": "x" * 300_000}, by=by, at=world.at)
    monkeypatch.setattr(actions, "DRAFTS_MAX", 1)
    actions.save_draft(form_id=form.id, key="one", answers={}, by=by, at=world.at)
    actions.save_draft(form_id=form.id, key="one", answers={}, by=by, at=world.at)
    with pytest.raises(TooManyDrafts):
        actions.save_draft(form_id=form.id, key="two", answers={}, by=by, at=world.at)


def test_a_draft_is_sealed(world: World, form: FormDef) -> None:
    from django.db import connection

    actions.save_draft(
        form_id=form.id, key="apply", answers={"mother_name": "陈晓岚"}, by=world.actor("mother"), at=world.at
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM forms_draft")
        assert "陈晓岚".encode() not in bytes(cursor.fetchone()[0])


def test_an_objection_is_written_down_and_stops_nothing(world: World, form: FormDef) -> None:
    held = {"form": form.id, "field": "mother_name", "element": "person.name", "source": "population", "held": "陈晓兰"}
    said = actions.object_to(held=held, claimed=" 陈晓岚 ", words="字写错了", by=world.actor("mother"), at=world.at)
    assert queries.objection(said.id) == said
    assert (said.claimed, said.held, said.source) == ("陈晓岚", "陈晓兰", "population")
    with pytest.raises(Invalid):
        actions.object_to(held=held, claimed="  ", words="", by=world.actor("mother"), at=world.at)


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def _files(settings: LazySettings, tmp_path: Path) -> None:
    settings.YIWANG_FILES = tmp_path


POSTED = (
    "mother_name=陈晓岚&mother_id=11010519491231002X&mother_phone=13900000001&married=false&wanted=false"
    "&children.0=1&children.0.child_name=陈小宝&children.0.child_sex=1"
)


def received(form: FormDef, world: World, text: str, **uploads: bytes) -> tuple[dict[str, Any], Invalid | None]:
    files = MultiValueDict({name: [SimpleUploadedFile(f"{name}.jpg", data)] for name, data in uploads.items()})
    return actions.receive(form=form, data=QueryDict(text), uploads=files, by=world.actor("mother"), at=world.at)


@pytest.mark.usefixtures("_files")
def test_a_posted_page_becomes_answers(world: World, form: FormDef) -> None:
    answers, wrong = received(form, world, POSTED, photo=jpeg())
    assert wrong is None
    cleaned = queries.validate(form, answers, by=world.actor("mother"))
    assert cleaned["children"] == [{"child_name": "陈小宝", "child_sex": "1"}]
    assert len(cleaned["photo"]) == 1


@pytest.mark.usefixtures("_files")
def test_a_refused_upload_costs_no_other_answer(world: World, form: FormDef) -> None:
    answers, wrong = received(form, world, POSTED, photo=b"MZ not a picture")
    assert wrong is not None
    assert [place.where for place in wrong.places] == ["photo"]
    assert answers["mother_name"] == "陈晓岚"
    assert "photo" not in answers


@pytest.mark.usefixtures("_files")
def test_somebody_elses_upload_cannot_be_claimed(world: World, form: FormDef) -> None:
    answers, _ = received(form, world, POSTED, photo=jpeg())
    with pytest.raises(AnswersInvalid) as refused:
        queries.validate(form, answers, by=world.actor("neighbour"))
    assert [place.where for place in refused.value.places] == ["photo"]
    with pytest.raises(AnswersInvalid):
        queries.validate(form, {**ANSWERS, "photo": [999_999]}, by=world.actor("mother"))


@pytest.mark.usefixtures("_files")
def test_an_upload_can_be_taken_back(world: World, form: FormDef) -> None:
    answers, _ = received(form, world, POSTED, photo=jpeg())
    [kept] = answers["photo"]
    answers, _ = received(form, world, f"{POSTED}&photo={kept}&drop.photo={kept}")
    assert "photo" not in answers


def test_items_are_added_and_removed_without_javascript(world: World, form: FormDef) -> None:
    added, _ = received(form, world, f"{POSTED}&add=children")
    assert added["children"] == [{"child_name": "陈小宝", "child_sex": "1"}, {}]
    removed, _ = received(form, world, f"{POSTED}&children.1=1&children.1.child_name=二宝&remove=children.0")
    assert removed["children"] == [{"child_name": "二宝"}]
    for nonsense in ("add=mother", "remove=children.9", "remove=children.x", "add=__proto__"):
        assert received(form, world, f"{POSTED}&{nonsense}")[0]["mother_name"] == "陈晓岚"
