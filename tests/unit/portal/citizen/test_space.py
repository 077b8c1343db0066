"""One filing on its applicant's page, and what they may do there."""

from collections.abc import Callable
from dataclasses import replace

from django.test import Client
from django.utils import timezone

from tests.unit.services.applications.test_promises import check_of, granted, say
from tests.world import World
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView

As = Callable[[str], Client]


def explain(world: World, check: CaseView) -> None:
    by = world.actor("mother")
    engine.advance(case_id=check.id, step="heard", choice="explained", grounds="写错了", by=by, at=timezone.now())


def test_a_choice_is_taken_back_until_somebody_acts_on_it(world: World, client_as: As) -> None:
    # What the page does it does now.
    world = replace(world, at=timezone.now())
    case = granted(world)
    say(world, case, "health.reviewer", is_kept=False, words="社区查无此人")
    check, mother = check_of(case), client_as("mother")
    here, button = f"/my/cases/{check.number}", "收回这一步"
    assert button not in mother.get(here).content.decode()
    explain(world, check)
    assert button in mother.get(here).content.decode()
    assert client_as("neighbour").post(f"{here}/recall/heard").status_code in (403, 404)
    assert mother.post(f"{here}/recall/heard").status_code == 302
    page = mother.get(here).content.decode()
    assert "等您办：请您说明" in page
    assert button not in page
    explain(world, check)
    (task,) = cases.peek(check.id).steps_open
    engine.sign_for(task_id=task.id, by=world.actor("health.approver"), at=timezone.now())
    assert button not in mother.get(here).content.decode()
    assert mother.post(f"{here}/recall/heard").status_code == 409


def test_whoever_ends_or_corrects_a_case_is_read_by_its_applicant(world: World, client_as: As) -> None:
    case, supervisor = granted(world), world.actor("city.supervisor")
    by, at = supervisor, world.at
    engine.note(case_id=case.id, text="只给同事看的话", is_visible=False, by=by, at=at)
    engine.correct_decision(case_id=case.id, correction="revoke", reason="检测报告系伪造", by=by, at=at)
    page = client_as("mother").get(f"/my/cases/{case.number}").content.decode()
    assert "检测报告系伪造" in page
    assert "只给同事看的话" not in page
