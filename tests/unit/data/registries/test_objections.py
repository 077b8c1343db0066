"""Who says that a register is wrong gets an answer from its unit: a case, a correction or a refusal with grounds."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.families import Family
from tests.journeys.outside_world import as_json
from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import CannotCorrect
from yiwang.kernel.base.contracts import SYSTEM, Invalid
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case
from yiwang.kernel.forms import actions as forms
from yiwang.kernel.workdays import queries as workdays
from yiwang.kernel.workdays.contracts import Limit

FORM = "anlan.police.residence-form"


def objected(family: Family, element: str, claimed: str, *, whose: str = "mother", source: str = "population") -> int:
    """The mother says that a value is wrong, her own or the father's."""
    world = family.world
    about = world.mother if whose == "mother" else world.father
    held = {
        "form": FORM,
        "field": {"person.name": "name", "person.born-on": "born_on"}.get(element, "gone"),
        "element": element,
        "source": source,
        "subject": about.subject_key,
        "held": "登记的内容",
    }
    return forms.object_to(held=held, claimed=claimed, words="字写错了", by=world.actor("mother"), at=world.at).id


def decide(family: Family, case: Case, choice: str, **more: Any) -> None:
    by = family.world.actor("police-household.reviewer")
    engine.advance(
        case_id=case.pk, step="check", choice=choice, grounds="已核对原始档案", by=by, at=family.world.at, **more
    )


def test_it_goes_to_the_registers_unit_once_with_a_time_to_answer(family: Family, run_jobs: Callable[[], int]) -> None:
    said = objected(family, "person.name", "陈晓兰")
    run_jobs()
    case = Case.objects.get(kind="objection")
    again = actions.answer_objection(objection_id=said, by=SYSTEM, at=family.world.at)
    assert again is not None
    assert again.id == case.pk
    assert Case.objects.filter(kind="objection").count() == 1
    view = cases.peek(case.pk)
    assert (view.org_id, view.title) == (family.world.org("police-household").id, "登记信息异议：姓名")
    clock = next(clock for clock in view.clocks if clock.name == "answer")
    assert clock.due_at == workdays.due(family.world.at, Limit.parse("10 workdays")).at
    assert cases.data(case.pk)["answers"]["claimed"] == "陈晓兰"


@pytest.mark.parametrize(("whose", "found_by"), [("mother", "mother"), ("father", "father")])
def test_a_correction_changes_the_record_that_was_meant(
    family: Family, run_jobs: Callable[[], int], whose: str, found_by: str
) -> None:
    objected(family, "person.name", "陈晓兰", whose=whose)
    run_jobs()
    decide(family, Case.objects.get(kind="objection"), "correct")
    world = family.world
    names = {key: queries.person(getattr(world, key).subject_key).name for key in ("mother", "father")}
    assert names == {"mother": world.mother.name, "father": world.father.name} | {found_by: "陈晓兰"}
    assert Case.objects.get(kind="objection").outcome == "corrected"


def test_the_unit_may_find_another_value_than_was_claimed(family: Family, run_jobs: Callable[[], int]) -> None:
    objected(family, "person.born-on", "1993-03-16")
    run_jobs()
    case = Case.objects.get(kind="objection")
    with pytest.raises(Invalid):
        decide(family, case, "correct", form={"value": "三月的一天"})
    decide(family, case, "correct", form={"value": "1993年3月17日"})
    assert queries.person(family.world.mother.subject_key).born_on.isoformat() == "1993-03-17"


def test_what_only_the_source_system_can_change_is_said_so(family: Family, run_jobs: Callable[[], int]) -> None:
    objected(family, "person.id-number", "11010519491231002X")
    run_jobs()
    case = Case.objects.get(kind="objection")
    with pytest.raises(CannotCorrect):
        decide(family, case, "correct")
    decide(family, case, "at-source")
    assert Case.objects.get(pk=case.pk).outcome == "corrected"
    assert queries.person(family.world.mother.subject_key).id_number == family.world.mother.id_number


def test_keeping_it_needs_grounds_and_the_person_reads_them(
    family: Family, run_jobs: Callable[[], int], client_as: Callable[[str], Client]
) -> None:
    objected(family, "person.name", "陈晓兰")
    run_jobs()
    case = Case.objects.get(kind="objection")
    by = family.world.actor("police-household.reviewer")
    with pytest.raises(Invalid):
        engine.advance(case_id=case.pk, step="check", choice="keep", grounds="", by=by, at=family.world.at)
    decide(family, case, "keep")
    run_jobs()
    mother = client_as("mother")
    assert "登记信息异议：姓名" in mother.get("/my/cases").content.decode()
    page = mother.get(f"/my/cases/{case.number}").content.decode()
    assert "已核对原始档案" in page
    assert "登记无误，维持" in page
    inbox = json.dumps(mother.get("/api/my/messages").json(), ensure_ascii=False)
    assert "登记信息异议：姓名" in inbox
    assert queries.person(family.world.mother.subject_key).name == family.world.mother.name


def test_it_lies_on_the_clerks_desk_like_any_case(
    family: Family, run_jobs: Callable[[], int], client_as: Callable[[str], Client]
) -> None:
    objected(family, "person.name", "陈晓兰")
    run_jobs()
    number = Case.objects.get(kind="objection").number
    reviewer = client_as("police-household.reviewer")
    assert number in reviewer.get("/desk").content.decode()
    page = reviewer.get(f"/desk/cases/{number}").content.decode()
    for said in ("现在登记为", "登记的内容", "本人认为应是", "陈晓兰", "字写错了", "更正登记"):
        assert said in page, said
    assert client_as("health.reviewer").get(f"/desk/cases/{number}").status_code == 403


def test_it_is_raised_from_the_form_itself(
    family: Family, run_jobs: Callable[[], int], client_as: Callable[[str], Client]
) -> None:
    mother = client_as("mother")
    code = f"{family.world.org('police-household').uscc}4992009001002"
    page = mother.get(f"/apply/{code}/form").content.decode()
    token = page.split('name="known.registered_address" value="')[1].split('"')[0]
    sent = {"token": token, "claimed": "安澜市临江区江畔街道柳岸社区70号"}
    assert mother.post(f"/forms/{FORM}/objection", sent, headers={"Accept": "application/json"}).json()["is_recorded"]
    run_jobs()
    case = Case.objects.get(kind="objection")
    decided = client_as("police-household.reviewer").post(
        f"/api/cases/{case.pk}/advance", **as_json({"step": "check", "choice": "correct", "grounds": "已核对门牌"})
    )
    assert decided.status_code == 200, decided.content.decode()
    assert queries.person(family.world.mother.subject_key).address == "安澜市临江区江畔街道柳岸社区70号"
    assert timezone.now() >= Case.objects.get(pk=case.pk).closed_at


def test_a_value_of_no_registry_opens_no_case(family: Family) -> None:
    said = objected(family, "person.name", "陈晓兰", source="no-such-registry")
    assert actions.answer_objection(objection_id=said, by=SYSTEM, at=family.world.at) is None
