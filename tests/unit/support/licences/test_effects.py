"""The household authority gives a child its number: the certificate follows, if it is ours."""

import pytest

from tests.unit.support.licences.conftest import Issue
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.fields import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.support.licences import _effects, queries

PARAMS = {"type": "birth-certificate", "number": "birth_certificate_no", "id_number": "child_id_number"}


def granted(world: World, number: str, id_number: str) -> EffectContext:
    case = engine.open_case(
        kind="application",
        flow="standard.public-service",
        title="出生登记",
        org_id=world.org("police-household").id,
        region_code="990102000000",
        applicant_id=world.mother.id,
        subject="林安",
        data={"answers": {"birth_certificate_no": number}},
        limits={},
        by=world.actor("mother"),
        at=world.at,
    )
    return EffectContext(case, "household", "granted", {"child_id_number": id_number}, "", SYSTEM, world.at, PARAMS)


def test_the_certificate_is_tied_to_the_new_number(issue: Issue, world: World) -> None:
    licence, number = issue(), world.neighbour.id_number
    told = _effects.identify_holder(granted(world, licence.number, number))
    assert told == {"identified": licence.id}
    assert queries.holds(sealed_index(number), "birth-certificate", on=world.at.date())


@pytest.mark.parametrize(("number", "id_number"), [("Q269999999", "990102202611200012"), ("", ""), ("Q260000001", "")])
def test_what_is_not_ours_is_left_alone(issue: Issue, world: World, number: str, id_number: str) -> None:
    issue()
    assert _effects.identify_holder(granted(world, number, id_number)) == {}
