"""A married couple in the registers and the matters of the packs in force: what a birth needs to be filed."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.standing import standing
from tests.world import AT, DISTRICT, VILLAGE, World
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import HouseholdRecord, MarriageRecord, PersonRecord
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people.contracts import PartyView
from yiwang.services.matters import actions as matters

BOOK = "990102000000777"
ADDRESS = "安澜市临江区江畔街道柳岸社区7号"


@dataclass(frozen=True)
class Family:
    """The world with its mother and father married, registered in one household, and every matter published."""

    world: World
    journey_id: str = "anlan.birth.one-thing"
    region: str = DISTRICT

    def answers(self, **changes: Any) -> dict[str, Any]:
        """What the mother fills in; what the registers know is left out. A change to None takes an answer away."""
        filled: dict[str, Any] = {
            "children": [child()],
            "institution": self.world.org("hospital").name,
            "mother_phone": self.world.mother.phone,
            "has_father": True,
            "parents_married": True,
            "register_here": True,
            "settle_with": "mother",
            "householder_is_parent": True,
            "household_kind": "1",
            "card_bank": "102",
            "wants_benefit": False,
            "wants_guidance": False,
            "delivery_wanted": False,
            "informed": True,
        }
        return {name: value for name, value in (filled | changes).items() if value is not None}


def child(name: str = "林小满", sex: str = "2", born_at: str = "2026-11-20T08:30") -> dict[str, Any]:
    return {"child_name": name, "child_sex": sex, "child_born_at": born_at, "child_ethnicity": "01"}


@standing
def family(world: World) -> Family:
    people = [_person(world.mother, "2", "10"), _person(world.father, "1", "02")]
    home = HouseholdRecord(BOOK, "family", VILLAGE, ADDRESS, world.father.subject_key)
    wedding = MarriageRecord(
        "J990102-2020-000077", world.father.subject_key, world.mother.subject_key, date(2020, 5, 20), "临江区民政局"
    )
    registries.load(people=people, households=[home], marriages=[wedding], by=SYSTEM, at=AT)
    # A year earlier, so that the matters are in force on whatever day a test of pages runs.
    matters.publish(by=SYSTEM, at=AT - timedelta(days=365))
    return Family(world)


def _person(party: PartyView, sex: str, relation: str) -> PersonRecord:
    return PersonRecord(
        id_number=party.id_number,
        name=party.name,
        sex=sex,
        born_on=date.fromisoformat(f"{party.id_number[6:10]}-{party.id_number[10:12]}-{party.id_number[12:14]}"),
        ethnicity="01",
        region_code=VILLAGE,
        address=ADDRESS,
        household_no=BOOK,
        relation=relation,
        phone=party.phone,
    )
