"""The kinds of a tennis club: a nonsense business that proves packs know none."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time
from typing import Any, ClassVar

from pydantic import model_validator

from yiwang.kernel.packs import _registry
from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, register


class Surface(PackModel):
    speed: int = 1


class Opening(PackPart):
    opens: time
    closes: time
    minutes: int

    @model_validator(mode="after")
    def _in_order(self) -> "Opening":
        if self.opens >= self.closes:
            raise PackFault("关门早于开门", "请把 closes 写得比 opens 晚")
        return self


class Rate(PackPart):
    name: str
    cents: int


class Booking(PackPart):
    given: str
    minutes: int
    then: int


class Court(PackModel):
    kind_title: ClassVar[str] = "球场"
    field_names: ClassVar = {"rates": "价目", "cents": "价格", "opening": "开放时间"}
    overridable: ClassVar[frozenset[str]] = frozenset({"rates", "opening.closes"})

    surface: PackId
    opening: Opening
    rates: tuple[Rate, ...]
    examples: tuple[Booking, ...] = ()


class Team(PackPart):
    name: str
    players: int
    note: str = ""


class League(PackModel):
    """Teams that a lower place may change one by one; each place has its own league table."""

    overridable: ClassVar[frozenset[str]] = frozenset({"teams", "fines.amount", "fines.reason", "season.ends"})
    named_lists: ClassVar = {"teams": "name", "fines": "name"}
    by_region: ClassVar[bool] = True

    season: Mapping[str, str]
    teams: tuple[Team, ...]
    fines: tuple[Mapping[str, Any], ...] = ()


def surface_exists(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    if not packs.find("Surface", pack.as_type(Court).surface):
        known = "、".join(packs.ids("Surface"))
        yield pack.problem("surface", f"没有场地面层“{pack.as_type(Court).surface}”。", f"可用的有：{known}。")


def bookings_cost(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    court = pack.as_type(Court)
    for index, example in enumerate(court.examples):
        cents = next(rate.cents for rate in court.rates if rate.name == example.given)
        cost = cents * example.minutes // court.opening.minutes
        if cost != example.then:
            yield pack.problem(("examples", index, "then"), f"算出来是 {cost}。", "请核对例子或价目。")


@contextmanager
def tennis() -> Iterator[None]:
    """The kinds, declared for the length of a block."""
    before = dict(_registry._kinds)
    register("Surface", Surface)
    register("League", League)
    register("Court", Court, check=surface_exists, examples=bookings_cost)
    try:
        yield
    finally:
        _registry._kinds.clear()
        _registry._kinds.update(before)
