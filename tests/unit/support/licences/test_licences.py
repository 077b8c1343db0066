"""Issuing, standing, and what anyone may learn."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.unit.support.licences.conftest import CHILD, Issue
from tests.world import AT, World
from yiwang.data.registries import queries as registries
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Denied
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.forms.contracts import Subject
from yiwang.kernel.ledger import actions as ledger
from yiwang.support.licences import actions, queries
from yiwang.support.licences._facts import LicenceFacts
from yiwang.support.licences._identifier import parse
from yiwang.support.licences._standing import valid_until
from yiwang.support.licences.contracts import (
    CannotChange,
    Change,
    GroundsNeeded,
    Holder,
    LicenceNotFound,
    RegisterFilter,
    Status,
    StaysPaper,
    TooManyLookups,
    WrongFields,
)
from yiwang.support.licences.models import Licence

TODAY = AT.date()


def test_an_issued_certificate_carries_number_identifier_and_code(issue: Issue, world: World) -> None:
    licence = issue()
    assert licence.number == "Q260000001"
    assert licence.status is Status.VALID
    assert licence.holder_masked == "林*"
    identifier = parse(licence.identifier)
    assert identifier is not None
    assert identifier.issuer == world.org("health").uscc
    assert len(licence.verify_code) == 12


def test_the_same_result_delivered_twice_is_one_certificate(issue: Issue) -> None:
    assert issue() == issue()
    assert Licence.objects.count() == 1


def test_twins_get_one_each(issue: Issue) -> None:
    one, two = issue(slot="1"), issue(slot="2", holder=Holder("林宁", "999", ""))
    assert (one.number, two.number) == ("Q260000001", "Q260000002")


def test_parents_keep_the_childs_certificate_and_strangers_do_not(issue: Issue, world: World) -> None:
    licence = issue()
    for parent in (world.mother, world.father):
        assert [view.id for view in queries.of_holder(parent.subject_key)] == [licence.id]
        assert queries.holds(parent.subject_key, "birth-certificate", on=TODAY)
        assert queries.face(licence.id, subject_key=parent.subject_key).holder_name == "林安"
    assert queries.of_holder(world.neighbour.subject_key) == []
    with pytest.raises(LicenceNotFound):
        queries.face(licence.id, subject_key=world.neighbour.subject_key)


def test_a_child_that_has_got_its_number_holds_its_certificate(issue: Issue, world: World) -> None:
    licence, boss = issue(), world.actor("health.approver")
    number = world.neighbour.id_number
    before = licence.identifier
    after = actions.identify_holder(licence_id=licence.id, id_number=number, by=boss, at=AT)
    assert after.identifier == before
    assert issue().id == licence.id
    assert queries.holds(sealed_index(number), "birth-certificate", on=TODAY)
    assert queries.holds(world.mother.subject_key, "birth-certificate", on=TODAY)
    with pytest.raises(CannotChange):
        actions.identify_holder(licence_id=licence.id, id_number=world.father.id_number, by=boss, at=AT)


def test_a_form_about_the_child_is_filled_from_the_certificate_and_the_mothers_is_not(
    issue: Issue, world: World
) -> None:
    licence, number = issue(), world.neighbour.id_number
    actions.identify_holder(licence_id=licence.id, id_number=number, by=SYSTEM, at=AT)
    wanted = {"birth.certificate-no", "birth.weight-grams", "person.name"}
    asked = {"purpose": "参保登记", "case_number": None, "by": SYSTEM, "at": AT}
    facts = LicenceFacts().facts(Subject(None, number, "person"), wanted, **asked)
    assert {name: fact.value for name, fact in facts.items()} == {
        "birth.certificate-no": licence.number,
        "birth.weight-grams": 3200,
    }
    assert not LicenceFacts().facts(Subject(None, world.mother.id_number, "person"), wanted, **asked)


def test_the_face_speaks_as_people_read(issue: Issue) -> None:
    lines = {line.name: line.value for line in queries.face(issue().id).lines}
    assert lines["born_at"] == "2026年11月20日 08:30"
    assert lines["weight_grams"] == "3200克"
    assert lines["sex"] == "男性"
    assert "father_name" not in lines


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"child_name": ""}, "child_name"),
        ({"sex": "7"}, "sex"),
        ({"mother_id": "990102199303150000"}, "mother_id"),
        ({"colour": "蓝"}, "colour"),
    ],
)
def test_wrong_content_is_refused_with_its_place(issue: Issue, world: World, fields: dict, where: str) -> None:
    with pytest.raises(WrongFields) as wrong:
        issue(fields={**CHILD, "mother_name": "陈晓岚", **fields})
    assert [place.where for place in wrong.value.places] == [where]
    assert "陈晓岚" not in str(wrong.value)


def test_paper_stays_paper_and_says_how_to_get_it(issue: Issue) -> None:
    with pytest.raises(StaysPaper) as refused:
        issue(type_id="vaccination-certificate", fields={})
    assert "接种单位" in refused.value.hint


def test_only_the_unit_itself_issues(issue: Issue, world: World) -> None:
    for who in ("other-health.approver", "health.reviewer", "mother"):
        with pytest.raises(Denied):
            issue(by=world.actor(who))
    assert issue(by=SYSTEM).status is Status.VALID


def test_a_number_from_another_system_is_taken_over(issue: Issue, world: World) -> None:
    holder = Holder("林安", "111", world.neighbour.id_number)
    fields = {"name": "林安", "id_number": world.neighbour.id_number, "card_no": "A12345678", "bank": "102"}
    values = {"type_id": "social-security-card", "holder": holder, "fields": fields, "by": SYSTEM}
    card = issue(**values)
    assert card.number == "A12345678"
    assert card.valid_to == date(2036, 11, 22)
    assert queries.verify(card.verify_code).number != "A12345678"


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 11, 23), date(2036, 11, 22)), (date(2024, 2, 29), date(2034, 2, 28))]
)
def test_ten_years_end_the_day_before(start: date, end: date) -> None:
    assert valid_until("years", 10, start) == end


def test_standing_changes_on_grounds_only_and_only_where_it_may(issue: Issue, world: World) -> None:
    licence, boss = issue(), world.actor("health.approver")
    with pytest.raises(GroundsNeeded):
        actions.suspend(licence_id=licence.id, grounds=" ", by=boss, at=AT)
    with pytest.raises(CannotChange):
        actions.resume(licence_id=licence.id, grounds="发还", by=boss, at=AT)
    assert actions.suspend(licence_id=licence.id, grounds="信息待核", by=boss, at=AT).status is Status.SUSPENDED
    assert not queries.holds(world.mother.subject_key, "birth-certificate", on=TODAY)
    assert actions.resume(licence_id=licence.id, grounds="核对无误", by=boss, at=AT).status is Status.VALID
    assert actions.revoke(licence_id=licence.id, grounds="签发有误", by=boss, at=AT).status is Status.REVOKED
    with pytest.raises(CannotChange, match="撤销"):
        actions.cancel(licence_id=licence.id, grounds="注销", by=boss, at=AT)
    history = queries.history(licence.id)
    assert [event.operation.value for event in history] == ["07", "06", "03", "01"]
    assert history[0].grounds == "签发有误"


def test_a_clerk_may_not_revoke_and_another_unit_sees_nothing(issue: Issue, world: World) -> None:
    licence = issue()
    for who in ("health.clerk", "other-health.approver"):
        with pytest.raises(Denied):
            actions.revoke(licence_id=licence.id, grounds="签发有误", by=world.actor(who), at=AT)
    assert len(queries.register(world.actor("health.clerk"), RegisterFilter()).items) == 1
    assert queries.register(world.actor("other-health.approver"), RegisterFilter()).items == []
    with pytest.raises(LicenceNotFound):
        queries.registered(licence.id, world.actor("other-health.clerk"))


def test_a_batch_changes_what_it_can_and_says_why_not(issue: Issue, world: World) -> None:
    one, two, boss = issue(slot="1"), issue(slot="2"), world.actor("health.approver")
    actions.revoke(licence_id=one.id, grounds="签发有误", by=boss, at=AT)
    ids = [one.id, two.id, 999_999]
    report = actions.change_many(licence_ids=ids, to=Change.CANCEL, grounds="批量注销", by=boss, at=AT)
    assert report.changed == [two.id]
    assert set(report.failed) == {one.id, 999_999}


def test_a_correction_is_a_new_version_with_its_own_identifier(issue: Issue, world: World) -> None:
    before, boss = issue(), world.actor("health.approver")
    after = actions.correct(
        licence_id=before.id,
        grounds="更名",
        fields={"child_name": "林平"},
        holder=Holder("林平", "999", ""),
        by=boss,
        at=AT,
    )
    assert (after.version, after.number, after.verify_code) == (2, before.number, before.verify_code)
    assert after.identifier != before.identifier
    face = queries.face(after.id)
    assert (face.holder_name, face.fields["child_name"], face.fields["weight_grams"]) == ("林平", "林平", 3200)


@pytest.mark.parametrize("typed", ["{code}", " {code} ", "{dashed}", "{lower}"])
def test_anyone_verifies_with_the_code_as_it_is_read_off_paper(issue: Issue, typed: str) -> None:
    code = issue().verify_code
    text = typed.format(code=code, dashed=f"{code[:4]}-{code[4:8]} {code[8:]}", lower=code.lower())
    found = queries.verify(text, on=TODAY)
    assert found is not None
    assert found.is_valid
    assert found.sentence == "截至2026年11月23日，这份证照有效。"


def test_a_verification_tells_no_more_than_the_paper(issue: Issue, world: World) -> None:
    found = queries.verify(issue().verify_code, on=TODAY)
    told = str(found)
    for secret in ("林安", world.mother.name, world.mother.id_number, "08:30", "3200"):
        assert secret not in told
    assert {line.name for line in found.lines} == {"child_name", "sex", "institution", "mother_name"}


def test_a_verification_says_why_not(issue: Issue, world: World) -> None:
    licence, boss = issue(valid_to=TODAY + timedelta(days=9)), world.actor("health.approver")
    code = licence.verify_code
    early = queries.verify(code, on=TODAY - timedelta(days=1))
    assert (early.is_valid, early.sentence) == (False, "这份证照从2026年11月23日起有效，现在还没有生效。")
    assert queries.verify(code, on=TODAY + timedelta(days=9)).is_valid
    late = queries.verify(code, on=TODAY + timedelta(days=10))
    assert (late.status, late.is_valid) == (Status.LAPSED, False)
    actions.suspend(licence_id=licence.id, grounds="信息待核", by=boss, at=AT)
    found = queries.verify(code, on=TODAY)
    assert found.sentence == "临江区卫生健康局已于2026年11月23日暂扣这份证照，暂扣期间无效。"
    assert queries.verify("2222 2222 2222") is None


def test_the_ledger_proves_the_standing_without_personal_data(issue: Issue, world: World) -> None:
    licence = issue()
    actions.cancel(licence_id=licence.id, grounds="作废", by=world.actor("health.approver"), at=AT)
    found = queries.verify(licence.verify_code, on=TODAY)
    assert queries.proof_of(found.leaf_id) is None
    ledger.sequence(by=SYSTEM, at=AT)
    proof = queries.proof_of(found.leaf_id)
    assert proof is not None
    content = json.loads(proof["opening"]["content"])
    assert (content["licence"], content["status"]) == (licence.identifier, "04")
    told = json.dumps(proof, ensure_ascii=False)
    assert "林安" not in told
    assert world.mother.id_number not in told


@pytest.mark.parametrize("words", ["Q260000001", "林安", "{identifier}", "{code}", "990102202611230000011-01"])
def test_the_register_finds_by_what_is_on_the_paper(issue: Issue, world: World, words: str) -> None:
    licence = issue()
    wanted = RegisterFilter(words=words.format(identifier=licence.identifier, code=licence.verify_code))
    page = queries.register(world.actor("health.clerk"), wanted)
    assert [view.id for view in page.items] == [licence.id]
    assert queries.register(world.actor("health.clerk"), RegisterFilter(words="林平")).items == []


def test_the_register_costs_the_same_for_one_and_many(
    issue: Issue, world: World, django_assert_max_num_queries
) -> None:
    for slot in range(12):
        issue(slot=str(slot))
    clerk = world.actor("health.clerk")
    with django_assert_max_num_queries(4):
        assert len(queries.register(clerk, RegisterFilter()).items) == 12


def test_guessing_codes_is_hopeless_and_scanning_is_not(world: World) -> None:
    for _ in range(60):
        actions.count_lookup(visitor="192.0.2.1", by=ANONYMOUS, at=AT)
    with pytest.raises(TooManyLookups):
        actions.count_lookup(visitor="192.0.2.1", by=ANONYMOUS, at=AT)
    actions.count_lookup(visitor="192.0.2.1", by=ANONYMOUS, at=AT + timedelta(minutes=5))
    for _ in range(6):
        actions.count_lookup(visitor="192.0.2.2", by=ANONYMOUS, at=AT, was_miss=True)
    with pytest.raises(TooManyLookups):
        actions.count_lookup(visitor="192.0.2.2", by=ANONYMOUS, at=AT)


def test_a_licence_stands_in_its_registry_as_it_changes(
    issue: Issue, world: World, run_jobs: Callable[[], int]
) -> None:
    licence = issue()
    run_jobs()
    key = sealed_index(licence.verify_code)
    assert registries.file("licences", key).value("status") == Status.VALID.word
    actions.suspend(licence_id=licence.id, grounds="信息待核", by=world.actor("health.approver"), at=AT)
    run_jobs()
    file = registries.file("licences", key)
    assert (file.value("status"), file.value("number")) == (Status.SUSPENDED.word, "Q260000001")
    assert [each.value for each in registries.history("licences", key, "status")][-1] == Status.VALID.word
