"""A birth from the form to its last result: order, results handed on, clocks, twins, agents, repeats, refusals."""

from datetime import date

import pytest

from tests.families import Family, child
from tests.unit.services.journeys.births import (
    CHILD_ID,
    accepted,
    answers_of,
    certify,
    filed,
    finished,
    member,
    parts,
    reported,
)
from tests.world import AT
from yiwang.kernel.base.contracts import Denied, YiwangError
from yiwang.kernel.base.idempotency import KeyReused
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.models import Case
from yiwang.kernel.forms.contracts import AnswersInvalid
from yiwang.services.applications import queries as applications
from yiwang.services.applications.contracts import MaterialInput, MaterialStatus
from yiwang.services.journeys import actions, queries
from yiwang.services.journeys.contracts import NotTheirs


def test_one_form_becomes_one_case_at_the_lead_with_the_promised_day(family: Family) -> None:
    case = filed(family)
    assert (case.kind, case.title) == ("journey", "新生儿出生一件事")
    assert case.org_id == family.world.org("service-centre").id
    assert case.applicant_id == family.world.mother.id
    case = accepted(family, case)
    clock = next(clock for clock in case.clocks if clock.name == "promised")
    assert str(clock.limit) == "5个工作日"
    assert clock.due_at is not None
    assert clock.due_at.date() == date(2026, 11, 30)
    assert parts(case) == {
        "certificate": "open",
        "registration": "waiting",
        "card": "waiting",
        "insurance": "waiting",
        "vaccination": "open",
    }


def test_every_part_goes_to_its_own_unit_on_its_own_clock(family: Family) -> None:
    case = accepted(family, filed(family))
    certificate, vaccination = member(case, "certificate"), member(case, "vaccination")
    assert certificate.org_id == family.world.org("hospital").id
    assert vaccination.org_id == family.world.org("clinic").id
    limits = {clock.name: str(clock.limit) for clock in certificate.clocks if clock.task_id is None}
    assert limits == {"statutory": "5个工作日", "promised": "1个工作日"}
    assert certificate.number.startswith(case.number)


def test_results_are_handed_on_so_that_nobody_types_them_twice(family: Family) -> None:
    case = accepted(family, filed(family))
    certify(family, case)
    number = cases.results(member(case, "certificate").id)["number"]
    assert answers_of(member(case, "registration"))["birth_certificate_no"] == number
    reported(case, "registration", "granted", child_id_number=CHILD_ID)
    for slot in ("card", "insurance"):
        assert answers_of(member(case, slot))["child_id_number"] == CHILD_ID
    assert answers_of(member(case, "card"))["card_bank"] == "102"
    assert "account_no" not in answers_of(member(case, "card"))


def test_all_parts_done_end_the_whole(family: Family) -> None:
    case = finished(family, accepted(family, filed(family)))
    assert (case.status.value, case.outcome) == ("closed", "completed")
    assert set(parts(case).values()) == {"done"}


def test_a_refused_part_leaves_out_what_waits_for_it_and_the_rest_goes_on(family: Family) -> None:
    case = accepted(family, filed(family))
    certify(family, case)
    reported(case, "registration", "refused", grounds="已在外地登记")
    assert parts(case)["card"] == parts(case)["insurance"] == "skipped"
    engine.advance(
        case_id=member(case, "vaccination").id,
        step="record",
        choice="issue",
        by=family.world.actor("clinic.clerk"),
        at=AT,
    )
    assert cases.peek(case.id, at=AT).outcome == "partly"


def test_a_name_that_the_household_system_cannot_write_is_confirmed_by_the_guardian(family: Family) -> None:
    case = accepted(family, filed(family, children=[child("林𬭎")]))
    certify(family, case)
    reported(case, "registration", "confirm")
    registration = member(case, "registration")
    assert registration.steps_open[0].step == "name-check"
    engine.advance(case_id=registration.id, step="name-check", choice="confirm", by=family.world.actor("mother"), at=AT)
    assert cases.results(registration.id)["name_is_confirmed"] is True
    reported(case, "registration", "granted", child_id_number=CHILD_ID)
    assert parts(case)["registration"] == "done"


def test_twins_have_parts_of_their_own_and_each_waits_for_its_own(family: Family) -> None:
    twins = [child("林小满"), child("林小寒", "1", "2026-11-20T08:41")]
    case = accepted(family, filed(family, children=twins))
    assert len(parts(case)) == 10
    certify(family, case, "certificate-2")
    standing = parts(case)
    assert (standing["registration-1"], standing["registration-2"]) == ("waiting", "open")
    assert answers_of(member(case, "registration-2"))["child_name"] == "林小寒"
    assert member(case, "certificate-1").subject == "林小满"


