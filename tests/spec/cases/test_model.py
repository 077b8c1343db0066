"""Random flows, random actors, crashes and rivals: the engine against a slow model that is worked out anew each time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from random import Random
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests import flows
from tests.spec.cases.hung_in import Rival, parts, soft
from tests.spec.cases.maker import Maker
from tests.spec.cases.model import Done, Model, NotPossible
from tests.spec.cases.play import ACTORS, Play, Player
from tests.unit.kernel.cases.conftest import Club
from yiwang.kernel.base.contracts import SYSTEM, Actor, Conflict, Denied
from yiwang.kernel.cases import _book, actions, contracts
from yiwang.kernel.cases._check import findings
from yiwang.kernel.cases.kinds import ApplicantStep, FlowPack
from yiwang.kernel.packs import queries as packs

RANDOMS = st.randoms(use_true_random=False)
UNHURRIED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
UNHURRIED += [HealthCheck.filter_too_much, HealthCheck.large_base_example]


def made(random: Random, *, is_whole: bool = False) -> FlowPack:
    maker = Maker(random, has_parts=random.random() < 0.3)
    body = maker.whole() if is_whole else maker.flow()
    wrong = findings(body)
    # An empty round or plan may close a circle of steps that nobody attends.
    if wrong:
        reject()
    return body


def played(club: Club, random: Random, steps: int, *, is_whole: bool = False) -> None:
    body = made(random, is_whole=is_whole)
    contracts.register_effect("model.soft", soft, undo=lambda context: None)
    contracts.register_effect("model.hard", lambda context: None)
    contracts.register_effect("test.score", lambda context: None)
    contracts.register_plan("model.parts", parts(club.world))
    contracts.register_outside("rival", Rival())
    _book.pinned.cache_clear()
    with packs.using(flows.packs_of(body, flows.body(flows.SINGLE))), transaction.atomic():
        play = Play(club.world, body, club.at, actors_of(club))
        play.open()
        play.compare()
        player = Player(play, random, is_whole)
        for _ in range(steps):
            player.step()
            if play.model().is_over and not is_whole:
                break
        transaction.set_rollback(True)


def actors_of(club: Club) -> dict[str, Actor]:
    names = [name for name in ACTORS if name != "system"]
    return {**{name: club.actor(name) for name in [*names, "warden"]}, "system": SYSTEM}


@settings(max_examples=4, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_cases_agree_with_the_slow_model(club: Club, random: Random) -> None:
    played(club, random, 14)


@settings(max_examples=2, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_limits_decisions_and_systems_outside_agree_too(club: Club, random: Random) -> None:
    played(club, random, 14, is_whole=True)


@pytest.mark.parametrize("seed", [2045, 2055])
def test_what_once_failed(club: Club, seed: int) -> None:
    played(club, Random(seed), 30)


@pytest.mark.slow
@settings(max_examples=2500, derandomize=False, print_blob=True, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_cases_agree_with_the_slow_model_at_length(club: Club, random: Random) -> None:
    played(club, random, 40)


@pytest.mark.slow
@settings(max_examples=600, derandomize=False, print_blob=True, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_limits_decisions_and_systems_outside_agree_too_at_length(club: Club, random: Random) -> None:
    played(club, random, 40, is_whole=True)


def rivals(club: Club, random: Random) -> None:
    """Two act in the same moment: what came of it is what one of the two orders would have brought."""
    body = made(random).model_copy(update={"id": f"test.rivals{random.getrandbits(48)}"})
    contracts.register_effect("model.soft", soft, undo=lambda context: None)
    contracts.register_effect("model.hard", lambda context: None)
    contracts.register_plan("model.parts", parts(club.world))
    # Two examples may draw the same id.
    _book.pinned.cache_clear()
    with packs.using(flows.packs_of(body, flows.body(flows.SINGLE))):
        play = Play(club.world, body, club.at, actors_of(club))
        play.open()
        for _ in range(6):
            model = play.settle()
            if model.is_over:
                return
            both = [_something(random, model, play), _something(random, model, play)]
            refused = at_once(play, both)
            play.done = _ordered(play, both, refused)
            play.compare()
        if play.case.is_open:
            actions.terminate(case_id=play.case_id, reason="完", by=SYSTEM, at=play.at)


def _something(random: Random, model: Model, play: Play) -> Done:
    takeable = [place for place in sorted(model.open) if model.offered(place)]
    if not takeable or random.random() < 0.1:
        return Done("close", how="terminated", at=play.at)
    place = random.choice(takeable)
    return Done("take", place, random.choice(model.offered(place)), play.at)


def at_once(play: Play, both: list[Done]) -> list[bool]:
    """Do both in threads of their own; whether each was refused."""
    barrier = Barrier(2)

    def run(one: Done) -> bool:
        try:
            barrier.wait()
            _doing(play, one)()
        except (Conflict, Denied):
            return True
        finally:
            connection.close()
        return False

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, both))


def _doing(play: Play, one: Done) -> Callable[[], object]:
    step, _, instance = one.place.partition("#")
    if one.what == "close":
        return lambda: actions.terminate(case_id=play.case_id, reason="停", by=SYSTEM, at=play.at)
    part = play.body.steps[step]
    by = play.actors["mother"] if isinstance(part, ApplicantStep) else SYSTEM
    return lambda: actions.advance(
        case_id=play.case_id, step=step, instance=instance, choice=one.how, by=by, at=play.at
    )


def _ordered(play: Play, both: list[Done], refused: list[bool]) -> list[Done]:
    """What was done, in an order in which just those were refused that were, and that leads to where the case stands."""
    places = {f"{task.step}#{task.instance}" if task.instance else task.step for task in play.case.steps_open}
    for order in permutations(range(2)):
        done, failed = list(play.done), [False, False]
        for index in order:
            try:
                play.model([*done, both[index]])
            except NotPossible:
                failed[index] = True
            else:
                done.append(both[index])
        if failed == refused and play.model(done).open == places:
            return done
    raise AssertionError(("no order explains it", both, refused, sorted(places), play.done))


@pytest.mark.django_db(transaction=True)
@settings(max_examples=4, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_rivals_are_served_one_after_the_other(club: Club, random: Random) -> None:
    rivals(club, random)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@settings(max_examples=400, derandomize=False, print_blob=True, suppress_health_check=UNHURRIED)
@given(RANDOMS)
def test_rivals_are_served_one_after_the_other_at_length(club: Club, random: Random) -> None:
    rivals(club, random)
