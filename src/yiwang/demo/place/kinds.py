"""Pack kinds of a demo place: its bodies, its accounts and the name parts of its people."""

import random
from datetime import date

from pydantic import Field

from yiwang.kernel.packs.contracts import PackModel, PackPart, register

PLACE, NAMES = "DemoPlace", "Names"


class RegionPart(PackPart):
    """One division and, below a county, its towns with their villages."""

    code: str
    name: str
    towns: dict[str, list[str]] = Field(default_factory=dict)


class StaffPart(PackPart):
    """One account per organisation of a kind: its user name is `<region alias>.<suffix>`."""

    suffix: str
    post: str
    title: str
    backup: bool = False


class OrganisationPart(PackPart):
    """A body, made once for each region listed; `{region}` in texts is the region's name."""

    kind: str
    name: str
    short: str
    mark: str = ""
    regions: list[str]
    parent: str = ""
    phone: str = ""
    address: str = ""
    staff: list[StaffPart] = Field(default_factory=list)


class ResidentPart(PackPart):
    """A named resident with an account, placed in a village."""

    username: str
    name: str
    sex: str
    born_on: date
    village: str
    phone: str
    spouse: str = ""
    scheme: str = "medical-resident"
    note: str = ""


class MandatePart(PackPart):
    principal: str
    agent: str
    scope: str
    document_no: str


class DemoPlace(PackModel):
    """A whole made-up place."""

    password: str
    aliases: dict[str, str]
    regions: list[RegionPart]
    organisations: list[OrganisationPart]
    residents: list[ResidentPart]
    mandates: list[MandatePart] = Field(default_factory=list)


class Names(PackModel):
    """Name parts, the frequent ones first; weights fall with rank."""

    city: str
    surnames: str
    compound_surnames: list[str]
    male: str
    female: str
    rare: str
    minorities: list[str]
    brands: str
    trades: dict[str, str]

    def surname(self, chance: random.Random) -> str:
        if chance.random() < 0.004:
            return chance.choice(self.compound_surnames)
        return _ranked(chance, self.surnames)

    def given(self, chance: random.Random, *, male: bool) -> str:
        signs = self.male if male else self.female
        if chance.random() < 0.002:
            return chance.choice(self.rare)
        length = 1 if chance.random() < 0.18 else 2
        return "".join(_ranked(chance, signs) for _ in range(length))

    def somebody(self, chance: random.Random) -> str:
        """A whole name, of a man or a woman."""
        return self.surname(chance) + self.given(chance, male=chance.random() < 0.5)

    def minority(self, chance: random.Random) -> str:
        return chance.choice(self.minorities)

    def brand(self, chance: random.Random) -> str:
        return chance.choice(self.brands) + chance.choice(self.brands)

    def trade(self, chance: random.Random) -> tuple[str, str]:
        """A trade word of a firm's name and its industry."""
        word = chance.choice(list(self.trades))
        return word, self.trades[word]


def _ranked(chance: random.Random, signs: str) -> str:
    return signs[int(len(signs) * chance.random() ** 2)]


def register_kinds() -> None:
    register(PLACE, DemoPlace)
    register(NAMES, Names)