def test_the_benefit_waits_for_every_child_and_is_paid_once(family: Family) -> None:
    twins = [child("林小满"), child("林小寒", "1", "2026-11-20T08:41")]
    account = {
        "wants_benefit": True,
        "account_bank": "工商银行",
        "account_no": "6222021234567890128",
        "account_name": "陈晓岚",
    }
    plan = queries.plan(
        family.journey_id, family.answers(children=twins, **account), region_code=family.region, on=AT.date()
    )
    benefit = next(part for part in plan.parts if part.part == "benefit")
    assert benefit.after == ("insurance-1", "insurance-2")


def test_the_same_form_sent_twice_is_one_case(family: Family) -> None:
    first, second = filed(family), filed(family)
    assert first.id == second.id
    assert Case.objects.filter(kind="journey").count() == 1
    with pytest.raises(KeyReused):
        filed(family, card_bank="103")


def test_registers_fill_what_is_not_asked_and_marriage_is_never_a_condition(family: Family) -> None:
    case = filed(family)
    assert answers_of(case)["mother_name"] == family.world.mother.name
    assert answers_of(case)["father_id_number"] == family.world.father.id_number
    alone = filed(family, once="k2", has_father=False, parents_married=None)
    assert "father_name" not in answers_of(alone)
    assert "marriage-certificate" not in {m.key for m in applications.materials(alone)}


def test_materials_stand_once_with_where_they_come_from(family: Family) -> None:
    case = filed(family)
    status = {m.key: m.status for m in applications.materials(case)}
    assert status["parents-id"] is MaterialStatus.VERIFIED
    assert status["household-book"] is MaterialStatus.VERIFIED
    assert status["marriage-certificate"] is MaterialStatus.VERIFIED
    assert status["birth-certificate"] is MaterialStatus.GENERATED
    assert status["child-photo"] is MaterialStatus.LACKING
    accepted(family, case)
    assert {m.key: m.status for m in applications.materials(case)}["child-photo"] is MaterialStatus.GAP


def test_another_father_than_the_husband_on_record_may_be_named(family: Family) -> None:
    other = family.world.neighbour
    case = filed(
        family,
        parents_married=False,
        father_name="周某",
        father_id_number=other.id_number,
        father_ethnicity="01",
        father_registered_address="安澜市望湖区西苑社区1号",
    )
    assert answers_of(case)["father_id_number"] == other.id_number


def test_an_agent_files_within_the_mandate_only(family: Family) -> None:
    world = family.world
    for scope, may in (("anlan.birth", True), ("anlan.other", False)):
        mandate = world.mandate(world.mother, "neighbour", scope=scope)
        agent = world.actor("neighbour", mandate)
        given = {
            "journey_id": family.journey_id,
            "region_code": family.region,
            "answers": family.answers(),
            "materials": {},
            "once": f"k-{scope}",
            "by": agent,
            "at": AT,
        }
        if may:
            case = actions.file(**given)
            assert (case.applicant_id, case.filed_by_id) == (world.mother.id, world.account("neighbour").id)
        else:
            with pytest.raises(Denied):
                actions.file(**given)


def test_only_a_parent_applies(family: Family) -> None:
    with pytest.raises(NotTheirs) as refused:
        filed(
            family,
            by="neighbour",
            mother_name="陈晓岚",
            mother_id_number=family.world.mother.id_number,
            mother_ethnicity="01",
            mother_registered_address="安澜市临江区柳岸社区7号",
            has_father=False,
            parents_married=None,
        )
    assert refused.value.hint
    with pytest.raises(Denied):
        filed(family, by="health.clerk")


def test_wrong_answers_are_named_by_place(family: Family) -> None:
    with pytest.raises(AnswersInvalid) as refused:
        filed(family, children=[child(born_at="2027-01-01T08:00")], informed=False, card_bank="999")
    assert {place.where for place in refused.value.places} == {"children.0.child_born_at", "informed", "card_bank"}
    assert not Case.objects.exists()


def test_a_file_of_somebody_else_is_refused_whole(family: Family) -> None:
    with pytest.raises(YiwangError):
        actions.file(
            journey_id=family.journey_id,
            region_code=family.region,
            answers=family.answers(),
            materials={"child-photo": MaterialInput(file_id=987654)},
            once="k1",
            by=family.world.actor("mother"),
            at=AT,
        )
    assert not Case.objects.exists()
