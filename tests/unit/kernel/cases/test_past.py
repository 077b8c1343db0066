"""Cases of elsewhere are taken over with their own times, numbers without gaps, and nothing runs."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.world import World
from yiwang.kernel.base.codes import mod_11_10
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import actions, queries
from yiwang.kernel.cases._past import NotByHand
from yiwang.kernel.cases.contracts import BadPast, PastCase
from yiwang.kernel.cases.models import Case, CaseEvent, Clock, Task

pytestmark = pytest.mark.django_db
FLOW = "standard.public-service"


def past(world: World, days: int, *, long: int = 3, outcome: str = "granted") -> PastCase:
    opened = timezone.now() - timedelta(days=days)
    org = world.org("health")
    return PastCase(
        "历史办件", org.id, org.region_code, outcome, opened, opened + timedelta(days=long), subject="王某某"
    )


def test_they_keep_their_times_and_are_closed(world: World) -> None:
    made = actions.record_past(
        kind="application", flow=FLOW, cases=[past(world, 900), past(world, 20)], by=SYSTEM, at=timezone.now()
    )
    case = queries.peek(made[0].id)
    assert not case.is_open
    assert (timezone.now() - case.opened_at).days == 900
    assert case.outcome == "granted"
    assert not Task.objects.filter(case__in=[one.id for one in made]).exists()
    assert not Clock.objects.filter(case__in=[one.id for one in made]).exists()
    told = queries.history(made[0].id)
    assert [one.kind for one in told] == ["opened", "closed"]
    assert all(one.recorded_at - one.effective_at > timedelta(days=800) for one in told)


def test_numbers_go_on_without_gaps(world: World) -> None:
    first = actions.record_past(
        kind="application", flow=FLOW, cases=[past(world, 50)] * 3, by=SYSTEM, at=timezone.now()
    )
    second = actions.record_past(kind="application", flow=FLOW, cases=[past(world, 50)], by=SYSTEM, at=timezone.now())
    heads = {one.number[:14] for one in first}
    serials = [int(one.number[14:20]) for one in [*first, *second] if one.number[:14] in heads]
    assert serials == list(range(serials[0], serials[0] + len(serials)))
    assert all(mod_11_10(one.number[:-1]) == one.number[-1] for one in first)
    codes = set(Case.objects.filter(pk__in=[one.id for one in first]).values_list("query_code", flat=True))
    assert len(codes) == 3


def test_what_cannot_be_is_refused_whole(world: World) -> None:
    wrong = [past(world, 20), past(world, 20, long=-1), past(world, 1, long=5), past(world, 20, outcome="no-such")]
    with pytest.raises(BadPast) as said:
        actions.record_past(kind="application", flow=FLOW, cases=wrong, by=SYSTEM, at=timezone.now())
    assert [place.where for place in said.value.places] == ["cases.1", "cases.2", "cases.3"]
    assert not CaseEvent.objects.exists()


def test_nobody_takes_history_over_by_hand(world: World) -> None:
    with pytest.raises(NotByHand):
        actions.record_past(
            kind="application", flow=FLOW, cases=[past(world, 20)], by=world.actor("health.clerk"), at=timezone.now()
        )
