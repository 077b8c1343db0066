"""What made-up registers of people and of firms have in common: names and addresses to choose from, and errors."""

from dataclasses import dataclass

import numpy as np

from yiwang.demo.place._doubles_kinds import Doubles
from yiwang.demo.place._draws import Draws, Truth, Whole
from yiwang.demo.place.kinds import DemoPlace, Names


@dataclass(frozen=True, slots=True)
class Ground:
    """What names and addresses are made of: villages of the place, then other counties, of which only the name is known."""

    pack: Doubles
    names: Names
    towns: list[dict[str, str]]
    local: int
    counties: list[str]
    seed: int

    @classmethod
    def of(cls, pack: Doubles, names: Names, place: DemoPlace, seed: int) -> "Ground":
        province, city = place.regions[0].name, place.regions[1].name
        counties = [region for region in place.regions if region.towns]
        rests = [
            f"{county.name}{town}{village}"
            for county in counties
            for town, villages in county.towns.items()
            for village in villages
        ]
        towns = [{"whole": province + city + rest, "city": city, "rest": rest} for rest in rests]
        for whole in pack.elsewhere.values():
            inside = whole.partition("省")[2]
            name, sign, rest = inside.partition("市")
            towns.append({"whole": whole, "city": name + sign, "rest": rest})
        codes = [*(county.code[:6] for county in counties), *pack.elsewhere]
        return cls(pack, names, towns, len(counties), codes, seed)

    @property
    def roads(self) -> list[str]:
        words = [self.pack.roads[place : place + 2] for place in range(0, len(self.pack.roads), 2)]
        return [word + form for word in words for form in self.pack.road_forms]


class Wrong:
    """Which records have which error; only what changed something is marked."""

    def __init__(self, draws: Draws, may: Truth, shares: dict[str, float], codes: list[str]) -> None:
        self._draws, self._may, self._shares, self._codes = draws, may, shares, codes
        self.bits = np.zeros(len(may), np.int64)

    def marks(self, code: str, changes: Truth | None = None) -> Truth:
        marked = self._may & self._draws.happens(f"error-{code}", self._shares.get(code, 0.0))
        if changes is not None:
            marked &= changes
        if code in self._codes:
            self.bits |= marked.astype(np.int64) << self._codes.index(code)
        return marked


def choose(otherwise: Whole, *cases: tuple[Truth, Whole | int]) -> Whole:
    return np.select([case for case, _ in cases], [value for _, value in cases], otherwise)


def phone(draws: Draws, purpose: str) -> Whole:
    return 13_000_000_000 + draws.below(f"{purpose}-phone", 7_000_000_000)


def address(draws: Draws, purpose: str, ground: Ground, *, abroad: float) -> dict[str, Whole]:
    towns, away = len(ground.towns), len(ground.counties) - ground.local
    at_home = draws.below(f"{purpose}-place", towns - away)
    gone = towns - away + draws.below(f"{purpose}-away", away)
    flat = draws.happens(f"{purpose}-flat", 0.7)
    return {
        "place": np.where(draws.happens(f"{purpose}-abroad", abroad), gone, at_home),
        "road": draws.below(f"{purpose}-road", len(ground.roads)),
        "house": 1 + draws.below(f"{purpose}-house", 300),
        "building": np.where(flat, 1 + draws.below(f"{purpose}-building", 30), 0),
        "unit": 1 + draws.below(f"{purpose}-unit", 4),
        "room": 101 + 100 * draws.below(f"{purpose}-floor", 18) + draws.below(f"{purpose}-room", 4),
    }
