"""Rating: once per channel, bad ones are followed up, silence is never satisfaction."""

from datetime import timedelta

import pytest

from tests.standing import standing
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.services.feedback import actions, queries
from yiwang.services.feedback.contracts import BadRating, CannotRate, Channel, NotYoursToRate

FLOW = "national.feedback.bad-rating"


@standing
def closed(world: World) -> CaseView:
    """A root case of the mother at the health office that came to its end."""
    case = engine.open_case(
        kind="application",
        flow=FLOW,
        title="出生医学证明",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={"matter": {"id": "anlan.health.birth-certificate"}},
        limits={},
        by=world.actor("mother"),
        at=world.at,
    )
    return engine.terminate(case_id=case.id, reason="测试", by=world.actor("city.supervisor"), at=world.at)


def rate(world: World, case: CaseView, level: int, **more: object) -> object:
    given = {"channel": Channel.WEB, "by": world.actor("mother"), "at": world.at, **more}
    return actions.rate(case_id=case.id, level=level, **given)  # type: ignore[arg-type]


def test_a_good_rating_opens_nothing(world: World, closed: CaseView) -> None:
    rate(world, closed, 1, tags=["quick"])
    (rating,) = queries.of_case(closed.id)
    assert (rating.level, rating.follow_up_number) == (1, "")


def test_a_bad_rating_opens_a_case_at_the_unit_with_a_day_to_verify(world: World, closed: CaseView) -> None:
    rate(world, closed, 4, words="跑了三趟")
    (rating,) = queries.of_case(closed.id)
    follow_up = cases.by_number(rating.follow_up_number)
    (task,) = follow_up.steps_open
    assert (follow_up.kind, follow_up.org_id, task.step) == ("bad-rating", closed.org_id, "verify")
    assert task.due_at is not None
    assert timedelta() < task.due_at - world.at <= timedelta(days=1, hours=14)


def test_a_bad_rating_says_what_is_wrong(world: World, closed: CaseView) -> None:
    with pytest.raises(BadRating):
        rate(world, closed, 5)


@pytest.mark.parametrize("level", [0, 6, -1])
def test_there_are_five_levels(world: World, closed: CaseView, level: int) -> None:
    with pytest.raises(BadRating):
        rate(world, closed, level)


def test_one_rating_per_channel(world: World, closed: CaseView) -> None:
    rate(world, closed, 2)
    with pytest.raises(CannotRate):
        rate(world, closed, 2)
    rate(world, closed, 2, channel=Channel.WINDOW)


def test_only_the_applicant_rates(world: World, closed: CaseView) -> None:
    with pytest.raises(NotYoursToRate):
        rate(world, closed, 1, by=world.actor("health.clerk"))


def test_the_way_from_bad_to_better(world: World, closed: CaseView) -> None:
    rate(world, closed, 5, tags=["rude"])
    follow_up = cases.by_number(queries.of_case(closed.id)[0].follow_up_number)

    def take(step: str, choice: str, who: str, grounds: str = "已联系核实") -> CaseView:
        return engine.advance(
            case_id=follow_up.id, step=step, choice=choice, by=world.actor(who), at=world.at, grounds=grounds
        )

    take("verify", "confirmed", "health.clerk")
    take("rectify", "answered", "health.approver")
    done = take("again", "better", "mother")
    assert done.outcome == "rectified"
    (rating,) = queries.of_case(closed.id)
    assert (rating.level, rating.again) == (5, 2)


def test_an_excluded_rating_is_in_no_figure(world: World, closed: CaseView) -> None:
    rate(world, closed, 5, tags=["rude"])
    follow_up = cases.by_number(queries.of_case(closed.id)[0].follow_up_number)
    engine.advance(
        case_id=follow_up.id,
        step="verify",
        choice="mistaken",
        by=world.actor("health.clerk"),
        at=world.at,
        grounds="当事人称点错了",
    )
    actions.exclude(follow_up_id=follow_up.id, by=world.actor("city.supervisor"), at=world.at)
    score = queries.place_score(world.at.date(), world.at.date())
    assert (score.rated, score.excluded, score.satisfied_percent) == (0, 1, None)


def test_silence_is_recorded_once_and_is_not_satisfaction(world: World, closed: CaseView) -> None:
    actions.invite(closed={closed.id: world.at}, by=SYSTEM, at=world.at)
    actions.invite(closed={closed.id: world.at}, by=SYSTEM, at=world.at)
    assert queries.waiting_of(world.mother.id) == [closed.id]
    assert actions.record_silence(by=SYSTEM, at=world.at + timedelta(days=2)) == 0
    later = world.at + timedelta(days=30)
    assert actions.record_silence(by=SYSTEM, at=later) == 1
    assert actions.record_silence(by=SYSTEM, at=later) == 0
    score = queries.place_score(world.at.date(), later.date())
    assert (score.rated, score.silent) == (0, 1)
    assert queries.waiting_of(world.mother.id) == []


def test_who_rated_already_is_not_invited(world: World, closed: CaseView) -> None:
    rate(world, closed, 2, channel=Channel.WINDOW)
    actions.invite(closed={closed.id: world.at}, by=SYSTEM, at=world.at)
    assert queries.waiting_of(world.mother.id) == []
