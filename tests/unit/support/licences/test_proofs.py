"""电子证明: what the registries say is proved at once; what they do not say is refused with where to go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.unit.support.licences.test_registers import register
from tests.world import AT, World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.support.licences import actions, queries
from yiwang.support.licences.contracts import CannotProve, Status
from yiwang.support.licences.models import Licence

As = Callable[[str], Client]
PURPOSE = "柳岸小学入学"


def test_what_the_registries_say_is_proved_at_once(world: World, client_as: As, client: Client) -> None:
    register(world)
    mother = client_as("mother")
    assert "现在开不了" not in mother.get("/my/proofs/residence-proof").content.decode()
    page = mother.get("/my/proofs/residence-proof", {"purpose": PURPOSE}).content.decode()
    assert all(words in page for words in (world.mother.name, "柳岸社区1号", "临江区公安分局", PURPOSE))
    assert Licence.objects.count() == 0
    answer = mother.post("/my/proofs/residence-proof", {"purpose": PURPOSE})
    made = queries.of_holder(world.mother.subject_key)[0]
    assert answer["Location"] == f"/my/licences/{made.id}"
    assert made.status is Status.VALID
    assert made.valid_to == timezone.localdate() + timedelta(days=89)
    assert "柳岸社区1号" in mother.get(answer["Location"]).content.decode()
    told = client.get(f"/v/{made.verify_code}").content.decode()
    assert PURPOSE in told
    assert "柳岸社区1号" not in told
    assert mother.post("/my/proofs/residence-proof", {"purpose": PURPOSE})["Location"] == answer["Location"]
    mother.post("/my/proofs/residence-proof", {"purpose": "公积金提取"})
    assert Licence.objects.count() == 2


@pytest.mark.parametrize(
    ("type_id", "says"),
    [("household-proof", "林建国"), ("marriage-proof", "J990102-2020-000001")],
)
def test_households_and_marriages_are_proved_too(world: World, type_id: str, says: str) -> None:
    register(world)
    sheet = queries.proof_sheet(type_id, world.mother, PURPOSE, on=AT.date())
    assert says in [line.value for line in sheet.lines]


def test_what_does_not_stand_is_refused_with_where_to_go(world: World, client_as: As) -> None:
    register(world)
    page = client_as("mother").get("/my/proofs/insurance-proof").content.decode()
    assert "没有查到您正在参加的医疗保险" in page
    assert "医疗保障经办机构" in page
    for who, type_id, purpose in (
        ("mother", "insurance-proof", PURPOSE),
        ("neighbour", "residence-proof", PURPOSE),
        ("mother", "residence-proof", " "),
        ("mother", "residence-proof", "字" * 41),
        ("mother", "birth-certificate", PURPOSE),
    ):
        holder = world.mother if who == "mother" else world.neighbour
        with pytest.raises(CannotProve):
            actions.open_proof(type_id=type_id, purpose=purpose, holder=holder, by=world.actor(who), at=AT)
    assert Licence.objects.count() == 0


def test_the_list_says_which_of_the_hundred_are_opened_here_and_counts_its_own(world: World, client: Client) -> None:
    register(world)
    actions.open_proof(type_id="residence-proof", purpose=PURPOSE, holder=world.mother, by=SYSTEM, at=AT)
    listed = queries.listed_proofs()
    assert len(listed) == 100
    assert {each.type_id: each.times for each in listed if each.type_id} == {
        "residence-proof": 1,
        "household-proof": 0,
        "insurance-proof": 0,
        "marriage-proof": 0,
    }
    page = client.get("/proofs").content.decode()
    assert "常见的100种证明，能在这里开的4种" in page
    assert page.count("还不能，请到出具单位") == 96
