"""A decision is taken back: what it brought about goes with it, and may be given again."""

from tests.unit.support.licences.conftest import CHILD
from tests.world import World
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.applications import queries as applications
from yiwang.support.licences import actions as licences
from yiwang.support.licences import queries as issued
from yiwang.support.licences.contracts import Holder, LicenceView, Status


def granted(world: World) -> CaseView:
    case = engine.open_case(
        kind="application",
        flow="standard.permit",
        title="公共场所卫生许可",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"answers": {}},
        limits={},
        by=world.actor("mother"),
        at=world.at,
    )
    for step, choice, who in (
        ("intake", "accept", "clerk"),
        ("review", "pass", "reviewer"),
        ("decide", "grant", "approver"),
    ):
        case = engine.advance(case_id=case.id, step=step, choice=choice, by=world.actor(f"health.{who}"), at=world.at)
    return case


def licence(world: World, case: CaseView) -> LicenceView:
    return licences.issue(
        type_id="birth-certificate",
        holder=Holder("林安", "999", ""),
        issuer_org_id=case.org_id,
        fields={**CHILD, "mother_name": world.mother.name, "mother_id": world.mother.id_number},
        case_number=case.number,
        by=world.actor("health.approver"),
        at=world.at,
    )


def correct(world: World, case: CaseView, code: str) -> CaseView:
    return engine.correct_decision(
        case_id=case.id, correction=code, reason="以欺骗手段取得", by=world.actor("city.supervisor"), at=world.at
    )


def test_a_revoked_decision_takes_its_licence_along_and_says_so_in_writing(world: World) -> None:
    case = granted(world)
    given = licence(world, case)
    case = correct(world, case, "revoke")
    assert (case.outcome, case.outcome_name) == ("revoked", "许可已撤销")
    assert [one.status for one in issued.of_case(case.number)] == [Status.REVOKED]
    assert issued.of_case(case.number)[0].id == given.id
    last = applications.documents(case.id)[-1]
    assert "以欺骗手段取得" in "".join(last.paragraphs)


def test_what_is_decided_anew_may_be_issued_anew(world: World) -> None:
    case = granted(world)
    given = licence(world, case)
    case = correct(world, case, "redecide")
    assert [task.step for task in case.steps_open] == ["decide"]
    case = engine.advance(
        case_id=case.id, step="decide", choice="grant", by=world.actor("health.approver"), at=world.at
    )
    assert case.outcome == "granted"
    assert licence(world, case).id != given.id
    assert [one.status for one in issued.of_case(case.number)] == [Status.REVOKED, Status.VALID]
    assert len(cases.corrections(case.id)) == 1
