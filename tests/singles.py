"""Those who apply for one matter: a woman from elsewhere, a hairdresser's firm, an old man with a helper."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from tests.families import Family
from tests.journeys.outside_world import as_json
from tests.standing import standing
from tests.world import AT, MADE_AT, VILLAGE, World, make_id_number
from yiwang.data.registries import actions as registries
from yiwang.data.registries.contracts import LegalPersonRecord, PersonRecord
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.people import actions as people
from yiwang.kernel.people.contracts import IdType, MandateView, PartyKind, PartyView

PERMIT, HYGIENE, SENIOR = "992009001002", "000123020000", "992023001004"


@dataclass(frozen=True)
class Singles:
    """The world with its firm and an old man registered, and every matter published."""

    world: World
    elder: PartyView
    for_elder: MandateView  # the neighbour helps the old man
    for_firm: MandateView  # and is the firm's agent

    def code(self, base: str, office: str) -> str:
        """The item of an office of the district."""
        return f"{self.world.org(office).uscc}4{base}"

    @property
    def permit(self) -> str:
        return self.code(PERMIT, "police-household")

    @property
    def hygiene(self) -> str:
        return self.code(HYGIENE, "health")

    @property
    def senior(self) -> str:
        return self.code(SENIOR, "health")

    def residence(self, **changes: Any) -> dict[str, Any]:
        """What the mother fills in for a residence permit; a change to None takes an answer away."""
        filled: dict[str, Any] = {
            "phone": self.world.mother.phone,
            "residence_address": "安澜市临江区江畔街道柳岸社区9号",
            "lived_since": (timezone.localdate() - timedelta(days=400)).isoformat(),
            "ground": "dwelling",
            "truthful": True,
        }
        return {name: value for name, value in (filled | changes).items() if value is not None}

    def premises(self, **changes: Any) -> dict[str, Any]:
        """What the firm's agent fills in for a hygiene permit."""
        return {
            "premises_name": "清风美发",
            "premises_address": "安澜市临江区江畔街道柳岸社区11号",
            "premises_kind": "hair",
            "premises_area": "86.5",
            "has_central_air": False,
            "contact_name": "周敏",
            "contact_phone": "13900000003",
            "truthful": True,
            **changes,
        }


def act_under(client: Client, mandate: MandateView) -> Client:
    """Let a signed-in agent choose whom to act for."""
    answer = client.put("/api/login/acting", **as_json({"mandate_id": mandate.id}))
    assert answer.status_code == 200, answer.content.decode()
    return client


@standing
def singles(family: Family) -> Singles:
    world = family.world
    firm = LegalPersonRecord(
        uscc=world.firm.id_number,
        name=world.firm.name,
        kind="个人独资企业",
        legal_representative="周敏",
        representative_key=world.neighbour.subject_key,
        region_code=VILLAGE,
        address="安澜市临江区江畔街道柳岸社区11号",
        industry="居民服务",
        established_on=date(2020, 3, 3),
        capital_fen=1_000_000,
    )
    elder = people.ensure_party(
        kind=PartyKind.PERSON,
        name="林德厚",
        id_type=IdType.CITIZEN_ID,
        id_number=make_id_number("990102195301200", 77),
        phone="13900000008",
        by=SYSTEM,
        at=MADE_AT,
    )
    registries.load(people=[_old_man(elder)], firms=[firm], by=SYSTEM, at=AT)
    return Singles(world, elder, world.mandate(elder, "neighbour"), world.mandate(world.firm, "neighbour"))


def _old_man(elder: PartyView) -> PersonRecord:
    return PersonRecord(
        id_number=elder.id_number,
        name=elder.name,
        sex="1",
        born_on=date(1953, 1, 20),
        ethnicity="01",
        region_code=VILLAGE,
        address="安澜市临江区江畔街道柳岸社区8号",
        household_no="990102000000778",
        relation="02",
        phone=elder.phone,
    )
