"""A tennis club, a nonsense business made of packs alone: forms, rules and the case engine know nothing of any other."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import AT, MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, contracts
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView, EffectContext, register_effect
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import AnswersInvalid
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import NewPost, NewStaff

CLUB = Path(__file__).parent / "tennis_club"


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The one function that the club's flow names, and which courts it opened."""
    courts: list[str] = []

    def open_court(context: EffectContext) -> dict[str, str]:
        courts.append(context.case.number)
        return {"court": "3"}

    before = dict(contracts.effects)
    register_effect("tennis.open_court", open_court)
    yield courts
    contracts.effects.clear()
    contracts.effects.update(before)


@pytest.fixture
def club(world: World, opened: list[str]) -> Iterator[World]:
    names = {"keeper": "groundskeeper", "judge": "umpire"}
    with packs.using(packs.read(CLUB)):
        staff = [
            NewStaff(username=name, name=name, posts=(NewPost(world.org("health").id, post, post),), password_hash="!")
            for name, post in names.items()
        ]
        world.accounts.update(zip(names, people.create_staff(staff=staff, by=SYSTEM, at=MADE_AT), strict=True))
        yield world


def take(club: World, case: CaseView, who: str, what: str, grounds: str = "") -> CaseView:
    step, _, choice = what.partition(".")
    return actions.advance(
        case_id=case.id, step=step, choice=choice, grounds=grounds, by=club.actor(who), at=AT + timedelta(hours=1)
    )


def test_its_packs_hold_together(opened: list[str]) -> None:
    assert [str(problem) for problem in packs.check(CLUB)] == []


def test_without_its_function_the_flow_is_refused() -> None:
    (problem,) = packs.check(CLUB)
    assert (problem.where, "没有装“tennis”这个应用" in problem.what) == ("steps.ask.choices.book.effects.0", True)


def test_a_whole_booking_is_played_through(club: World, opened: list[str]) -> None:
    form = forms.get("club.booking-form")
    with pytest.raises(AnswersInvalid):
        forms.validate(form, {"surface": "clay", "players": "2"}, today=AT.date())
    answers = forms.validate(form, {"surface": "clay", "players": "2", "shoes": "人字纹"}, today=AT.date())
    case = actions.open_case(
        kind="booking",
        flow="club.booking",
        title="周日打球",
        org_id=club.org("health").id,
        region_code="990102000000",
        applicant_id=club.mother.id,
        subject=club.mother.name,
        data=answers,
        limits={},
        by=club.actor("mother"),
        at=AT,
    )
    take(club, case, "keeper", "ask.send-back", grounds="周日有比赛")
    take(club, case, "mother", "again.resubmit")
    take(club, case, "keeper", "ask.book")
    assert opened == [case.number]
    take(club, case, "judge", "balls.done")
    take(club, case, "keeper", "net.done")
    done = take(club, case, "judge", "play.over")
    assert (done.outcome, done.is_open, done.outcome_name) == ("played", False, "打完了")
    assert cases.results(case.id)["court"] == "3"
    assert cases.data(case.id)["shoes"] == "人字纹"
    assert "<svg" in cases.flow_picture(case_id=case.id)
