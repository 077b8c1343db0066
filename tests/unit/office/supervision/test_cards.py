"""电子监察: what is late brings a card once; it is signed for, pleaded against, put right or lifted; only a confirmed one scores."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standing import standing
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM, Denied
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.workdays.contracts import Limit
from yiwang.office.supervision import actions, jobs, listeners, queries
from yiwang.office.supervision.contracts import BadCard, CannotIssue, CardStatus, CardView, Colour
from yiwang.office.supervision.kinds import FACTS
from yiwang.office.supervision.models import Card, Cause

# Monday 23 November 2026; the counter has one work day, so the end of Tuesday.
OVER = timedelta(days=1, hours=15)


@standing
def case(world: World) -> CaseView:
    return _open(world, world.at)


def _open(world: World, at: datetime) -> CaseView:
    return engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="社会保障卡申领",
        org_id=world.org("health").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="陈晓岚",
        data={},
        limits={"promised": Limit.parse("5 workdays")},
        by=world.actor("mother"),
        at=at,
    )


def _overdue(world: World, case: CaseView, at: datetime) -> None:
    """The sweep, and its events delivered twice."""
    engine.sweep(by=SYSTEM, at=at)
    (task,) = case.steps_open
    for _ in range(2):
        actions.watch(event="overdue", case_id=case.id, clock="step:intake", task_id=task.id, by=SYSTEM, at=at)


def _card(case: CaseView, colour: Colour = Colour.YELLOW) -> CardView:
    return next(card for card in queries.of_watched(case.id) if card.colour is colour)


def _take(world: World, card: CardView, what: str, by: str, at: datetime, grounds: str = "") -> CardView:
    step, _, choice = what.partition(".")
    case_id = cases.by_number(card.case_number).id
    engine.advance(case_id=case_id, step=step, choice=choice, grounds=grounds, by=world.actor(by), at=at)
    return queries.get(card.id)


def test_a_limit_that_runs_out_is_a_warning_first(world: World, case: CaseView) -> None:
    _overdue(world, case, world.at + OVER)
    (card,) = queries.of_watched(case.id)
    assert (card.colour, card.status, card.case_number) == (Colour.WARNING, CardStatus.NOTED, "")
    assert card.reason.startswith("已过办理时限：收件应于2026年11月24日办结")
    assert Cause.objects.count() == 1


def test_the_sweeps_event_reaches_the_listener(
    world: World, case: CaseView, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listeners.timezone, "now", lambda: world.at + OVER)
    engine.sweep(by=SYSTEM, at=world.at + OVER)
    run_jobs()
    assert [card.colour for card in queries.of_watched(case.id)] == [Colour.WARNING]


def test_a_day_later_it_is_a_yellow_card_with_a_number_and_then_a_red_one_to_be_issued(
    world: World, case: CaseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = world.at + OVER
    _overdue(world, case, at)
    for days in (1, 2, 9):
        monkeypatch.setattr(jobs.timezone, "now", lambda days=days: at + timedelta(days=days))
        jobs.review(timestamp=0)
        jobs.review(timestamp=0)
    cards = {card.colour: card for card in queries.of_watched(case.id)}
    assert len(Card.objects.all()) == 3
    yellow, red = cards[Colour.YELLOW], cards[Colour.RED]
    assert (yellow.number, yellow.status) == ("安效监黄〔2026〕第1号", CardStatus.ISSUED)
    assert (red.number, red.status) == ("", CardStatus.PROPOSED)
    red = _take(world, red, "issue.issue", "city.supervisor", at + timedelta(days=10))
    assert (red.number, red.status) == ("安效监红〔2026〕第1号", CardStatus.ISSUED)


def test_a_card_is_signed_for_accepted_and_put_right(world: World, case: CaseView) -> None:
    at = world.at + OVER + timedelta(days=1)
    _overdue(world, case, at)
    card = _card(case)
    assert (card.status, card.score) == (CardStatus.ISSUED, 0)
    _take(world, card, "sign.signed", "health.approver", at)
    card = _take(world, card, "plea.accept", "health.approver", at)
    assert (card.status, card.score) == (CardStatus.CONFIRMED, 2)
    _take(world, card, "rectify.reported", "health.approver", at, "已增派窗口人员")
    card = _take(world, card, "check.passed", "city.supervisor", at)
    assert (card.status, card.score) == (CardStatus.RECTIFIED, 2)
    (figure,) = queries.figures(world.actor("city.supervisor"), world.at.date(), at.date())
    assert (figure.org_id, figure.yellow, figure.score, figure.open) == (case.org_id, 1, 2, 0)


def test_a_plea_that_convinces_lifts_the_card_and_it_does_not_score(world: World, case: CaseView) -> None:
    at = world.at + OVER + timedelta(days=1)
    _overdue(world, case, at)
    card = _card(case)
    _take(world, card, "sign.signed", "health.approver", at)
    _take(world, card, "plea.plead", "health.approver", at, "系统故障，有记录")
    card = _take(world, card, "review.lifted", "city.supervisor", at, "故障属实")
    assert (card.status, card.score) == (CardStatus.LIFTED, 0)
    (figure,) = queries.figures(world.actor("city.supervisor"), world.at.date(), at.date())
    assert (figure.yellow, figure.lifted, figure.score) == (0, 1, 0)


def test_who_is_silent_has_signed_and_accepted(world: World, case: CaseView) -> None:
    at = world.at + OVER + timedelta(days=1)
    _overdue(world, case, at)
    for days in (3, 9):
        engine.sweep(by=SYSTEM, at=at + timedelta(days=days))
    card = _card(case)
    assert (card.status, card.score) == (CardStatus.CONFIRMED, 2)
    assert [task.step for task in cases.by_number(card.case_number).steps_open] == ["rectify"]


def test_a_unit_decides_nothing_about_its_own_card(world: World, case: CaseView) -> None:
    at = world.at + OVER + timedelta(days=1)
    _overdue(world, case, at)
    card = _card(case)
    _take(world, card, "sign.signed", "health.approver", at)
    _take(world, card, "plea.plead", "health.approver", at, "理由")
    with pytest.raises(Denied):
        _take(world, card, "review.lifted", "health.approver", at, "自己撤")


def test_a_card_on_its_way_is_not_late_itself(world: World, case: CaseView) -> None:
    at = world.at + OVER + timedelta(days=1)
    _overdue(world, case, at)
    found = cases.by_number(_card(case).case_number)
    actions.watch(event="overdue", case_id=found.id, clock="signing", by=SYSTEM, at=at + timedelta(days=5))
    assert queries.of_watched(found.id) == []


def test_an_applicants_delay_is_nobodys_card(world: World, case: CaseView) -> None:
    clerk = world.actor("health.clerk")
    form = {"problems": {}}
    waiting = engine.advance(
        case_id=case.id, step="intake", choice="correct", grounds="缺照片", form=form, by=clerk, at=world.at
    )
    (task,) = waiting.steps_open
    actions.watch(
        event="overdue", case_id=case.id, clock="step:correction", task_id=task.id, by=SYSTEM, at=world.at + OVER * 30
    )
    assert queries.of_watched(case.id) == []


def test_work_done_in_the_meantime_ends_the_watch(
    world: World, case: CaseView, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = world.at + OVER
    _overdue(world, case, at)
    clerk = world.actor("health.clerk")
    engine.advance(case_id=case.id, step="intake", choice="accept", by=clerk, at=at + timedelta(hours=1))
    monkeypatch.setattr(jobs.timezone, "now", lambda: at + timedelta(days=20))
    jobs.review(timestamp=0)
    assert [card.colour for card in queries.of_watched(case.id)] == [Colour.WARNING]
    assert not Cause.objects.filter(settled_at=None).exists()


def test_the_third_urging_proposes_a_card(world: World, case: CaseView) -> None:
    for number in range(3):
        at = world.at + timedelta(days=2 * number)
        engine.urge(case_id=case.id, by=world.actor("mother"), at=at)
        listeners.urged(payload={"case_id": case.id}, at=at)
    card = _card(case)
    assert (card.status, card.reason) == (CardStatus.PROPOSED, "同一办件被催办三次以上：已催办3次")


def test_a_supervisor_gives_out_a_card_by_hand(world: World, case: CaseView) -> None:
    by = world.actor("city.supervisor")
    card = actions.issue(case_number=case.number, colour=Colour.RED, reason="拒不受理", by=by, at=world.at)
    assert (card.number, card.status, card.reason) == ("安效监红〔2026〕第1号", CardStatus.ISSUED, "拒不受理")
    with pytest.raises(BadCard):
        actions.issue(case_number=case.number, colour=Colour.RED, reason=" ", by=by, at=world.at)
    with pytest.raises(CannotIssue):
        actions.issue(case_number=card.case_number, colour=Colour.RED, reason="牌上加牌", by=by, at=world.at)
    with pytest.raises(Denied):
        actions.issue(
            case_number=case.number, colour=Colour.RED, reason="越权", by=world.actor("health.approver"), at=world.at
        )


def test_a_card_ended_by_force_is_lifted(world: World, case: CaseView) -> None:
    by = world.actor("city.supervisor")
    card = actions.issue(case_number=case.number, colour=Colour.YELLOW, reason="误发", by=by, at=world.at)
    found = engine.terminate(case_id=cases.by_number(card.case_number).id, reason="误发", by=by, at=world.at)
    payload = {"kind": found.kind, "case_id": found.id, "outcome": found.outcome}
    listeners.closed(payload=payload, at=world.at)
    assert queries.get(card.id).status is CardStatus.LIFTED


def test_lists_show_ones_own_units_only(world: World, case: CaseView) -> None:
    by = world.actor("city.supervisor")
    card = actions.issue(case_number=case.number, colour=Colour.YELLOW, reason="超期", by=by, at=world.at)
    for reader, sees in (("city.supervisor", 1), ("health.approver", 1), ("other-health.approver", 0)):
        assert [row.id for row in queries.listed(world.actor(reader)).items] == [card.id] * sees
        assert len(queries.figures(world.actor(reader), world.at.date(), world.at.date())) == sees


def test_lists_cost_the_same_for_many(world: World, django_assert_num_queries: Callable[..., object]) -> None:
    by = world.actor("city.supervisor")
    for _ in range(4):
        opened = _open(world, world.at)
        actions.issue(case_number=opened.number, colour=Colour.YELLOW, reason="超期", by=by, at=world.at)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(queries.listed(by).items) == 4


GRADES = st.fixed_dictionaries(
    {
        "over_days": st.integers(0, 30),
        "same_unit_this_month": st.integers(0, 9),
        "urged_times": st.integers(0, 9),
        "event": st.sampled_from(["overdue", "urged"]),
    }
)


@given(GRADES)
def test_a_day_more_never_brings_a_milder_card(facts: dict[str, object]) -> None:
    from tests.world import place_packs
    from yiwang.kernel.packs import queries as packs

    with packs.using(place_packs()):
        policy = queries.policy()
        assert policy is not None
        blank: dict[str, object] = dict.fromkeys(FACTS, "")
        now, later = (
            policy.judge(blank | facts | {"over_days": int(str(facts["over_days"])) + more}) for more in (0, 1)
        )
    assert (now.card.grade if now else -1) <= (later.card.grade if later else -1)
