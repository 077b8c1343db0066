"""A tennis club with two courts: its posts, its flow, and shortcuts for the tests of cases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests import flows
from tests.standing import standing
from tests.world import AT, MADE_AT, World
from yiwang.kernel.base.contracts import SYSTEM, Actor
from yiwang.kernel.cases import _book, actions, contracts
from yiwang.kernel.cases.contracts import CaseView
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import AccountView, NewPost, NewStaff

HOOKS: tuple[dict[str, Any], ...] = (
    contracts.effects,
    contracts.undos,
    contracts.plans,
    contracts.rolls,
    contracts.outsides,
)
STAFF = {
    "ann": ("health", "umpire"),
    "bob": ("health", "umpire"),
    "cat": ("health", "chair"),
    "dan": ("health", "chair"),
    "far": ("other-health", "umpire"),
    "warden": ("city", "warden"),
}


@dataclass
class Club:
    """The small world with a tennis club in it."""

    world: World
    at: datetime = AT

    def actor(self, name: str) -> Actor:
        return self.world.actor(name)

    @property
    def player(self) -> Actor:
        return self.world.actor("mother")

    def open(self, flow: str = "test.flow", **more: Any) -> CaseView:
        values: dict[str, Any] = {
            "kind": "match",
            "flow": flow,
            "title": "周日比赛",
            "org_id": self.world.org("health").id,
            "region_code": "990102000000",
            "applicant_id": self.world.mother.id,
            "subject": "陈晓岚",
            "data": {"racket": "木拍"},
            "limits": {},
            "by": self.player,
            "at": self.at,
        }
        return actions.open_case(**(values | more))

    def take(self, case: CaseView, what: str, by: str | Actor, **more: Any) -> CaseView:
        """Take `step.choice` as somebody by name."""
        step, _, choice = what.partition(".")
        actor = self.actor(by) if isinstance(by, str) else by
        return actions.advance(case_id=case.id, step=step, choice=choice, by=actor, at=more.pop("at", self.at), **more)


@standing
def players(world: World) -> dict[str, AccountView]:
    """Who plays and who judges."""
    staff = [
        NewStaff(
            username=name,
            name=name,
            posts=(NewPost(world.org(office).id, post, post),),
            password_hash="!",
        )
        for name, (office, post) in STAFF.items()
    ]
    return dict(zip(STAFF, people.create_staff(staff=staff, by=SYSTEM, at=MADE_AT), strict=True))


@pytest.fixture
def club(world: World, players: dict[str, AccountView]) -> Iterator[Club]:
    """The club, with the tennis flow in force."""
    world.accounts.update(players)
    texts = (flows.TENNIS, flows.LEAGUE, flows.SINGLE, flows.WEATHER, flows.AWAY, flows.POLL, flows.CUP)
    with packs.using(flows.packs_of(*map(flows.body, texts))):
        yield Club(world)


@pytest.fixture(autouse=True)
def hooks() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    before = [dict(registry) for registry in HOOKS]
    _book.pinned.cache_clear()
    yield
    _book.pinned.cache_clear()
    for registry, kept in zip(HOOKS, before, strict=True):
        registry.clear()
        registry.update(kept)
