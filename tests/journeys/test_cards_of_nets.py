"""A unit that never signs, an incident that nobody sees to: both come to a card of supervision at the unit that owes the step."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.hotline import Hotline
from tests.streets import Street
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import UrgedTooOften
from yiwang.office.supervision import listeners, queries
from yiwang.office.supervision.contracts import CardStatus, Colour

Jobs = Callable[[], int]


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch, run_jobs: Jobs) -> Callable[[datetime], None]:
    """Let the limits of a moment run out and everything follow that follows."""

    def sweep(at: datetime) -> None:
        monkeypatch.setattr(listeners.timezone, "now", lambda: at)
        engine.sweep(by=SYSTEM, at=at)
        run_jobs()

    return sweep


def test_a_unit_that_never_signs_for_a_ticket_gets_a_card(hotline: Hotline, swept: Callable[[datetime], None]) -> None:
    ticket = hotline.dispatched()
    swept(hotline.at + timedelta(days=4))
    (card,) = queries.of_watched(ticket.case_id)
    assert (card.colour, card.status, card.org_id) == (Colour.YELLOW, CardStatus.ISSUED, hotline.org("city-upkeep").id)
    assert card.number


def test_a_unit_that_puts_nothing_right_gets_a_card(street: Street, swept: Callable[[datetime], None]) -> None:
    done = street.report()
    street.take(done.case_number, "street.desk", "file", "file")
    street.take(done.case_number, "street.desk", "dispatch", "dispatch")
    swept(street.world.at + timedelta(days=4))
    cards = queries.of_watched(cases.by_number(done.case_number).id)
    assert {(card.colour, card.org_id) for card in cards} == {(Colour.YELLOW, street.offices["cleaning"].id)}


def test_an_incident_that_is_urged_three_times_is_proposed_for_a_card(
    street: Street, monkeypatch: pytest.MonkeyPatch, run_jobs: Jobs
) -> None:
    done = street.report()
    case = cases.by_number(done.case_number)
    for days in range(3):
        at = street.world.at + timedelta(days=days)
        monkeypatch.setattr(listeners.timezone, "now", lambda at=at: at)
        engine.urge(case_id=case.id, by=street.actor("street.desk"), at=at, words="请尽快")
        run_jobs()
    with pytest.raises(UrgedTooOften):
        engine.urge(case_id=case.id, by=street.actor("street.desk"), at=at)
    (card,) = queries.of_watched(case.id)
    assert (card.colour, card.status) == (Colour.YELLOW, CardStatus.PROPOSED)
